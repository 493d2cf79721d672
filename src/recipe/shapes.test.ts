import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countShapes, loosen, shapeOf } from './shapes.ts';

describe('shapeOf', () => {
  test.each([
    ['2021-03-05', '9999-99-99'],
    ['the 5th of March 2021', 'a 9a a Aa 9999'],
    ['OK: 12 km', 'A: 99 a'],
    ['iPhone X', 'Aa A'],
    ['Zoë 東京', 'Aa a'],
    ['{"n":"Tom Ito"}', '{"a":"Aa Aa"}'],
    ['  ', '  '],
    ['', ''],
  ])('%j has the shape %j', (text, shape) => expect(shapeOf(text)).toBe(shape));

  test('digits keep their count and everything else but letters stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'Q', '7', ' ', '-', '.') }), (text) => {
        expect(shapeOf(text).replace(/A?a|A/g, '')).toBe(text.replace(/[aQ]+/g, '').replace(/7/g, '9'));
      }),
    );
  });
});

test('the loose shape forgets lengths, letter case and the number of words', () => {
  expect(loosen(shapeOf('$12.50'))).toBe(loosen(shapeOf('$9.99')));
  expect(loosen(shapeOf('Tom van Ito'))).toBe('a');
});

test('shapes are counted most frequent first', () => {
  expect(countShapes(['12', '34', 'ab'])).toEqual([
    { shape: '99', count: 2, share: 2 / 3 },
    { shape: 'a', count: 1, share: 1 / 3 },
  ]);
  expect(countShapes([])).toEqual([]);
});
