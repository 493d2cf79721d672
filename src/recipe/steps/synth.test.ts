import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shapeOf } from '../shapes.ts';
import { anyRows } from '../testing/arbitraries.ts';
import { normaliseText } from '../text.ts';
import type { Row } from '../types.ts';
import { copiedSpans, tokensOf } from './copied-spans.ts';
import { synthSurface } from './synth-surface.ts';
import { synthSwapSpans } from './synth-swap-spans.ts';

const spansOf = (prompt: string, completion: string): string[] =>
  copiedSpans(prompt, tokensOf(prompt), tokensOf(completion)).map(({ text }) => text);

describe('copiedSpans', () => {
  test.each([
    ['the 5th of March 2021', '2021-03-05', ['2021']],
    ['Rome: Tom Ito', '{"n":"Tom Ito","c":"Rome"}', ['Tom', 'Ito', 'Rome']],
    ['12 December 2012', '2012-12-12', ['2012']],
    ['15th of May', '15 May', ['May']],
    ['5 and 5', '5', []],
    ['a b', 'a', []],
    ['artful', 'art', []],
  ])('%j -> %j copies %j', (prompt, completion, spans) => expect(spansOf(prompt, completion)).toEqual(spans));
});

const noPause = async (): Promise<void> => {};

describe('synthSwapSpans', () => {
  const people: Row[] = [
    ['Rome', 'Tom', 'Ito'],
    ['Oslo', 'Ana', 'Roy'],
    ['Lima', 'Bea', 'Fox'],
    ['Kiev', 'Max', 'Lee'],
    ['Bern', 'Eva', 'Orr'],
  ].map(([city, first, last]) => ({
    prompt: `${city}: ${first} ${last}`,
    completion: `{"n":"${first} ${last}","c":"${city}"}`,
    source: 'json/clean',
  }));

  test('exchanges names in prompt and completion alike', async () => {
    const made = await synthSwapSpans(people, 50, 1, noPause);
    expect(made).toHaveLength(50);
    for (const { prompt, completion, source } of made) {
      const [, city, name] = /^(\w+): (\w+ \w+)$/.exec(prompt)!;
      expect(completion).toBe(`{"n":"${name}","c":"${city}"}`);
      expect(people.some((row) => row.prompt.startsWith(`${city}:`))).toBe(true);
      expect(source).toBe('json/clean');
    }
  });

  test('a number that only happens to be equal is left alone', async () => {
    const dates = Array.from({ length: 28 }, (_, i): Row => {
      const day = String(i + 1).padStart(2, '0');
      return { prompt: `${day} March ${2000 + i}`, completion: `${2000 + i}-03-${day}` };
    });
    const made = await synthSwapSpans(dates, 200, 1, noPause);
    expect(made.length).toBeGreaterThan(100);
    for (const { prompt, completion } of made) {
      const [, day, year] = /^(\d\d) March (\d{4})$/.exec(prompt)!;
      expect(completion).toBe(`${year}-03-${day}`);
    }
  });

  test('makes no more than the data allows', async () => {
    expect(await synthSwapSpans(people.slice(0, 2), 1000, 1, noPause)).toHaveLength(6);
    expect(await synthSwapSpans([{ prompt: 'good soup', completion: 'positive' }], 10, 1, noPause)).toEqual(
      [],
    );
    expect(await synthSwapSpans([], 10, 1, noPause)).toEqual([]);
  });

  test('forms stay, prompts are new, the same seed makes the same rows', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.nat(30), fc.nat(), async (rows, count, seed) => {
        const made = await synthSwapSpans(rows, count, seed, noPause);
        expect(made.length).toBeLessThanOrEqual(count);
        expect(await synthSwapSpans(rows, count, seed, noPause)).toEqual(made);
        const prompts = [...rows.map((row) => normaliseText(row.prompt))];
        const shapes = new Set(rows.map((row) => shapeOf(row.completion)));
        expect(made.every((row) => !prompts.includes(normaliseText(row.prompt)))).toBe(true);
        expect(made.every((row) => shapes.has(shapeOf(row.completion)))).toBe(true);
        expect(new Set(made.map((row) => normaliseText(row.prompt))).size).toBe(made.length);
      }),
      { numRuns: 100 },
    );
  });
});

describe('synthSurface', () => {
  test('writes the prompt in another way and keeps what the completion repeats', () => {
    const row = { prompt: 'Please find Tom Ito in Rome', completion: '{"n":"Tom Ito","c":"Rome"}' };
    const made = synthSurface([row], 20, 1);
    expect(made.length).toBeGreaterThan(5);
    for (const { prompt, completion } of made) {
      expect(completion).toBe(row.completion);
      expect(prompt).toContain('Tom Ito');
      expect(prompt).toContain('Rome');
      expect(prompt).not.toBe(row.prompt);
    }
    expect(made.some(({ prompt }) => prompt.includes('PLEASE FIND'))).toBe(true);
  });

  test('leaves prompts alone that already mean two things', () => {
    expect(
      synthSurface(
        [
          { prompt: 'fine', completion: 'good' },
          { prompt: 'Fine.', completion: 'bad' },
        ],
        10,
        1,
      ),
    ).toEqual([]);
  });

  test('prompts are new, never contradict another row, and follow from the seed', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(30), fc.nat(), (rows, count, seed) => {
        const made = synthSurface(rows, count, seed);
        expect(made.length).toBeLessThanOrEqual(count);
        expect(synthSurface(rows, count, seed)).toEqual(made);
        const prompts = new Set(rows.map(({ prompt }) => prompt));
        for (const one of made) {
          expect(prompts.has(one.prompt)).toBe(false);
          const key = normaliseText(one.prompt).toLowerCase();
          const same = rows.filter((row) => normaliseText(row.prompt).toLowerCase() === key);
          expect(same.every((row) => row.completion === one.completion)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});
