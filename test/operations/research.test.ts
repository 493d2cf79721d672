import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Brief } from '../../src/campaign/brief.ts';
import type { Findings } from '../../src/campaign/findings.ts';
import { researchCampaign } from '../../src/operations/research/research-campaign.ts';
import { contentText } from '../../src/report/transcript.ts';
import { createResearch } from '../../src/researcher/research/create-research.ts';
import { createFetcher } from '../../src/researcher/research/fetcher.ts';
import type { Research } from '../../src/researcher/research/port.ts';
import { createFileCache } from '../../src/researcher/research/response-cache.ts';
import { type Library, startLibrary } from '../../src/researcher/research/testing/library.ts';
import { answer, createSkippingClock } from '../../src/researcher/research/testing/local-server.ts';
import { createResearchLoop } from '../../src/scheduler/research-loop.ts';
import { getCampaign, updateCampaign } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { findResearch, listUnresearched } from '../../src/store/research.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database);

const nothing: Findings = { words: ['upper'], papers: [], models: [], datasets: [], problems: [] };
const research = (find: Research['find']): Research => ({ find, close: async () => {} });
const run = (campaignId: string): Promise<void> => researchCampaign({ ctx: world.ctx, campaignId });
/** A campaign about what the library has. */
async function beginDates(): Promise<string> {
  const id = await world.begin();
  const brief = (await getCampaign(database.db, id)).brief as Brief;
  await updateCampaign(database.db, id, {
    brief: { ...brief, title: 'Dates to ISO', goal: 'dates into ISO' },
  });
  return id;
}

describe('research of a campaign', () => {
  let dir: string;
  let library: Library;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'trex-research-'));
    library = await startLibrary();
    const fetcher = createFetcher({
      services: Object.values(library.services),
      userAgent: 'trex-bot',
      clock: createSkippingClock(),
      cache: createFileCache(dir, { maxAgeMs: 3600_000, most: 100 }),
      limits: { timeoutMs: 500, retries: 0 },
      allowLoopback: true,
    });
    world.ctx.research = createResearch(fetcher, library.services);
  });
  afterEach(async () => {
    await world.ctx.research?.close();
    await library.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('is told once in the thread, kept, and audited with its ids', async () => {
    const id = await beginDates();
    expect(await listUnresearched(database.db)).toEqual([id]);
    await run(id);
    await run(id);
    await world.step();
    expect(await listUnresearched(database.db)).toEqual([]);
    const said = world.chat.messages.filter(({ content }) => content.kind === 'findings');
    expect(said).toHaveLength(1);
    expect(said[0]?.threadTs).toBe((await getCampaign(database.db, id)).threadTs);
    expect((await findResearch(database.db, id))?.papers.map((paper) => paper.id)).toContain('2501.00001');
    const events = (await listEvents(database.db, id)).filter(({ name }) => name === 'campaign.researched');
    expect(events.map(({ data }) => data.ids)).toEqual([
      ['2501.00001', '2501.00002', 'lab/dates-lora', 'lab/dates', 'lab/closed'],
    ]);
    const [content] = said.map((message) => contentText(message.content));
    expect(content).toMatch(
      /"Our best model reaches 96\.4%.* · recipe: LoRA, synthetic data, learning rate 2e-4/,
    );
    expect(content).toContain('gated: access must be asked for');
  });

  test('with every service away is a sentence, and the campaign goes on to its end', async () => {
    for (const name of ['arxiv', 'semanticScholar', 'huggingFace', 'datasetViewer'] as const) {
      library.on(name, '/', answer(503, ''));
    }
    const id = await beginDates();
    await run(id);
    await world.finish(id);
    const text = contentText(world.chat.last('findings')?.content as never);
    expect(text).toContain('I found nothing about "dates" and "iso"');
    expect(text).toContain('arXiv has trouble of its own (503).');
  });
});

test('the loop looks up each running campaign once, and none that has not started', async () => {
  const asked: string[] = [];
  world.ctx.research = research(async ({ title }) => {
    asked.push(title);
    return nothing;
  });
  const loop = createResearchLoop(world.ctx, 'one', { everyMs: 2000, leaseMs: 12_000 });
  await world.say('teach upper, budget 5 minutes, no need to ask');
  await loop.runOnce();
  expect(asked).toEqual([]);
  await world.begin();
  await loop.runOnce();
  await loop.runOnce();
  expect(asked).toEqual(['Upper-case words']);
});

test('a fault of ours while looking has a reference, and is no reason to stop', async () => {
  world.ctx.research = research(async () => {
    throw new Error('password hunter2 in /home/x');
  });
  const id = await world.begin();
  await run(id);
  await world.step();
  const text = contentText(world.chat.last('findings')?.content as never);
  expect(text).toMatch(/Something broke on my side while I looked \(reference e-\d+\)/);
  expect(text).not.toContain('hunter2');
});

test('what was interrupted by a stop is done again, and told then', async () => {
  const results = [null, nothing];
  world.ctx.research = research(async () => results.shift() ?? null);
  const id = await world.begin();
  await run(id);
  expect(await listUnresearched(database.db)).toEqual([id]);
  await run(id);
  await world.step();
  expect(world.chat.ofKind('findings')).toHaveLength(1);
});

test('a campaign that ended meanwhile is not spoken to any more', async () => {
  world.ctx.research = research(async () => {
    await world.order('stop', { threadTs: (await getCampaign(database.db, id)).threadTs });
    return nothing;
  });
  const id = await world.begin();
  await run(id);
  await world.step();
  expect(world.chat.ofKind('findings')).toHaveLength(0);
  expect(await findResearch(database.db, id)).toEqual(nothing);
});

test('without research nothing is looked up', async () => {
  const id = await world.begin();
  await run(id);
  expect(await findResearch(database.db, id)).toBeUndefined();
});
