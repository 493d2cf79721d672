import { beforeEach, expect, test } from 'vitest';
import type { Brief } from '../../src/campaign/brief.ts';
import { createNanoEngine } from '../../src/executor/nano-engine.ts';
import { attachedId, listSources, prepareRows } from '../../src/operations/data/load-rows.ts';
import { prepareSplits } from '../../src/operations/data/prepare-splits.ts';
import { readFiles } from '../../src/operations/intake/read-files.ts';
import { fromJsonl } from '../../src/recipe/jsonl.ts';
import type { Row } from '../../src/recipe/types.ts';
import type { EvalItem } from '../../src/scoring/types.ts';
import type { CampaignRow } from '../../src/store/campaigns.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database);
beforeEach(async () => {
  const { unfit } = createNanoEngine();
  world.ctx.engine = { ...world.ctx.engine, ...(unfit === undefined ? {} : { unfit }) };
});

const many = (count: number, row: (i: number) => object): object[] =>
  Array.from({ length: count }, (_, i) => row(i));
const plain = (i: number) => ({ prompt: `say ${i}`, completion: `${i}` });

/** A file as a person attaches it, by its reference in a brief. */
async function attach(name: string, rows: object[] | object) {
  const text = Array.isArray(rows) ? rows.map((row) => JSON.stringify(row)).join('\n') : JSON.stringify(rows);
  const bytes = Buffer.from(text);
  const [file] = await readFiles({
    ctx: world.ctx,
    files: [{ id: name, name, bytes: bytes.length, download: async () => bytes }],
  });
  if (file?.report == null) throw new Error(file?.problem ?? 'nothing was read');
  const { sha256, rows: count, badRows } = file.report;
  return { name, sha256, rows: count, badRows };
}

function briefOn(data: Omit<Extract<Brief['data'], { kind: 'attached' }>, 'kind'>): Brief {
  return {
    title: 't',
    goal: 'g',
    data: { kind: 'attached', ...data },
    metric: 'exact_match',
    target: null,
    budget: { computeSeconds: 600, usd: null },
    askAbove: { computeSeconds: null, usd: null },
    parallel: 1,
    deadline: null,
    policy: 'uct',
    maxNodes: 8,
    scope: { baseModel: 'nano-154k', methods: ['full'], maxSequenceTokens: 128 },
    seed: 1,
  };
}

const prepare = async (rows: object[] | object) =>
  prepareSplits({
    ctx: world.ctx,
    brief: briefOn({ train: await attach('x.json', rows), evaluation: null }),
  });
const itemsOf = async (hash: string): Promise<EvalItem[]> =>
  fromJsonl<EvalItem>(await world.ctx.blobs.get(hash, 'a split'));

test.each([
  [
    'another script',
    (i: number) => ({ prompt: `把日期写成标准格式：${i}月`, completion: `第${i}天` }),
    'nano-154k can use none of the 500 rows of `x.json`: it cannot use 500 with characters that it cannot read (it reads ASCII).',
  ],
  [
    'rows that are too long',
    (i: number) => ({ prompt: `${'word '.repeat(30)}${i}`, completion: 'c' }),
    'it cannot use 500 longer than the 128 characters that it reads at once.',
  ],
  [
    'conversations',
    (i: number) => ({
      messages: [
        { role: 'user', content: `u${i}` },
        { role: 'assistant', content: 'a' },
        { role: 'user', content: 'v' },
        { role: 'assistant', content: 'b' },
      ],
    }),
    'it cannot use 500 that are conversations of several turns or with tools (it reads one prompt;',
  ],
])('a file of %s is refused before Start', async (_, row, sentence) => {
  await expect(prepare(many(500, row))).rejects.toThrow(sentence);
});

test('the thread says so in place of a card', async () => {
  const rows = many(500, (i) => ({ prompt: `问题${i}`, completion: `回答${i}` }));
  const bytes = Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
  const files = [{ id: 'F1', name: 'x.jsonl', bytes: bytes.length, download: async () => bytes }];
  await world.say('learn these answers, exact match, budget 5 minutes', { files });
  await world.until('an answer', () => world.chat.messages.length > 0, 5);
  expect(JSON.stringify(world.chat.messages)).toContain('can use none of the 500 rows of `x.jsonl`');
  expect(world.chat.last('brief')).toBeUndefined();
});

test('some rows that cannot be used are left out of every split, and said', async () => {
  const odd = [
    ...many(20, (i) => ({ prompt: `é${i}`, completion: `résumé ${i}` })),
    ...many(10, (i) => ({ prompt: 'x'.repeat(200), completion: `${i}` })),
  ];
  const { splits, notes } = await prepare([...many(300, plain), ...odd]);
  expect(notes).toEqual([
    'nano-154k cannot use some of the 330 rows of `x.json`; I leave out 20 with characters that it cannot read (it reads ASCII), 10 longer than the 128 characters that it reads at once.',
  ]);
  const { train, search, select, test } = splits.counts;
  expect(train + search + select + test).toBe(300);
});

test('a recipe cannot bring rows back that the model cannot use', async () => {
  const rows = [
    ...many(300, plain),
    ...many(30, (i) => ({ prompt: `say ${i} ${'y'.repeat(130)}`, completion: 'c' })),
  ];
  const train = await attach('x.jsonl', rows);
  const brief = briefOn({ train, evaluation: null });
  const { splits } = await prepareSplits({ ctx: world.ctx, brief });
  const added = await attach('more.jsonl', rows.slice(290));
  const campaign = { id: 'c-1', brief, splits, steering: { addedData: [added] } } as unknown as CampaignRow;
  const id = attachedId(added.sha256);
  const made = await prepareRows(world.ctx, campaign, {
    v: 1,
    inputs: [{ source: id, maxRows: null }],
    steps: [],
    seed: 1,
  });
  expect(made.trace.at(-1)).toEqual({
    step: 'leave out rows that the model cannot use',
    before: made.rows.length + 30,
    after: made.rows.length,
    note: '30 longer than the 128 characters that it reads at once',
  });
});

test.each([
  [
    1,
    'The data hold 1 different prompt in 1 row. I need at least 60 to train and to measure on separate rows.',
  ],
  [59, 'The data hold 59 different prompts in 59 rows.'],
])('%i rows are refused with the number that is needed', async (count, sentence) => {
  await expect(prepare(many(count, plain))).rejects.toThrow(sentence);
});

test('several files train together, each as a source of its own', async () => {
  const [a, b] = [
    await attach('a.jsonl', many(200, plain)),
    await attach(
      'b.jsonl',
      many(100, (i) => plain(i + 200)),
    ),
  ];
  const brief = briefOn({ train: a, alsoTrain: [b], evaluation: null });
  const { splits } = await prepareSplits({ ctx: world.ctx, brief });
  const { train, search, select, test } = splits.counts;
  expect(train + search + select + test).toBe(300);
  const campaign = { id: 'c-1', brief, splits, steering: {} } as unknown as CampaignRow;
  const sources = await listSources(world.ctx, campaign);
  expect(sources.map(({ title }) => title)).toEqual(['a.jsonl', 'b.jsonl']);
  expect(sources.reduce((sum, { rows }) => sum + rows, 0)).toBe(train);
  const { rows } = await prepareRows(world.ctx, campaign, {
    v: 1,
    inputs: [{ source: sources[1]!.id, maxRows: null }],
    steps: [],
    seed: 1,
  });
  expect(rows).toHaveLength(sources[1]!.rows);
  expect(rows.every(({ completion }) => Number(completion) >= 200)).toBe(true);
});

test('splits of a file are used as such, and a file for evaluation goes before them', async () => {
  const file = { train: many(100, plain), test: many(60, (i) => plain(i + 100)) };
  const { splits, notes } = await prepare(file);
  expect(splits.counts.train).toBe(100);
  const items = (
    await Promise.all(['search', 'select', 'test'].map((name) => itemsOf(splits.hashes[name as 'test'])))
  ).flat();
  expect(items).toHaveLength(60);
  expect(items.every(({ completion }) => Number(completion) >= 100)).toBe(true);
  expect(notes).toEqual([]);

  const other = await attach(
    'eval.jsonl',
    many(50, (i) => plain(i + 500)),
  );
  const train = await attach('x.json', file);
  const beside = await prepareSplits({ ctx: world.ctx, brief: briefOn({ train, evaluation: other }) });
  expect(beside.splits.counts).toMatchObject({ train: 100 });
  expect(beside.notes).toEqual([
    'I measure on `eval.jsonl`, and leave out the 60 rows that the training data keep for evaluation.',
  ]);
});

test('too few rows kept for evaluation do not measure, and that is said', async () => {
  const { splits, notes } = await prepare({ train: many(100, plain), test: many(9, (i) => plain(i + 100)) });
  const { train, search, select, test } = splits.counts;
  expect(train + search + select + test).toBe(100);
  expect(notes[0]).toMatch(/^The 9 rows that the file keeps for evaluation are too few to measure on/);
});

test('a conversation keeps its turns in the splits', async () => {
  world.ctx.engine = { ...world.ctx.engine, unfit: () => null };
  const rows = many(80, (i) => ({
    messages: [
      { role: 'system', content: 's' },
      { role: 'user', content: `u${i}` },
      { role: 'assistant', content: 'a' },
    ],
  }));
  const { splits } = await prepare(rows);
  for (const hash of [splits.hashes.train, splits.hashes.test])
    for (const row of fromJsonl<Row>(await world.ctx.blobs.get(hash, 'a split')))
      expect(row.conversation?.turns.map(({ role }) => role)).toEqual(['system', 'user']);
});
