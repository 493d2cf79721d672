import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadInputError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import { readDataset } from './read-dataset.ts';
import type { DatasetReport, Row } from './types.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (name: string, content: string | Uint8Array) =>
  readDataset({ name, bytes: typeof content === 'string' ? encode(content) : content });
const jsonl = (rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const rowsOf = async (name: string, content: string | Uint8Array): Promise<Row[]> =>
  (await read(name, content)).rows;
const reportOf = async (name: string, content: string): Promise<DatasetReport> =>
  (await read(name, content)).report;
const refusal = async (
  name: string,
  content: string | Uint8Array,
  maxBytes?: number,
): Promise<BadInputError> => {
  const bytes = typeof content === 'string' ? encode(content) : content;
  const error = await readDataset({ name, bytes, ...(maxBytes === undefined ? {} : { maxBytes }) }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BadInputError);
  return error as BadInputError;
};

describe('JSONL', () => {
  test('is reported with what it holds', async () => {
    const text = jsonl([
      { prompt: 'a', completion: 'b' },
      { prompt: 'ccc', completion: 'd' },
    ]);
    const { report, rows } = await read('x.jsonl', text);
    expect(rows).toEqual([
      { prompt: 'a', completion: 'b' },
      { prompt: 'ccc', completion: 'd' },
    ]);
    expect(report).toEqual({
      name: 'x.jsonl',
      sha256: sha256(encode(text)),
      bytes: text.length,
      format: 'jsonl',
      columns: { prompt: 'prompt', completion: 'completion' },
      found: [
        { name: 'prompt', characters: 2, example: 'a' },
        { name: 'completion', characters: 1, example: 'b' },
      ],
      rows: 2,
      badRows: 0,
      badExamples: [],
      examples: rows,
      longestCharacters: 4,
      labels: null,
      warnings: [],
    });
  });

  test.each([
    [{ prompt: 'p', completion: 'c' }],
    [{ input: 'p', output: 'c' }],
    [{ question: 'p', answer: 'c' }],
    [{ instruction: 'p', output: 'c', input: '' }],
    [{ instruction: 'p', response: 'c' }],
    [{ text: 'p', label: 'c' }],
    [{ source: 'p', target: 'c' }],
    [{ PROMPT: 'p', ' Completion ': 'c' }],
    [{ question: 'p', response: 'c' }],
    [
      {
        messages: [
          { role: 'user', content: 'p' },
          { role: 'assistant', content: 'c' },
        ],
      },
    ],
    [
      {
        conversations: [
          { from: 'human', value: 'p' },
          { from: 'gpt', value: 'c' },
        ],
      },
    ],
    [
      {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'p' }] },
          { role: 'assistant', content: 'c' },
        ],
      },
    ],
  ])('%j is a row', async (fields) => {
    expect(await rowsOf('x.jsonl', jsonl([fields]))).toEqual([{ prompt: 'p', completion: 'c' }]);
  });

  test('an instruction is followed by its input', async () => {
    const { report, rows } = await read(
      'x.jsonl',
      jsonl([{ instruction: 'Sum.', input: '1 2', output: '3' }]),
    );
    expect(rows).toEqual([{ prompt: 'Sum.\n1 2', completion: '3' }]);
    expect(report.columns).toEqual({ prompt: 'instruction + input', completion: 'output' });
  });

  test('a rejected answer stays with its row, and rows that have one are counted', async () => {
    const { report, rows } = await read(
      'pairs.jsonl',
      jsonl([
        { prompt: 'a', chosen: 'good', rejected: 'bad' },
        { prompt: 'b', chosen: 'good', rejected: '' },
        { prompt: 'c', chosen: 'good', rejected: ' good ' },
        { prompt: 'd', chosen: 'good' },
      ]),
    );
    expect(rows).toEqual([
      { prompt: 'a', completion: 'good', rejected: 'bad' },
      ...['b', 'c', 'd'].map((prompt) => ({ prompt, completion: 'good' })),
    ]);
    expect(report).toMatchObject({
      columns: { prompt: 'prompt', completion: 'chosen', rejected: 'rejected' },
      rows: 4,
      badRows: 0,
      pairs: 1,
    });
    expect((await reportOf('x.jsonl', jsonl([{ prompt: 'a', completion: 'b' }]))).pairs).toBeUndefined();
  });

  test('bad rows are counted, with line and reason of the first three', async () => {
    const lines = [
      '{"prompt":"a","completion":"b"}',
      '',
      '{"prompt":"a"}',
      '{oops',
      '{"completion":"x","prompt":null}',
      '{"prompt":" ","completion":"b"}',
      '{"prompt":"a","completion":[{"role":"user","content":"b"}]}',
      '[1]',
      '{"prompt":"a\\u0000","completion":"b"}',
      '{"prompt":"\\ud800","completion":"b"}',
    ];
    const { report, rows } = await read('x.jsonl', lines.join('\r\n'));
    expect(rows).toHaveLength(1);
    expect(report.badRows).toBe(8);
    expect(report.badExamples).toEqual([
      { line: 3, reason: 'missing `completion`', text: '{"prompt":"a"}' },
      { line: 4, reason: 'not readable as JSON', text: '{oops' },
      { line: 5, reason: 'missing `prompt`', text: '{"completion":"x","prompt":null}' },
    ]);
  });

  test.each([
    ['{"prompt":" ","completion":"b"}', 'empty `prompt`'],
    ['["a"]', 'not a JSON object'],
    ['{"prompt":"a\\u0000","completion":"b"}', 'holds a character that is not text'],
    ['{"prompt":"\\ud800","completion":"b"}', 'holds a character that is not text'],
  ])('%s is bad: %s', async (line, reason) => {
    const report = await reportOf('x.jsonl', `{"prompt":"a","completion":"b"}\n${line}`);
    expect(report.badExamples).toEqual([{ line: 2, reason, text: line }]);
  });

  test('the text of a bad row is cut to 80 characters', async () => {
    const report = await reportOf('x.jsonl', `{"prompt":"a","completion":"b"}\n${'x'.repeat(500)}`);
    expect(report.badExamples[0]?.text).toBe(`${'x'.repeat(79)}…`);
  });

  test('whatever the texts, they come back', async () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((s) => s.trim() !== '' && !s.includes('\0'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ prompt: text, completion: text }), { minLength: 1, maxLength: 30 }),
        async (rows) => {
          expect(await rowsOf('x.jsonl', jsonl(rows))).toEqual(rows);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a JSON file', () => {
  test.each([
    [
      'a list',
      '[\n {"prompt":"a [{","completion":"b\\""},\n {"prompt":"c"},\n {"prompt":"d","completion":"e"}]',
    ],
    [
      'a list inside an object',
      '{"version":1,\n"data":[{"prompt":"a [{","completion":"b\\""},\n{"prompt":"c"},{"prompt":"d","completion":"e"}]}',
    ],
    [
      'objects one after the other',
      '{\n"prompt":"a [{","completion":"b\\""}\n{"prompt":"c"}\n{"prompt":"d","completion":"e"}',
    ],
  ])('may be %s', async (_, text) => {
    const { report, rows } = await read('x.json', text);
    expect(rows).toEqual([
      { prompt: 'a [{', completion: 'b"' },
      { prompt: 'd', completion: 'e' },
    ]);
    expect(report).toMatchObject({
      format: 'json',
      badRows: 1,
      badExamples: [{ line: 3, text: '{"prompt":"c"}' }],
    });
  });

  test('that ends too early keeps its whole rows', async () => {
    const report = await reportOf('x.json', '[{"prompt":"a","completion":"b"},\n{"prompt":"c"');
    expect(report).toMatchObject({
      rows: 1,
      badRows: 1,
      badExamples: [{ line: 2, reason: 'the file ends too early' }],
    });
  });
});

describe('CSV', () => {
  test('quotes, doubled quotes, line breaks inside quotes, CRLF, a byte order mark', async () => {
    const text = '\ufefftext,label\r\n"hello, ""you""\r\nthere",pos\r\n\r\n5" disc, neg\r\n';
    const { report, rows } = await read('x.csv', text);
    expect(rows).toEqual([
      { prompt: 'hello, "you"\r\nthere', completion: 'pos' },
      { prompt: '5" disc', completion: ' neg' },
    ]);
    expect(report).toMatchObject({
      format: 'csv',
      badRows: 0,
      columns: { prompt: 'text', completion: 'label' },
    });
  });

  test.each([[';'], ['\t'], [',']])('separated by %j', async (separator) => {
    const text = [
      ['id', 'Question', 'Answer'],
      ['1', 'a, b; c?', 'd'],
      ['2', 'e', 'f'],
    ]
      .map((fields) => fields.map((field) => `"${field}"`).join(separator))
      .join('\n');
    expect(await rowsOf('x.txt', text)).toEqual([
      { prompt: 'a, b; c?', completion: 'd' },
      { prompt: 'e', completion: 'f' },
    ]);
  });

  test('with the separator line that Excel writes, and in its UTF-16', async () => {
    expect(await rowsOf('x.csv', 'sep=;\r\nprompt;completion\r\na;b')).toEqual([
      { prompt: 'a', completion: 'b' },
    ]);
    const units = new Uint16Array([...'\ufefftext\tlabel\nä\tb\n'].map((c) => c.charCodeAt(0)));
    expect(await rowsOf('x.csv', new Uint8Array(units.buffer))).toEqual([{ prompt: 'ä', completion: 'b' }]);
  });

  test('bad rows cost their own line only', async () => {
    const text = 'text,label\na,b\n"never closed,c\nd,e\nf\ng,h,i\n"j"k,l\nm,';
    const { report, rows } = await read('x.csv', text);
    expect(rows.map(({ prompt }) => prompt)).toEqual(['a', 'd']);
    expect(report.badRows).toBe(5);
    expect(report.badExamples).toEqual([
      { line: 3, reason: 'quotes that do not match', text: '"never closed,c' },
      { line: 5, reason: 'missing `label`', text: 'f' },
      { line: 6, reason: expect.stringMatching(/^3 fields where 2 belong/), text: 'g,h,i' },
    ]);
  });

  test('line numbers count the lines inside quotes', async () => {
    const report = await reportOf('x.csv', 'text,label\n"a\nb\nc",d\nbad\ne,f');
    expect(report.badExamples).toMatchObject([{ line: 5 }]);
  });

  test('two columns without a header are taken as prompt and completion, and that is said', async () => {
    const text =
      'my card was charged twice,billing\nwhere is my parcel now,delivery\nmy card is gone,billing\n';
    const { report, rows } = await read('x.csv', text);
    expect(rows).toHaveLength(3);
    expect(report.warnings[0]).toMatch(/no header that I know.*`my card was charged twice` → `billing`/);
    expect(report.leftOut).toBeUndefined();
    expect(report.found?.map(({ name }) => name)).toEqual(['column 1', 'column 2']);
  });

  test('whatever the texts, they come back', async () => {
    const unit = fc.constantFrom('a', 'é', '"', ',', ';', '\t', '\n', '\r\n', ' ', '😀');
    const text = fc.string({ unit, minLength: 1 }).filter((s) => s.trim() !== '');
    const quoted = (s: string): string => `"${s.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ prompt: text, completion: text }), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n'),
        async (rows, separator, end) => {
          const lines = rows.map((row) => [quoted(row.prompt), quoted(row.completion)].join(separator));
          const file = [`prompt${separator}completion`, ...lines].join(end);
          expect(await rowsOf('x.csv', file)).toEqual(rows);
        },
      ),
    );
  });
});

describe('a refusal says what is wrong and what I take', () => {
  const example = /I take JSONL .* CSV or TSV with a header/;

  test.each([
    ['dataset_empty', 'x.csv', '', /`x.csv` is empty/],
    ['dataset_empty', 'x.csv', '\ufeff \n\n', /`x.csv` is empty/],
    [
      'dataset_damaged',
      'train.zip',
      'PK\u0003\u0004rest',
      /`train.zip` looks like a zip file, and it is damaged/,
    ],
    ['dataset_damaged', 'train.parquet', 'PAR1rest', /a Parquet file, and it is damaged/],
    ['dataset_binary', 'notes.pdf', '%PDF-1.7', /could not read `notes.pdf`: it looks like a PDF/],
    ['dataset_binary', 'x.bin', 'abc\0def', /it is not text/],
    ['dataset_no_rows', 'x.jsonl', 'abc\n{"a"', /2 unreadable; line 1: not readable as JSON/],
    ['dataset_no_rows', 'x.jsonl', '{"prompt":"a","completion":""}', /line 1: empty `completion`/],
    ['dataset_no_rows', 'x.csv', 'prompt,completion\n', /has no row/],
    ['dataset_no_rows', 'x.json', '[]', /has no rows/],
    ['dataset_no_columns', 'x.csv', 'one\ntwo', /`x.csv` has the column `one` only/],
    ['dataset_no_columns', 'x.jsonl', '{"text":"a"}', /has the column `text` only/],
  ])('%s: %s', async (code, name, content, sentence) => {
    const error = await refusal(name, content);
    expect(error).toMatchObject({ code, fault: 'user' });
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch(example);
  });

  test('a file that is mostly not UTF-8', async () => {
    const latin = Uint8Array.from('text,label\nM\xfcller,gr\xfcn\nK\xf6ln,sch\xf6n\nBonn,gut\n', (c) =>
      c.charCodeAt(0),
    );
    const error = await refusal('x.csv', latin);
    expect(error.code).toBe('dataset_not_utf8');
    expect(error.message).toMatch(/2 rows are not UTF-8 text.*CSV UTF-8/);
  });

  test('one row that is not UTF-8 is a bad row', async () => {
    const latin = Uint8Array.from('text,label\nBonn,gut\nK\xf6ln,gut\nUlm,gut\n', (c) => c.charCodeAt(0));
    expect((await read('x.csv', latin)).report).toMatchObject({
      rows: 2,
      badRows: 1,
      badExamples: [{ line: 3, reason: 'not valid UTF-8' }],
    });
  });

  test('a file above the limit', async () => {
    const error = await refusal('x.jsonl', ' '.repeat(2_500_000), 2_000_000);
    expect(error.message).toBe(
      '`x.jsonl` has 3 MB and I read at most 2 MB. Attach a sample; a few thousand rows say as much.',
    );
  });

  test('any bytes give rows or a sentence, never another error', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .string({
          unit: fc.constantFrom('{', '}', '[', ']', '"', ',', '\n', ':', 'a', '\\', ';'),
          maxLength: 60,
        })
        .map(encode),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom('x.csv', 'x.jsonl', 'x.json', 'x'), async (content, name) => {
        const error = await readDataset({ name, bytes: content }).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error !== null) expect(error).toBeInstanceOf(BadInputError);
      }),
      { numRuns: 500 },
    );
  });
});

test('reading lets the event loop turn', async () => {
  let pauses = 0;
  const text = jsonl(
    Array.from({ length: 30_000 }, (_, i) => ({ prompt: `p ${i} ${'x'.repeat(100)}`, completion: 'c' })),
  );
  await readDataset({
    name: 'x.jsonl',
    bytes: encode(text),
    pause: async () => {
      pauses += 1;
    },
  });
  expect(pauses).toBeGreaterThan(3);
});
