import { beforeEach, expect, test } from 'vitest';
import { methodOf } from '../../src/campaign/run-spec.ts';
import { fromJsonl } from '../../src/recipe/jsonl.ts';
import type { Row } from '../../src/recipe/types.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { listTrials } from '../../src/store/trials.ts';
import { setExpectedAnswers } from '../support/world/fake-training.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database);

beforeEach(async () => {
  world.ctx.engine = {
    ...world.ctx.engine,
    supports: {
      methods: ['full', 'lora', 'qlora'],
      objectives: ['sft', 'dpo', 'grpo'],
      rewards: ['exact_match'],
      needs: null,
    },
  };
});

const trained = async (id: string) =>
  (await listTrials(database.db, id)).flatMap(({ spec }) =>
    spec.training === null ? [] : [{ spec, training: spec.training }],
  );

/** A request with a file, to its card and Start. */
async function beginWith(text: string, rows: Row[]): Promise<string> {
  const bytes = Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
  const file = { id: 'F1', name: 'pairs.jsonl', bytes: bytes.length, download: async () => bytes };
  await world.say(text, { files: [file] });
  await world.until('a card or a question', () => world.chat.messages.length > 0, 5);
  const question = world.chat.last('question')?.content;
  if (question?.kind === 'question') {
    const { field, options } = question.question;
    const value = options[0]?.value ?? '';
    const click = { campaignId: question.campaignId, field, value, user: 'U1' };
    await world.bot.answerQuestion({ ...click, messageTs: world.chat.last('question')?.ts ?? '' });
  }
  await world.until('a brief card', () => world.chat.last('brief') !== undefined, 5);
  const card = world.chat.last('brief')?.content;
  if (card?.kind !== 'brief') throw new Error('no brief');
  await world.bot.start({ campaignId: card.campaignId, user: 'U1' });
  return card.campaignId;
}

test('DPO trains on the rows that have a rejected answer, in every run, and makes no rows', async () => {
  const rows: Row[] = Array.from({ length: 400 }, (_, i) => ({
    prompt: `upper: pebble ${i}`,
    completion: `PEBBLE-${i}`,
    ...(i % 10 === 0 ? {} : { rejected: `pebble-${i}` }),
  }));
  setExpectedAnswers(new Map(rows.map(({ prompt, completion }) => [prompt, completion])));
  const id = await beginWith('learn upper case with DPO, exact match, 10 minutes, no need to ask', rows);
  expect((await getCampaign(database.db, id)).brief?.scope.objective).toBe('dpo');
  await world.finish(id);
  const runs = await trained(id);
  expect(runs.length).toBeGreaterThan(3);
  for (const { spec, training } of runs) {
    expect(training.objective?.kind).toBe('dpo');
    const used = fromJsonl<Row>(await world.ctx.blobs.get(spec.rowsHash ?? '', 'rows'));
    expect(used.every((row) => row.rejected !== undefined)).toBe(true);
  }
  const nodes = await listNodes(database.db, id);
  expect(nodes.map(({ strategy }) => strategy)).not.toContain('construct_synthetic_data');
  expect(nodes[1]?.trace?.at(-1)).toMatchObject({ step: 'leave out rows without a rejected answer' });
});

test('GRPO keeps its reward and whole prompts in a batch; QLoRA can be dropped in the thread', async () => {
  const id = await world.begin(
    'teach upper with GRPO and exact match, LoRA and QLoRA, budget 10 minutes, no need to ask',
  );
  const { threadTs } = await getCampaign(database.db, id);
  await world.until('a first run', async () => (await trained(id)).length > 0);
  await world.say('drop QLoRA', { threadTs });
  await world.say('full fine-tuning only', { threadTs });
  await world.step();
  const told = world.chat.ofKind('text').map(({ text }) => text);
  expect(told.some((text) => text.startsWith('Understood: no more QLoRA.'))).toBe(true);
  expect(told.some((text) => text.startsWith('This campaign was agreed with LoRA and QLoRA alone'))).toBe(
    true,
  );
  const before = (await trained(id)).length;
  await world.finish(id);
  const runs = await trained(id);
  for (const { training } of runs) {
    expect(training.objective).toMatchObject({ kind: 'grpo', reward: 'exact_match' });
    if (training.objective?.kind === 'grpo')
      expect(training.batchSize % training.objective.generations).toBe(0);
  }
  expect(runs.length).toBeGreaterThan(before);
  const later = (await listTrials(database.db, id)).filter((t) => t.purpose === 'search').slice(before + 1);
  expect(later.map(({ spec }) => spec.training && methodOf(spec.training))).not.toContain('qlora');
});

test('a file without rejected answers is not added to a campaign of pairs', async () => {
  const rows: Row[] = Array.from({ length: 120 }, (_, i) => ({
    prompt: `upper: pebble ${i}`,
    completion: `PEBBLE-${i}`,
    rejected: 'no',
  }));
  const id = await beginWith('learn upper case with DPO, exact match, 10 minutes, no need to ask', rows);
  const { threadTs } = await getCampaign(database.db, id);
  const bytes = Buffer.from(JSON.stringify({ prompt: 'a', completion: 'b' }));
  const files = [{ id: 'F2', name: 'plain.jsonl', bytes: bytes.length, download: async () => bytes }];
  await world.say('try this dataset next', { threadTs, files });
  await world.step();
  expect(world.chat.last('text')?.content).toMatchObject({
    text: 'DPO needs a `rejected` answer in every row, and `plain.jsonl` has none.',
  });
});
