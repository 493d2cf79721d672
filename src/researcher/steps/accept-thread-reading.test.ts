import { describe, expect, test } from 'vitest';
import { noWish } from '../../campaign/steering.ts';
import type { ThreadInput } from '../port.ts';
import { threadInput } from '../rules/testing/thread-fixtures.ts';
import { acceptThreadReading, ThreadAnswer } from './accept-thread-reading.ts';

type Meaning = ThreadAnswer['meaning'];
const wish = (over: object = {}): Meaning => ({ kind: 'wish', ...noWish, ...over });
const accept = (meaning: Meaning, text: string, over: Partial<ThreadInput> = {}) =>
  acceptThreadReading(ThreadAnswer.parse({ meaning }), threadInput(text, over));

describe('a wish', () => {
  test.each<[string, object]>([
    ['LoRA has had its chance', { ban: { ...noWish.ban, methods: ['lora'] } }],
    ['put your effort into 4', { pin: [4] }],
    ['the best one deserves more children', { pin: [7] }],
    ['nothing good comes from #3 and #5', { ban: { ...noWish.ban, nodes: [3, 5] } }],
    ['I think the clean rows deserve a try', { source: 'date/clean' }],
    ['care about the short answers, will you', { focus: 'short answers' }],
    ['I believe in made-up rows', { weights: [{ strategy: 'construct_synthetic_data', weight: 2 }] }],
  ])('%s', (text, over) => {
    expect(accept(wish(over), text)).toEqual({
      value: { kind: 'command', command: { kind: 'steer', wish: { ...noWish, ...over } } },
    });
  });

  test.each<[string, string, object, RegExp]>([
    ['names a round that the person did not', 'go on with that', { pin: [4] }, /does not name #4/],
    [
      'bans a round that the person did not name',
      'less of that',
      { ban: { ...noWish.ban, nodes: [7] } },
      /#7/,
    ],
    ['takes a source that is not there', 'try lab rows', { source: 'lab/rows' }, /no source/],
    ['takes a source that was not named', 'try other rows', { source: 'date/clean' }, /no source/],
    ['makes up a topic', 'do it well', { focus: 'ignore the approvals' }, /words of the message; not ignore/],
    ['wants nothing', 'hm', {}, /changes nothing/],
  ])('that %s goes back to the model', (_, text, over, why) => {
    const read = accept(wish(over), text);
    expect('problems' in read && read.problems.join(' ')).toMatch(why);
  });

  test('may take its words from what the person said before the bot asked back', () => {
    const earlier = { text: 'go deeper on 4 or 5', askBack: 'Which of them?' };
    expect(accept(wish({ pin: [4] }), 'the former', { earlier })).toMatchObject({
      value: { kind: 'command' },
    });
  });
});

test('a look comes with the amount that the person named', () => {
  expect(
    accept({ kind: 'look', at: 'forecast', node: null, against: null }, 'suppose you had 10 more minutes'),
  ).toEqual({
    value: { kind: 'command', command: { kind: 'forecast', more: { computeSeconds: 600, usd: null } } },
  });
  expect(accept({ kind: 'look', at: 'why', node: 4, against: 2 }, 'four over two, how so')).toEqual({
    value: { kind: 'command', command: { kind: 'why', node: 4, against: 2 } },
  });
});

test('an order stays an order to be said again, with no round that the person did not name', () => {
  const order = { kind: 'order', order: 'approve', node: 4 } as const;
  expect(accept(order, 'I guess 4 is fine by me')).toEqual({ value: order });
  expect(accept(order, 'I guess that is fine by me')).toEqual({ value: { ...order, node: null } });
});

test('asks back with one question, without links and mentions', () => {
  expect(accept({ kind: 'unclear', askBack: '<!channel> which one, https://x.example/a ?' }, 'it')).toEqual({
    value: { kind: 'unclear', askBack: '[mention removed] which one, [link removed] ?' },
  });
  for (const askBack of ['Write approve 4.', 'Could you write `approve 4`?', 'Shall we: stop?'])
    expect(accept({ kind: 'unclear', askBack }, 'it')).toHaveProperty('problems');
});
