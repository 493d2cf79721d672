import { expect, test } from 'vitest';
import { findPrice } from './price.ts';

test.each([
  ['$2.50 an hour', 2.5, false],
  ['at $3/h please', 3, false],
  ['we pay 3 dollars per GPU-hour', 3, true],
  ['USD 1,200 per hour', 1200, false],
  ['two bucks an hour', 2, false],
  ['$2 per hour per GPU', 2, true],
  ['$2 for a slot hour', 2, false],
  ['an hour costs $2.50', 2.5, false],
  ['one GPU-hour costs about $1.99', 1.99, true],
  ['an hour on one slot costs $4', 4, false],
  ['the hourly rate is $4', 4, false],
  ['$0 an hour', 0, false],
])('%s', (text, usd, perGpu) => {
  expect(findPrice(text)).toMatchObject({ usd, perGpu });
});

test.each([
  'budget $20',
  '$20 in an hour',
  '$20, 2 hours',
  '€2 an hour',
  'an hour',
  'learning rate 3',
  '$5 a branch',
])('%s holds none', (text) => {
  expect(findPrice(text)).toBeNull();
});

test('says where it stands', () => {
  const text = 'budget $20 at $2.50 an hour, two at a time';
  const found = findPrice(text);
  expect(text.slice(found?.at, (found?.at ?? 0) + (found?.length ?? 0))).toBe('$2.50 an hour');
});
