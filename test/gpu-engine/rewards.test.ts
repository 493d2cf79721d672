import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gpuRewards } from '../../src/executor/engines/gpu/run-file.ts';
import { scoreItem } from '../../src/scoring/metrics.ts';
import { pythonOf } from '../support/gpu-engine/python.ts';

const runner = dirname(
  fileURLToPath(new URL('../../src/executor/engines/gpu/runner/trex_rewards.py', import.meta.url)),
);

const pairs: [answer: string, expected: string][] = [
  ['2021-03-05', '2021-03-05'],
  [' 2021-03-05\n', '2021-03-05'],
  ['Billing', 'billing'],
  ['the  answer is\tYES.', 'yes'],
  ['in 2012', '12'],
  ['12 in all', '12'],
  ['x12', '12'],
  ['答えは東京です', '東京'],
  ['cafe\u0301', 'caf\u00e9'],
  ['anything', ''],
  ['', ''],
  ['The answer is 12.5', '12'],
  ['The answer is 12.5.', '12.5'],
  ['-5', '5'],
  ['3-5', '-5'],
  ['3-5', '5'],
  ['1,200', '200'],
  ['.5', '5'],
  ['at 12:30', '30'],
  ['कमी है', 'कम'],
  ['कमी है', 'कमी'],
  ['ก็', 'ก'],
  ['𝐀𝐁 x', '𝐀'],
];

/** Short texts over the characters that the rule tells apart, so that many pairs match in part. */
const alphabet = Array.from('12 .,-−/:aé京タก็मी𝐀');
const random = fc.sample(
  fc.tuple(
    fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 3 }),
  ),
  { numRuns: 4000, seed: 5 },
);
pairs.push(...random);

test('the runner rewards answers as the bot scores them', () => {
  const program = [
    'import json, sys; from trex_rewards import reward_function',
    'names, pairs = json.load(sys.stdin)',
    'answers, expected = zip(*pairs)',
    'print(json.dumps({name: reward_function(name)(answers, expected) for name in names}))',
  ].join('\n');
  const output = execFileSync(pythonOf('trl'), ['-B', '-c', program], {
    cwd: runner,
    input: JSON.stringify([gpuRewards, pairs]),
    encoding: 'utf8',
  });
  const ours = Object.fromEntries(
    gpuRewards.map((name) => [name, pairs.map(([answer, expected]) => scoreItem(name, answer, expected))]),
  );
  expect(JSON.parse(output)).toEqual(ours);
});
