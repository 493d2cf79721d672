import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { ledgerTotals } from '../../src/store/ledger.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database);

const campaignOf = (id: string) => getCampaign(database.db, id);
const problems = (): string[] => world.chat.ofKind('problem').map((c) => c.text);
const fileOf = (hash: string): string => join(world.ctx.settings.dataDir, 'blobs', hash);

/** Half of the lines go, as a tool that rewrites files would leave it. @returns what restores the file */
function cutInHalf(path: string): () => void {
  const whole = readFileSync(path, 'utf8');
  const lines = whole.trimEnd().split('\n');
  writeFileSync(path, `${lines.slice(0, lines.length >> 1).join('\n')}\n`);
  return () => writeFileSync(path, whole);
}

async function resume(id: string): Promise<void> {
  const { threadTs } = await campaignOf(id);
  await world.say('resume', { threadTs });
}

describe('rows that changed on disk after Start', () => {
  test('of the test split pause the campaign, are named with the file, and give the whole score once restored', async () => {
    const id = await world.begin();
    const hash = (await campaignOf(id)).splits?.hashes.test as string;
    const restore = cutInHalf(fileOf(hash));
    await world.until('the sentence', () => problems().length > 0);
    expect(problems()[0]).toContain(
      `I cannot use the test split: the file \`blobs/${hash}\` in my data folder`,
    );
    expect(problems()[0]).toMatch(/Restore this file from a backup\..*paused.*`resume`\.$/);
    for (let i = 0; i < 20; i++) await world.step();
    expect(problems()).toHaveLength(1);
    expect(await campaignOf(id)).toMatchObject({ state: 'searching', paused: true, final: null });
    restore();
    await resume(id);
    await world.finish(id);
    const { final, splits } = await campaignOf(id);
    expect(final?.bestTest.n).toBe(splits?.counts.test);
    expect(final?.baselineTest.n).toBe(splits?.counts.test);
  });

  test('while answers to them are being given are not scored, and cost nothing twice', async () => {
    const id = await world.begin();
    const tests = async () => (await listJobs(database.db, id)).filter((job) => job.kind === 'test');
    await world.until('the test is open', async () => (await tests()).some((job) => job.state === 'live'));
    const hash = (await campaignOf(id)).splits?.hashes.test as string;
    const restore = cutInHalf(fileOf(hash));
    await world.until('the sentence', () => problems().length > 0);
    for (let i = 0; i < 20; i++) await world.step();
    expect((await tests()).some((job) => job.state === 'harvested')).toBe(false);
    const keys = [...world.cluster.runs.keys()];
    restore();
    await resume(id);
    await world.finish(id);
    expect([...world.cluster.runs.keys()].filter((key) => keys.includes(key))).toEqual(keys);
    expect((await campaignOf(id)).final?.bestTest.n).toBe((await campaignOf(id)).splits?.counts.test);
    expect((await ledgerTotals(database.db, id)).reserved.computeSeconds).toBe(0);
  });

  test('of a training run keep it from being handed over, and no node fails of it', async () => {
    const id = await world.begin();
    let hash: string | null = null;
    const { blobs } = world.ctx;
    // The rows of the first training run, gone between its plan and its start.
    world.ctx.blobs = {
      ...blobs,
      get: async (asked, what) => {
        if (what === 'the rows of a training run' && hash === null) {
          hash = asked;
          rmSync(fileOf(asked));
        }
        return blobs.get(asked, what);
      },
    };
    await world.until('the sentence', () => problems().length > 0);
    expect(problems()[0]).toMatch(/the rows of a training run.* is missing\./);
    expect(world.cluster.runs.size).toBe(1);
    expect((await listJobs(database.db, id)).some((job) => job.state === 'intent')).toBe(true);
    expect((await listJobs(database.db, id)).some((job) => job.stop !== null)).toBe(false);
  });
});

describe('a blob', () => {
  test('is checked at every read, whatever the file says of its size and time', async () => {
    const hash = await world.ctx.blobs.put('{"prompt":"a"}\n');
    expect(await world.ctx.blobs.get(hash, 'it')).toBe('{"prompt":"a"}\n');
    writeFileSync(fileOf(hash), '{"prompt":"b"}\n');
    await expect(world.ctx.blobs.get(hash, 'it')).rejects.toMatchObject({
      code: 'data_damaged',
      fault: 'data',
    });
  });

  test('that is put again is whole again', async () => {
    const hash = await world.ctx.blobs.put('whole');
    writeFileSync(fileOf(hash), 'half');
    expect(await world.ctx.blobs.put('whole')).toBe(hash);
    expect(await world.ctx.blobs.get(hash, 'it')).toBe('whole');
  });

  test('that was never put is missing', async () => {
    await expect(world.ctx.blobs.get('0'.repeat(64), 'it')).rejects.toThrow(/is missing/);
    await expect(world.ctx.blobs.get('', 'it')).rejects.toThrow(/is missing/);
  });
});
