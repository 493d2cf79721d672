import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { loadView } from '../../src/operations/view/load-view.ts';
import { readHealth } from '../../src/operations/view/read-health.ts';
import { listCampaigns } from '../../src/store/campaigns.ts';
import type { Database } from '../../src/store/db.ts';
import { schemasFolder } from '../support/schema-fixture.ts';
import { createWorld } from '../support/world/create-world.ts';
import { openOldDatabase } from '../support/world/test-database.ts';

const dir = mkdtempSync(join(tmpdir(), 'trex-upgrade-'));
let database: Database | null = null;

afterEach(async () => {
  await database?.close();
  rmSync(dir, { recursive: true, force: true });
});

const released = readdirSync(schemasFolder)
  .filter((name) => name.endsWith('.sql'))
  .map((name) => name.replace(/\.sql$/, ''));

test('there is a fixture of the first schema', () => {
  expect(released).toContain('0.1.0');
});

describe.each(released)('a database of %s with data in it', (version) => {
  test('migrates, and shows its campaigns: the finished one and the one under way', async () => {
    database = await openOldDatabase(dir, readFileSync(join(schemasFolder, `${version}.sql`), 'utf8'));
    const world = createWorld(database.db, { slots: 1 });
    try {
      const campaigns = await listCampaigns(database.db, {}, 10);
      const views = await Promise.all(
        campaigns.map(({ id }) => loadView({ ctx: world.ctx, campaignId: id })),
      );
      expect(views.map((view) => view.state).sort()).toEqual(['finished', 'searching']);
      const finished = views.find((view) => view.state === 'finished');
      expect(finished?.nodes.length).toBeGreaterThanOrEqual(3);
      expect(finished?.final?.testDifference.low).toBeGreaterThan(0);
      expect(finished?.final?.confirmations.length).toBeGreaterThan(0);
      const open = views.find((view) => view.state === 'searching');
      expect(open?.nodes.map((n) => n.state)).toEqual(['scored', 'running', 'awaiting_approval']);
      expect(open?.nodes[2]?.approval?.state).toBe('pending');
      expect(open?.budget.reserved.computeSeconds).toBeGreaterThan(0);
      expect((await readHealth({ ctx: world.ctx })).liveJobs).toBe(1);
    } finally {
      world.dispose();
    }
  });
});
