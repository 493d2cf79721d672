import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDataset, type WantedColumns } from './read-dataset.ts';

const read = (name: string, content: string, columns?: WantedColumns) =>
  readDataset({
    name,
    bytes: new TextEncoder().encode(content),
    ...(columns === undefined ? {} : { columns }),
  });
const jsonl = (rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('what is no text is kept as it is written', () => {
  test.each([
    ['{"instruction":"Add one","input":41,"output":"42"}', 'Add one\n41', '42'],
    ['{"instruction":"Not","input":true,"output":false}', 'Not\ntrue', 'false'],
    ['{"prompt":"p","completion":9007199254740993}', 'p', '9007199254740993'],
    ['{"prompt":2.50,"completion":1e400}', '2.50', '1e400'],
    ['{"prompt":-0,"completion":{ "a": [1.0, "}"] }}', '-0', '{ "a": [1.0, "}"] }'],
    ['{"prompt":["a", 1.10],"completion":"c"}', '["a", 1.10]', 'c'],
    ['{"prompt":"x","prompt":3.0,"completion":"c"}', '3.0', 'c'],
  ])('%s', async (line, prompt, completion) => {
    const { rows, report } = await read('x.jsonl', line);
    expect(rows).toEqual([{ prompt, completion }]);
    expect(report.warnings).toContain(
      '1 row has a number, true/false or JSON where text belongs; I read it as it is written.',
    );
  });

  test('null and an empty list are no value', async () => {
    const { rows } = await read(
      'x.jsonl',
      '{"instruction":"i","input":null,"output":"o"}\n{"instruction":"j","input":[],"output":"o"}',
    );
    expect(rows.map(({ prompt }) => prompt)).toEqual(['i', 'j']);
  });

  test('whatever JSON stands in a column, its text comes back', async () => {
    const number = fc.stringMatching(/^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,12})?(?:[eE][+-]?\d{1,3})?$/);
    const value = fc.oneof(
      number,
      fc.json().filter((text) => !/^(?:null|\[\]|".*)$/s.test(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ prompt: value, completion: value, other: fc.json() }), { minLength: 1 }),
        async (values) => {
          const text = values
            .map((v) => `{"x" : ${v.other} ,"prompt": ${v.prompt},"completion" : ${v.completion}}`)
            .join('\n');
          const { rows } = await read('x.jsonl', text);
          expect(rows.map(({ prompt, completion }) => [prompt, completion])).toEqual(
            values.map(({ prompt, completion }) => [prompt, completion]),
          );
        },
      ),
    );
  });
});

describe('columns are decided by what nearly all rows have', () => {
  const row = (i: number) => ({ instruction: 'Add', input: `${i}`, output: `${i + 1}` });

  test.each([[100], [4]])(
    'of %i rows and one without its instruction, the rows keep theirs',
    async (count) => {
      const rows = Array.from({ length: count }, (_, i) => row(i));
      const odd = { input: '1', output: '2' };
      const read1 = await read('x.jsonl', jsonl([odd, ...rows]));
      expect(read1.rows).toHaveLength(count);
      expect(read1.rows[0]?.prompt).toBe('Add\n0');
      expect(read1.report).toMatchObject({
        badRows: 1,
        badExamples: [{ line: 1, reason: 'missing `instruction`' }],
      });
    },
  );

  test('an input that first comes late belongs to the prompt all the same', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({ instruction: `Say ${i}`, output: 'o' }));
    const { rows: found, report } = await read('x.jsonl', jsonl([...rows, row(7)]));
    expect(found.at(-1)?.prompt).toBe('Add\n7');
    expect(report.columns?.prompt).toBe('instruction + input');
  });

  test('a blank instruction leaves its input', async () => {
    const { rows } = await read('x.jsonl', jsonl([{ instruction: '', input: 'i', output: 'o' }]));
    expect(rows[0]?.prompt).toBe('i');
  });
});

describe('every column that is left out is named', () => {
  test('the longest texts first, with their length', async () => {
    const long = 'word '.repeat(100);
    const { report } = await read(
      'x.jsonl',
      jsonl([{ id: 7, question: 'q', schema: 'x'.repeat(60), context: long, answer: 'a' }]),
    );
    expect(report.leftOut).toEqual(['context', 'schema', 'id']);
    expect(report.warnings).toEqual([
      'I leave out the columns `context` (about 500 characters a row), `schema` (about 60 characters a row), `id`; name those that belong to the prompt.',
    ]);
  });

  test('also one that only late rows have, and more than anybody reads as a number', async () => {
    const rows = Array.from({ length: 600 }, () => ({ prompt: 'p', completion: 'c' }));
    const late = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`k${i}`, 'v']));
    const { report } = await read('x.jsonl', jsonl([...rows, { ...rows[0], ...late }]));
    expect(report.leftOut).toHaveLength(15);
    expect(report.warnings[0]).toMatch(/`k11` and 3 more;/);
  });

  test('a system prompt is no column to leave out', async () => {
    const { report, rows } = await read('x.csv', 'system_prompt,question,response\nBe brief,Why?,Because\n');
    expect(report).toMatchObject({ columns: { system: 'system_prompt' }, warnings: [] });
    expect(rows).toEqual([
      {
        prompt: 'Be brief\n\nWhy?',
        completion: 'Because',
        conversation: {
          turns: [
            { role: 'system', content: 'Be brief' },
            { role: 'user', content: 'Why?' },
          ],
        },
      },
    ]);
  });
});

describe('rows that are marked as not to be trained on', () => {
  test.each([
    ['label', false, true],
    ['weight', 0, 1],
    ['train', false, true],
    ['label', 'False', 'True'],
    ['weight', '0.0', '1'],
  ])('%s %j is left out, and said', async (name, no, yes) => {
    const { rows, report } = await read(
      'x.jsonl',
      jsonl([
        { prompt: 'a', completion: 'b', [name]: yes },
        { prompt: 'a', completion: 'bad', [name]: no },
        { prompt: 'c', completion: 'bad', [name]: no },
      ]),
    );
    expect(rows).toEqual([{ prompt: 'a', completion: 'b' }]);
    expect(report).toMatchObject({ rows: 1, badRows: 0, heldBack: { [name]: 2 } });
    expect(report.warnings[0]).toBe(
      `I leave out 2 rows that are marked as not to be trained on (\`${name}\`).`,
    );
  });

  test('a label is an answer where there is no other, and a word where it is no mark', async () => {
    expect((await read('x.jsonl', jsonl([{ text: 'a', label: false }]))).rows).toEqual([
      { prompt: 'a', completion: 'false' },
    ]);
    const { rows, report } = await read('x.jsonl', jsonl([{ prompt: 'a', completion: 'b', label: 'none' }]));
    expect(rows).toHaveLength(1);
    expect(report.warnings).toEqual([]);
  });

  test('a file of nothing else is refused', async () => {
    await expect(read('x.jsonl', jsonl([{ prompt: 'a', completion: 'b', train: false }]))).rejects.toThrow(
      'All 1 row of `x.jsonl` that I could read say by `train` that they are not to be trained on.',
    );
  });
});

describe('a comma after every row', () => {
  test.each([['x.jsonl'], ['x.json']])('says nothing (%s)', async (name) => {
    const { rows, report } = await read(
      name,
      '{"prompt":"a","completion":"b"},\n{"prompt":"c","completion":"d"},\n',
    );
    expect(rows).toHaveLength(2);
    expect(report.badRows).toBe(0);
  });
});

describe('lists inside an object', () => {
  const rows = [
    { prompt: 'a', completion: 'b' },
    { prompt: 'c', completion: 'd' },
  ];
  const other = [{ prompt: 'e', completion: 'f' }];

  test.each([
    ['on one line', JSON.stringify({ data: rows })],
    ['pretty', JSON.stringify({ version: 1, data: rows }, null, 2)],
    ['after a long member', JSON.stringify({ about: 'x'.repeat(5000), meta: { n: [1] }, rows })],
  ])('are read %s', async (_, text) => {
    for (const name of ['x.json', 'x.jsonl']) expect((await read(name, text)).rows).toEqual(rows);
  });

  test.each([
    ['train', 'test'],
    ['training', 'validation'],
    ['train', 'dev'],
  ])('named %s and %s are the splits', async (train, evaluation) => {
    const { rows: found, report } = await read(
      'x.json',
      JSON.stringify({ [train]: rows, [evaluation]: other }),
    );
    expect(found).toEqual([...rows, { ...other[0], split: 'evaluation' }]);
    expect(report).toMatchObject({ rows: 3, evaluationRows: 1 });
    expect(report.warnings).toContain(
      'The file comes with splits: 2 rows to train and 1 to evaluate on, and I use them as such.',
    );
  });

  test('of other names are one, and that is said; a test list alone trains', async () => {
    const { rows: found, report } = await read('x.json', JSON.stringify({ en: rows, fr: other }));
    expect(found).toEqual([...rows, ...other]);
    expect(report.warnings).toContain('I read the lists `en`, `fr` as one.');
    expect((await read('x.json', JSON.stringify({ test: rows }))).rows).toEqual(rows);
  });

  test('do not make a file of a row', async () => {
    const row = { question: 'q', choices: [{ text: 'a' }, { text: 'b' }], answer: 'a' };
    for (const text of [JSON.stringify(row), JSON.stringify(row, null, 2)])
      expect((await read('x.json', text)).rows).toEqual([{ prompt: 'q', completion: 'a' }]);
  });
});

describe('columns as a person asks', () => {
  const csv = 'id,review,stars,sentiment\n1,fine,5,good\n2,poor,1,bad\n';

  test('are used', async () => {
    const { rows, report } = await read('x.csv', csv, { prompt: 'review', completion: 'sentiment' });
    expect(rows).toEqual([
      { prompt: 'fine', completion: 'good' },
      { prompt: 'poor', completion: 'bad' },
    ]);
    expect(report).toMatchObject({
      columns: { prompt: 'review', completion: 'sentiment' },
      leftOut: ['id', 'stars'],
    });
  });

  test('may be several, and go before known names', async () => {
    const { rows, report } = await read(
      'x.jsonl',
      jsonl([{ prompt: 'p', completion: 'c', A: 'a', b: 'b' }]),
      {
        prompt: 'b + A',
        completion: 'prompt',
        system: 'completion',
      },
    );
    expect(rows).toMatchObject([{ prompt: 'c\n\nb\na', completion: 'p' }]);
    expect(report.columns).toEqual({ prompt: 'b + A', completion: 'prompt', system: 'completion' });
  });

  test('that are not there are named', async () => {
    await expect(read('x.csv', csv, { prompt: 'text', completion: 'sentiment' })).rejects.toThrow(
      '`x.csv` has no column `text`. It has `id`, `review`, `stars`, `sentiment`.',
    );
  });

  test.each([
    ['x.csv', csv],
    ['x.jsonl', jsonl([{ id: 1, review: 'fine', stars: 5, sentiment: 'good' }, { id: 2 }])],
  ])('are asked for where none is known by name (%s)', async (name, text) => {
    const { rows, report } = await read(name, text);
    expect(rows).toEqual([]);
    expect(report).toMatchObject({ columns: null, rows: 2, badRows: 0 });
    expect(report.found?.[1]).toMatchObject({ name: 'review', example: 'fine' });
  });
});
