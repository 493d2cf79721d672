import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
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
];

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
