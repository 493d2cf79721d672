import { expect, test } from 'vitest';
import { createGroupCommit } from './group-commit.ts';

test('what comes during a write shares the next one, up to its size, and each gets its own result', async () => {
  const writes: number[][] = [];
  const commit = createGroupCommit(3, async (items: number[]) => {
    writes.push(items);
    await new Promise((resolve) => setImmediate(resolve));
    return items.map((item) => item * 10);
  });
  expect(await Promise.all([1, 2, 3, 4, 5].map(commit))).toEqual([10, 20, 30, 40, 50]);
  expect(writes).toEqual([[1], [2, 3, 4], [5]]);
});

test('one that is refused does not take the others along', async () => {
  const commit = createGroupCommit(10, async (items: number[]) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (items.includes(2)) throw new Error('no 2');
    return items;
  });
  const ended = await Promise.allSettled([0, 1, 2, 3].map(commit));
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await commit(4)).toBe(4);
});
