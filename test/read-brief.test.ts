import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseConfig } from '../src/config/config.ts';
import { type BriefRequest, readBrief } from '../src/read-brief.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trex-brief-'));
  const rows = Array.from({ length: 200 }, (_, i) => `text ${i},${i % 2 === 0 ? 'yes' : 'no'}`);
  await writeFile(join(folder, 'rows.csv'), `review,sentiment\n${rows.join('\n')}\n`);
  await writeFile(join(folder, 'broken.jsonl'), 'nothing\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the command prints. */
async function brief(text: string | string[], over: Partial<BriefRequest> = {}): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    const { config } = parseConfig({ TREX_DATA_DIR: folder, TREX_USD_PER_HOUR: '2' });
    await readBrief(
      { texts: [text].flat(), files: [], json: false, now: '2026-03-04T10:30:00Z', ...over },
      config,
    );
    return log.mock.calls.flat().join('\n');
  } finally {
    log.mockRestore();
  }
}
const json = async (text: string | string[], over: Partial<BriefRequest> = {}) =>
  JSON.parse(await brief(text, { ...over, json: true }));

test('prints the card of a request with its file, as the bot would show it', async () => {
  const files = [join(folder, 'rows.csv')];
  const text = 'use review as prompt and sentiment as completion, accuracy, budget 20 minutes, rank 16';
  const card = await brief(text, { files });
  expect(card).toContain('Read as (review → sentiment): "text 0" → "yes"');
  expect(card).toContain('Budget 20 min');
  expect(card).toMatch(/This buys about \d+ nodes of .* \(my estimate, not measured yet\)\./);
  expect(card).toContain('I did not use: "rank 16" (I choose hyperparameters myself).');
  expect(card).toContain('budget "budget 20 minutes"');
});

test('says of a budget that trains nothing what would be enough', async () => {
  expect(await brief('task date, 20 s')).toMatch(
    /This budget trains nothing: .* would be enough for a whole one\./,
  );
  expect(await json('task date, 20 s')).toMatchObject({ worth: { nodes: { high: 0 }, isMeasured: false } });
});

test('gives one JSON object with the value and the words of every field', async () => {
  const read = await json('task date, budget 50 cents, by Friday 17:00, seed 42', {
    timeZone: 'Europe/Berlin',
  });
  expect(read).toMatchObject({
    understood: {
      data: { value: 'task date', words: 'task date' },
      budget: { value: '$0.50', words: 'budget 50 cents' },
      deadline: { words: 'by Friday 17:00' },
    },
    notUsed: [{ words: 'seed 42', why: 'I choose hyperparameters myself' }],
    cancelled: false,
  });
  expect(Object.keys(read)).toEqual([
    'understood',
    'question',
    'brief',
    'splits',
    'worth',
    'example',
    'notUsed',
    'task',
    'remarks',
    'notes',
    'cancelled',
  ]);
});

test('asks what the bot would ask, and takes answers as further messages', async () => {
  const asked = await json('task date, budget 20');
  expect(asked.question).toMatchObject({ field: 'budget', options: [{ value: '20 min' }, {}, {}] });
  expect(asked.brief).toBeNull();
  const { brief: complete, question } = await json(['task date, budget 5 min', 'double the budget']);
  expect(question).toBeNull();
  expect(complete.budget).toEqual({ computeSeconds: 600, usd: null });
});

test('says what is wrong with a file', async () => {
  const text = await brief('learn this, accuracy, 10 min', { files: [join(folder, 'broken.jsonl')] });
  expect(text).toContain('broken.jsonl');
  await expect(brief('learn this', { files: [join(folder, 'none.jsonl')] })).rejects.toThrow(
    'There is no file',
  );
});
