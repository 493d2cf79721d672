import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadInputError } from '../lib/errors.ts';
import { readDataset } from './read-dataset.ts';
import { makeZip } from './testing/make-zip.ts';

const read = (name: string, bytes: Uint8Array, maxBytes = 1_000_000) =>
  readDataset({ name, bytes, maxBytes });
const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../test/fixtures/datasets/${name}`, import.meta.url));
const jsonl = '{"prompt":"a","completion":"b"}\n{"prompt":"c","completion":"d"}\n';
const csv = 'text,label\ne,f\n';

describe('gzip', () => {
  test('holds any format', async () => {
    for (const [name, text, format] of [
      ['x.jsonl.gz', jsonl, 'jsonl'],
      ['x.gz', csv, 'csv'],
      ['x.tsv.gz', csv.replaceAll(',', '\t'), 'tsv'],
    ] as const) {
      const { report } = await read(name, gzipSync(text));
      expect(report).toMatchObject({ name, format, container: 'gzip', badRows: 0 });
    }
  });

  test('is limited by what comes out', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000, 0x61));
    expect(bomb.length).toBeLessThan(10_000);
    await expect(read('x.jsonl.gz', bomb)).rejects.toThrow(
      '`x.jsonl.gz` holds more than 1 MB when it is unpacked, and I read at most that.',
    );
  });

  test('that is cut off is refused', async () => {
    await expect(read('x.jsonl.gz', gzipSync(jsonl).subarray(0, 30))).rejects.toThrow(
      /gzip file, and it is damaged/,
    );
  });
});

describe('zip', () => {
  test('holds one file or several, which are read as one', async () => {
    const one = await read('x.zip', makeZip([{ name: 'a.jsonl', text: jsonl }]));
    expect(one.report).toMatchObject({ rows: 2, container: 'zip', format: 'jsonl', warnings: [] });
    const { rows, report } = await read(
      'x.zip',
      makeZip([
        { name: 'data/', text: '' },
        { name: '__MACOSX/data/._a.jsonl', text: 'x' },
        { name: 'data/a.jsonl', text: `${jsonl}{oops` },
        { name: 'data/b.csv', text: csv },
        { name: 'README.md', text: '# rows' },
        { name: 'other.csv', text: 'p,q,r\n1,2,3\n' },
      ]),
    );
    expect(rows.map(({ prompt }) => prompt)).toEqual(['a', 'c', 'e']);
    expect(report.badExamples).toEqual([
      { line: 3, reason: 'not readable as JSON (in `data/a.jsonl`)', text: '{oops' },
    ]);
    expect(report.warnings).toContain('Of the zip I leave out `README.md`, `other.csv`.');
  });

  test('with files named for training and for evaluation comes with splits', async () => {
    const { rows, report } = await read(
      'x.zip',
      makeZip([
        { name: 'data/train.jsonl', text: jsonl },
        { name: 'data/test.csv', text: csv },
      ]),
    );
    expect(report).toMatchObject({ rows: 3, evaluationRows: 1 });
    expect(rows.at(-1)).toEqual({ prompt: 'e', completion: 'f', split: 'evaluation' });
  });

  test('may name files anywhere: they go nowhere', async () => {
    const { report } = await read('x.zip', makeZip([{ name: '../../../etc/rows.jsonl', text: jsonl }]));
    expect(report.rows).toBe(2);
  });

  test.each([
    ['more than it says', { claimedSize: 10 }, /zip file, and it is damaged/],
    ['less than it says', { claimedSize: 900_000 }, /zip file, and it is damaged/],
    ['behind a password', { isLocked: true }, /locked with a password/],
  ])('that holds %s is refused', async (_, lie, reason) => {
    await expect(read('x.zip', makeZip([{ name: 'a.jsonl', text: jsonl, ...lie }]))).rejects.toThrow(reason);
  });

  test('is limited by all that comes out together', async () => {
    const text = 'x'.repeat(600_000);
    await expect(
      read(
        'x.zip',
        makeZip([
          { name: 'a.csv', text },
          { name: 'b.csv', text },
        ]),
      ),
    ).rejects.toThrow(/holds more than 1 MB when it is unpacked/);
    const many = Array.from({ length: 1001 }, (_, i) => ({ name: `${i}.md`, text: '' }));
    await expect(read('x.zip', makeZip(many))).rejects.toThrow(/more than 1,000 files/);
  });

  test('with nothing to read in it says what it holds', async () => {
    await expect(read('x.zip', makeZip([{ name: 'a.docx', text: 'x' }]))).rejects.toThrow(
      /holds no file of rows \(it holds `a.docx`\)/,
    );
  });

  test('of Excel is told what to do', async () => {
    const sheet = makeZip([
      { name: '[Content_Types].xml', text: '<Types/>' },
      { name: 'xl/worksheets/sheet1.xml', text: '<x/>' },
    ]);
    await expect(read('x.xlsx', sheet)).rejects.toThrow(/`x.xlsx` is an Office file.*"CSV UTF-8"/);
  });
});

describe('Parquet', () => {
  test('keeps numbers of 64 bits, and rows without a value are bad', async () => {
    const { rows, report } = await read('x.parquet', fixture('numbers.parquet'));
    expect(rows).toEqual([
      { prompt: 'a', completion: '9007199254740993' },
      { prompt: 'b', completion: '2' },
      { prompt: 'd', completion: '-4' },
    ]);
    expect(report).toMatchObject({
      format: 'parquet',
      badRows: 1,
      badExamples: [{ line: 3, reason: 'missing `prompt`' }],
      leftOut: ['seen'],
    });
    expect(report.found?.[2]?.example).toBe('2026-01-02T03:04:05.000Z');
  });

  test('holds chats', async () => {
    const { rows } = await read('x', fixture('chats.parquet'));
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({
      completion: 'warm',
      conversation: { turns: [{}, {}, { role: 'user' }] },
    });
  });

  test('is limited by what comes out', async () => {
    const bytes = fixture('swells.parquet');
    expect(bytes.length).toBeLessThan(100_000);
    await expect(read('x.parquet', bytes)).rejects.toThrow(/holds more than 1 MB when it is unpacked/);
  });

  test('with bytes changed gives rows or a sentence', async () => {
    const bytes = fixture('numbers.parquet');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (place, value) => {
        const changed = Uint8Array.from(bytes);
        changed[place] = value;
        const error = await read('x.parquet', changed).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error !== null) expect(error).toBeInstanceOf(BadInputError);
      }),
      { numRuns: 200 },
    );
  });
});
