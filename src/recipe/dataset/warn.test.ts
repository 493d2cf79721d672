import { describe, expect, test } from 'vitest';
import type { Row } from '../types.ts';
import { createProfiler } from './profile.ts';
import { sayShare } from './say-share.ts';
import { warnings } from './warn.ts';

/** Rows are on lines 1, 2, 3 ... */
const warn = (rows: Row[]): string[] => {
  const profiler = createProfiler();
  for (const row of rows) profiler.add(row);
  return warnings(profiler.finish(rows), rows, (index) => String(index + 1));
};
const many = (count: number, completion: (i: number) => string): Row[] =>
  Array.from({ length: count }, (_, i) => ({ prompt: `prompt ${i}`, completion: completion(i) }));
const iso = (i: number): string => `${1900 + (i % 120)}-0${(i % 9) + 1}-1${i % 10}`;

test.each([
  [40, 100, 'Two of your rows in five look'],
  [14, 100, 'One of your rows in seven looks'],
  [52, 100, 'One of your rows in two looks'],
  [10, 100, 'One of your rows in ten looks'],
  [31, 6200, '31 of your rows look'],
  [1, 6200, 'One of your rows looks'],
])('%i of %i: %s', (count, total, words) => expect(sayShare(count, total)).toBe(words));

test('clean rows give no warning', () => {
  expect(warn(many(300, iso))).toEqual([]);
  expect(warn(many(300, (i) => (i % 3 === 0 ? 'positive' : 'negative')))).toEqual([]);
  expect(
    warn(many(300, (i) => `Answer number ${i} is a sentence, ${i % 2 === 0 ? 'short' : 'or not: so'}.`)),
  ).toEqual([]);
});

describe('mislabelled rows', () => {
  test('are seen by their form', () => {
    const said = warn(
      many(200, (i) => (i % 5 < 2 ? ['unknown', `${i}/5`, '?', `n.a. ${i}`][i % 4]! : iso(i))),
    );
    expect(said[0]).toBe('Two of your rows in five look mislabelled to me (for example line 1).');
    expect(said[1]).toMatch(
      /^Completions have mixed forms: 60% look like `9999-99-99`, 80 are unlike the others \(line 1: `unknown`\)\.$/,
    );
  });

  test('are seen by their contradictions', () => {
    const rows = many(90, (i) => `answer ${i * 7} x`).flatMap((row, i) =>
      i % 9 === 0 ? [row, row, { ...row, completion: 'else 7 x' }] : [row],
    );
    const said = warn(rows);
    expect(said).toContain('10 prompts appear with different completions (for example line 3).');
    expect(said).toContain('10 rows repeat an earlier one; 100 are distinct.');
    expect(said[0]).toMatch(/look(s)? mislabelled to me \(for example line 3\)/);
  });

  test('are not claimed where two forms are both frequent', () => {
    expect(warn(many(200, (i) => (i % 5 < 2 ? `{"a":"x${i}"}` : `{"a":"x${i}","b":"y"}`)))).toEqual([]);
  });

  test('are not claimed in free text', () => {
    const said = warn(
      many(
        200,
        (i) =>
          ['Tom', 'Ana Roy', `Jean-Luc ${String.fromCharCode(97 + (i % 26)).repeat(i % 9)}`][i % 3]! +
          'x'.repeat(i % 60),
      ),
    );
    expect(said.join()).not.toMatch(/mislabelled/);
  });
});

describe('labels', () => {
  test('one that is nearly everything', () => {
    expect(warn(many(100, (i) => (i < 90 ? 'billing' : 'other')))).toEqual([
      '`billing` is 90% of the completions; saying it always would already score that much.',
    ]);
  });

  test('one only', () => {
    expect(warn(many(100, () => 'yes'))).toEqual([
      'All completions are the same (`yes`); there is nothing to learn.',
    ]);
  });

  test('rare ones and ones that differ in case', () => {
    const said = warn(many(100, (i) => (i === 7 ? 'Billing' : i % 2 === 0 ? 'billing' : 'other')));
    expect(said).toEqual([
      '1 label has fewer than 5 rows (`Billing`).',
      '`billing` and `Billing` differ only in letter case or spaces and count as different.',
    ]);
  });
});

test('rows far longer than the rest are named', () => {
  const said = warn(many(50, (i) => (i === 8 ? `1-${'word '.repeat(2000)}` : `${i}-x`)));
  expect(said.at(-1)).toMatch(
    /^1 row is far longer than the rest \(line 9: 10,0\d\d characters, usual 1\d\); a short context cannot hold it\.$/,
  );
});
