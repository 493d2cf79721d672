import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../lib/rng.ts';
import { anyRows } from '../testing/arbitraries.ts';
import type { Row } from '../types.ts';
import { dedupNear } from './dedup-near.ts';
import { gramsOf, planBands, similarityOf } from './min-hash.ts';

const noPause = async (): Promise<void> => {};
const similar = (a: Row, b: Row): number => similarityOf(gramsOf(a), gramsOf(b));
const vocabulary = Array.from({ length: 800 }, (_, i) => {
  const rng = createRng(i);
  return Array.from({ length: 3 + rng.int(6) }, () => String.fromCharCode(97 + rng.int(26))).join('');
});

/** 600 texts of 40 words, then a copy of each with one word in twenty changed. */
function plantedRows(): { originals: Row[]; copies: Row[] } {
  const rng = createRng(1);
  const texts = Array.from({ length: 600 }, () => Array.from({ length: 40 }, () => rng.pick(vocabulary)));
  const asRow = (words: string[]): Row => ({
    prompt: words.slice(0, 30).join(' '),
    completion: words.slice(30).join(' '),
  });
  const copies = texts.map((words) => words.map((word) => (rng.next() < 0.05 ? rng.pick(vocabulary) : word)));
  return { originals: texts.map(asRow), copies: copies.map(asRow) };
}

describe('planBands', () => {
  test.each([0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99])(
    'finds 98 %% of pairs at %f within 128 hashes',
    (similarity) => {
      const { bands, rows } = planBands(similarity);
      expect(bands * rows).toBeLessThanOrEqual(128);
      const recall = 1 - (1 - similarity ** rows) ** bands;
      expect(recall).toBeGreaterThan(0.98);
    },
  );

  test('needs fewer hashes the more alike rows have to be', () => {
    expect(planBands(0.7)).toEqual({ bands: 22, rows: 5 });
    expect(planBands(0.9)).toEqual({ bands: 8, rows: 9 });
  });
});

test('similarity is the share of common 5-grams', () => {
  const row = (prompt: string): Row => ({ prompt, completion: 'x' });
  expect(similar(row('The Soup'), row('the  soup '))).toBe(1);
  expect(similar(row('abcdefgh'), row('stuvwxyz'))).toBe(0);
  expect(gramsOf({ prompt: '', completion: '' })).toHaveLength(1);
});

test('nothing that is less similar goes, nearly all that is similar goes', async () => {
  const { originals, copies } = plantedRows();
  const rows = [...originals, ...copies];
  const kept = new Set(await dedupNear(rows, 0.7, noPause));
  expect(originals.every((row) => kept.has(row))).toBe(true);
  const near = copies.filter((copy, i) => similar(copy, originals[i]!) >= 0.7);
  const far = copies.filter((copy, i) => similar(copy, originals[i]!) < 0.7);
  expect(near.length).toBeGreaterThan(300);
  expect(near.filter((row) => !kept.has(row)).length / near.length).toBeGreaterThan(0.97);
  expect(far.every((row) => kept.has(row))).toBe(true);
});

test('short rows that differ in a number are no repeats', async () => {
  const rows = [
    { prompt: 'convert: 37 min to s', completion: '2220 s' },
    { prompt: 'convert: 38 min to s', completion: '2280 s' },
    { prompt: 'Convert:  37 min to s', completion: '2220 s' },
  ];
  expect(await dedupNear(rows, 0.8, noPause)).toEqual(rows.slice(0, 2));
});

test('rows stay in order and a second time changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, fc.constantFrom(0.5, 0.7, 0.9), async (rows, similarity) => {
      const kept = await dedupNear(rows, similarity, noPause);
      expect(rows.filter((row) => kept.includes(row))).toEqual(kept);
      expect(await dedupNear(kept, similarity, noPause)).toEqual(kept);
    }),
    { numRuns: 60 },
  );
});

test('long work lets the event loop turn', async () => {
  let pauses = 0;
  const { originals } = plantedRows();
  const rows = originals.map(({ prompt }, i) => ({
    prompt: `${prompt} ${i} ${prompt}`,
    completion: `${prompt}!`.repeat(9),
  }));
  await dedupNear([...rows, ...rows, ...rows, ...rows, ...rows, ...rows], 0.8, async () => {
    pauses += 1;
  });
  expect(pauses).toBeGreaterThan(2);
});
