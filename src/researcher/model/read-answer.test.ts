import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findObjects, readAnswer } from './read-answer.ts';

const Answer = z.strictObject({
  rate: z.number(),
  note: z.string().nullable(),
  gain: z.strictObject({ low: z.number(), high: z.number().nullable() }).nullable(),
  rounds: z.array(z.strictObject({ epochs: z.int(), rank: z.int().nullable() })),
});

describe('readAnswer', () => {
  it('takes what was left out for null, where null is allowed', () => {
    expect(readAnswer('{"rate": 1, "gain": {"low": 0}, "rounds": [{"epochs": 2}]}', Answer)).toEqual({
      value: { rate: 1, note: null, gain: { low: 0, high: null }, rounds: [{ epochs: 2, rank: null }] },
    });
  });

  it('fills in nothing else, and drops nothing', () => {
    expect(readAnswer('{"note": "x", "rounds": []}', Answer)).toMatchObject({
      problems: [expect.stringMatching(/^rate: /)],
      foundJson: true,
    });
    expect(readAnswer('{"rate": 1, "rounds": [], "approve": true}', Answer)).toMatchObject({
      problems: [expect.stringContaining('approve')],
    });
  });

  it('finds an answer among any other text', () => {
    const right = { rate: 2, note: 'a "quoted" } brace', gain: null, rounds: [] };
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.string({ maxLength: 80 }), (before, after) => {
        // Braces and tags of the noise may swallow the answer; honest prose has none.
        const prose = (text: string): string => text.replace(/[{}[\]"<\\]/g, ' ');
        const text = `${prose(before)}${JSON.stringify(right)}${prose(after)}`;
        expect(readAnswer(text, Answer)).toEqual({ value: right });
      }),
    );
  });

  it('skips reasoning, closed or without a beginning, and reads on after a tag that is never closed', () => {
    const right = '{"rate": 2, "rounds": []}';
    const draft = '{"rate": 9, "rounds": []}';
    for (const text of [
      `<think>${draft}</think>${right}`,
      `${draft}</think>${right}`,
      `<think>a<think>${draft}</think>${right}<reasoning>${draft}</reasoning>`,
      `<think>${draft} so ${right}`,
    ])
      expect(readAnswer(text, Answer)).toMatchObject({ value: { rate: 2 } });
  });

  it('reads a hostile answer of nothing but opening tags in one pass', () => {
    const tags = '<think>'.repeat(60_000);
    expect(readAnswer(`${tags}{"rate": 2, "rounds": []}`, Answer)).toMatchObject({ value: { rate: 2 } });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', '1', ' ') }),
        (text) => {
          expect(() => readAnswer(text, Answer)).not.toThrow();
        },
      ),
      { numRuns: 500 },
    );
  });
});

it('findObjects gives the outermost objects in order', () => {
  expect(findObjects('a {"b": {"c": 1}} {d} [{"e": 2}] {"f"')).toEqual([{ b: { c: 1 } }, { e: 2 }]);
});
