import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../lib/rng.ts';
import { decontaminate } from './decontaminate.ts';
import { normalise } from './text.ts';

const item = (prompt: string, completion = 'x'): { id: string; prompt: string; completion: string } => ({
  id: prompt,
  prompt,
  completion,
});
const sentence = (seed: number, words: number): string => {
  const rng = createRng(seed);
  return Array.from({ length: words }, () => `w${rng.int(5000)}`).join(' ');
};

describe('decontaminate', () => {
  it('removes the same prompt in any spelling', () => {
    const rows = [item('The 3rd of March'), item('the 3rd, of MARCH!', 'y'), item('the 4th of March')];
    const { kept, removed, examples } = decontaminate(rows, [item('the 3rd of march')]);
    expect(kept.map((row) => row.prompt)).toEqual(['the 4th of March']);
    expect(removed).toBe(2);
    expect(examples[0]).toEqual({ prompt: 'The 3rd of March', reason: 'same prompt' });
  });

  it('removes rows that share 13 words in a row, in prompt or completion, but not 12', () => {
    const text = sentence(1, 40);
    const words = text.split(' ');
    const evaluation = [item(text), item(sentence(2, 30), sentence(3, 20))];
    const embed = (n: number): string => `before that ${words.slice(5, 5 + n).join(', ')} after`;
    const result = decontaminate(
      [item(embed(13)), item(embed(12)), item('short', embed(20)), item(`see ${sentence(3, 20)}`)],
      evaluation,
    );
    expect(result.kept.map((row) => row.prompt)).toEqual([embed(12)]);
    expect(result.examples.map((example) => example.reason)).toEqual([
      'shared text',
      'shared text',
      'shared text',
    ]);
  });

  it('keeps rows that share only a common instruction', () => {
    const instruction =
      'Translate the following sentence into French and answer with nothing but the translation please';
    const evaluation = Array.from({ length: 100 }, (_, i) => item(`${instruction}: ${sentence(i, 5)}`));
    const rows = Array.from({ length: 50 }, (_, i) => item(`${instruction}: ${sentence(1000 + i, 5)}`));
    expect(decontaminate(rows, evaluation).removed).toBe(0);
  });

  it('leaves no evaluation prompt in the kept rows, and keeps their order', () => {
    const text = fc
      .array(fc.constantFrom('A', 'b', 'c', '1', '2.5'), { maxLength: 4 })
      .map((w) => w.join(' '));
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (train, evaluation) => {
        const { kept, removed } = decontaminate(
          train.map((t) => item(t)),
          evaluation.map((t) => item(t)),
        );
        const forbidden = new Set(evaluation.map(normalise));
        expect(kept.map((row) => row.prompt)).toEqual(train.filter((t) => !forbidden.has(normalise(t))));
        expect(kept.length + removed).toBe(train.length);
      }),
      { seed: 8 },
    );
  });

  it('reads 20,000 rows of 40 words in about a fifth of a second', () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => item(sentence(i, 40)));
    const evaluation = Array.from({ length: 1100 }, (_, i) => item(sentence(500_000 + i, 40)));
    evaluation.push(item(`${rows[77]?.prompt} indeed`));
    const started = performance.now();
    expect(decontaminate(rows, evaluation).removed).toBe(1);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
