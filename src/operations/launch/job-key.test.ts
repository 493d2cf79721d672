import { expect, test } from 'vitest';
import { earlierAttempts, jobKey } from './job-key.ts';

const key = (attempt: number): string =>
  jobKey({ campaignId: 'c-7f3a21', node: 4, trial: 0, kind: 'run', attempt });

test('a third attempt knows the two before it, a first none', () => {
  expect(earlierAttempts(key(3))).toEqual([key(1), key(2)]);
  expect(earlierAttempts(key(1))).toEqual([]);
});
