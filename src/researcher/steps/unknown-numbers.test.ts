import { expect, test } from 'vitest';
import { unknownNumbers } from './unknown-numbers.ts';

const records = `#4 from #1, 0.870 (0.840 to 0.900), −0.040 over its parent, p 0.012: learning rate 1e-3
Spent 6.5 of 15 min, 2,900 rows; nano-154k; {"prompt":"date: 5/3/2021"}`;

test.each([
  ['#4 scores 0.87 (0.84 to 0.9), 0.04 below its parent #1', []],
  ['It fell by −0.040 and −0.04 is settled (p 0.012).', []],
  ['A dash-less range 0.840–0.900, 2900 rows, 6.5 of 15 min, at 0.001', []],
  ['Dates such as 5/3/2021 fail, and none of two rounds helps.', []],
  ['#9 is better', ['#9']],
  ['#15 is no node', ['#15']],
  ['It scores 0.871', ['0.871']],
  ['It scores 87%', ['87']],
  ['It rose by -0.870', ['-0.870']],
  ['scored0.99, x7', ['0.99', '7']],
  ['.5 of the rows', ['.5']],
  ['About fifty rows', ['fifty']],
  ['It scores ٩٩', ['٩']],
  ['It scores ０.９９', ['0.99']],
  ['½ of them', ['2']],
  ['from 0.840 - 0.900, and by -0.04', []],
])('%s: %j', (answer, strange) => {
  expect(unknownNumbers(answer, records)).toEqual(strange);
});
