import { describe, expect, test } from 'vitest';
import { compilePhrase } from './phrase.ts';

const slots = { node: '#?\\d+' };

describe('a phrase', () => {
  test.each([
    ['stop [it|all of it]', ['stop', 'stop it', 'stop all of it'], ['stop all', "don't stop", 'stop it now']],
    ['(go|carry) on|resume', ['go on', 'carry on', 'resume'], ['go', 'on', 'go on resume']],
    ['[please] help', ['help', 'please help'], ['please', 'helpful', '']],
  ])('%s matches whole texts only', (phrase, yes, no) => {
    const match = compilePhrase(phrase, slots);
    for (const text of yes) expect(match(text)).toEqual({});
    for (const text of no) expect(match(text)).toBeNull();
  });

  test('says what its slots have caught', () => {
    const match = compilePhrase('why did <node> beat <node> [and <node>]', slots);
    expect(match('why did 9 beat #4')).toEqual({ node: ['9', '#4'] });
    expect(match('why did 9 beat #4 and 5')).toEqual({ node: ['9', '#4', '5'] });
  });

  test('that is not well formed is refused', () => {
    for (const phrase of ['stop [it', 'stop (it', 'stop <everything>'])
      expect(() => compilePhrase(phrase, slots)).toThrow();
  });
});
