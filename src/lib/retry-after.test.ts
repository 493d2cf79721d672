import { expect, test } from 'vitest';
import { readRetryAfter } from './retry-after.ts';

const now = new Date('2026-11-22T12:00:00Z');
const read = (headers: Record<string, string>): number | null => readRetryAfter((name) => headers[name], now);

test.each([
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after': ' 1.5 ' }, 1500],
  [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:09 GMT' }, 9000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 11:59:00 GMT' }, 0],
  [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
  [{ ratelimit: '"api";r=0;t=11' }, 11_000],
  [{ ratelimit: '"api";r=3;t=11' }, null],
  [{ 'retry-after': 'soon' }, null],
  [{ 'retry-after': '' }, null],
  [{ 'retry-after-ms': '-5' }, null],
  [{}, null],
])('%j asks to wait %s ms', (headers, waitMs) => {
  expect(read(headers as Record<string, string>)).toBe(waitMs);
});
