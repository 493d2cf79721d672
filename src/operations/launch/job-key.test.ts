import { expect, test } from 'vitest';
import { earlierAttempts, jobKey } from './job-key.ts';

test('a third attempt knows the two before it, a first none', () => {
  expect(earlierAttempts(jobKey('c-7f3a21', 4, 0, 'run', 3))).toEqual([
    jobKey('c-7f3a21', 4, 0, 'run', 1),
    jobKey('c-7f3a21', 4, 0, 'run', 2),
  ]);
  expect(earlierAttempts(jobKey('c-7f3a21', 4, 0, 'run', 1))).toEqual([]);
});
