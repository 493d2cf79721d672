import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TrexError } from '../lib/errors.ts';
import { rowsHash } from './hash-rows.ts';
import { fromJsonl, toJsonl } from './jsonl.ts';
import type { Row } from './types.ts';

const anyRow: fc.Arbitrary<Row> = fc.oneof(
  fc.record({ prompt: fc.string({ unit: 'binary' }), completion: fc.string({ unit: 'binary' }) }),
  fc.record({ prompt: fc.string(), completion: fc.string(), source: fc.string() }),
);

test('what was written is read back', () => {
  fc.assert(
    fc.property(fc.array(anyRow), (rows) => {
      expect(fromJsonl(toJsonl(rows))).toEqual(rows);
    }),
  );
});

test('evaluation items keep their id', () => {
  const items = [{ id: 'x', prompt: 'a', completion: 'b' }];
  expect(fromJsonl<(typeof items)[number]>(toJsonl(items))).toEqual(items);
});

test('equal rows give equal text whatever the order of their keys', () => {
  expect(toJsonl([{ source: 's', completion: 'b', prompt: 'a' }])).toBe(
    '{"prompt":"a","completion":"b","source":"s"}\n',
  );
});

test('a damaged file is named by its line and is our fault', () => {
  for (const line of ['{"prompt":"c"', '{"prompt":"c"}', 'null', '5']) {
    const read = () => fromJsonl(`{"prompt":"a","completion":"b"}\n${line}\n`);
    expect(read).toThrowError(expect.objectContaining({ code: 'rows_unreadable', fault: 'ours' }));
    expect(read).toThrowError(TrexError);
    expect(read).toThrowError(/^Line 2 /);
  }
});

test('the hash of rows depends on texts and order, not on the source', () => {
  const a = { prompt: 'a', completion: 'b' };
  const b = { prompt: 'c', completion: 'd' };
  expect(rowsHash([a, b])).not.toBe(rowsHash([b, a]));
  expect(rowsHash([{ ...a, source: 'x' }])).toBe(rowsHash([a]));
  expect(rowsHash([{ prompt: 'ab', completion: '' }])).not.toBe(rowsHash([{ prompt: 'a', completion: 'b' }]));
  expect(rowsHash([])).toMatch(/^[0-9a-f]{64}$/);
  const many = Array.from({ length: 5000 }, (_, i) => ({
    prompt: `prompt ${i}`,
    completion: 'x'.repeat(40),
  }));
  expect(rowsHash(many)).toBe(rowsHash([...many]));
  expect(rowsHash(many)).not.toBe(rowsHash(many.slice(1)));
});
