import { expect, test } from 'vitest';
import { changedForms } from './changed-forms.ts';

const many = (count: number, prompt: (i: number) => string, change: number) =>
  Array.from({ length: count }, (_, i) => ({ prompt: prompt(i), change }));
const slashes = (i: number): string => `${10 + i}/12/2020`;
const dashes = (i: number): string => `${10 + i}-12-2020`;

test('the form that most of the gained and lost items have is named with its counts', () => {
  const items = [
    ...many(8, slashes, 1),
    ...many(2, dashes, 1),
    ...many(4, dashes, -1),
    ...many(60, dashes, 0),
  ];
  expect(changedForms(items)).toEqual({
    gained: { form: '99/12/2020', items: 8, of: 10 },
    lost: null,
  });
  expect(changedForms([...items, ...many(80, slashes, 0)]).lost).toEqual({
    form: '99-12-2020',
    items: 4,
    of: 4,
  });
});

test('a form that is as frequent among all items says nothing', () => {
  expect(changedForms([...many(9, slashes, 1), ...many(9, slashes, 0)])).toEqual({
    gained: null,
    lost: null,
  });
});

test('two items are no pattern', () => {
  expect(changedForms([...many(2, slashes, 1), ...many(20, dashes, 0)]).gained).toBeNull();
  expect(changedForms([])).toEqual({ gained: null, lost: null });
});
