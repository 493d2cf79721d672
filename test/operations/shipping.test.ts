import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ShipKind } from '../../src/campaign/shipment.ts';
import type { CampaignView } from '../../src/campaign/view.ts';
import { TrexError } from '../../src/lib/errors.ts';
import { sha256 } from '../../src/lib/hash.ts';
import type { Context } from '../../src/operations/context.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { type Parcel, ShipLater, type ShipTarget } from '../../src/shipping/port.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listDiscards } from '../../src/store/discards.ts';
import { listEvents } from '../../src/store/events.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { shipment } from '../../src/store/schema.ts';
import { listShipments } from '../../src/store/shipments.ts';
import { createWorld, transcript, type World } from '../support/world/create-world.ts';
import { emptyDatabase } from '../support/world/test-database.ts';
import { useDatabase } from '../support/world/use-world.ts';

/** A place that keeps what it is sent, by name; `before` may fail a try. */
interface RecordingTarget extends ShipTarget {
  license: string | null;
  sent: { name: string; files: Map<string, string> }[];
  before: ((parcel: Parcel, signal: AbortSignal) => Promise<void> | void) | null;
}

function recordingTarget(kind: ShipKind): RecordingTarget {
  const target: RecordingTarget = {
    ...{ kind, label: `${kind}.test/acme`, license: null, sent: [], before: null },
    termsOf: (name) => ({
      ...{ kind, place: `${kind}.test/acme/${name}`, license: target.license },
      visibility: kind === 'hub' ? 'private' : 'machine',
    }),
    ship: async (parcel, { onProgress, signal }) => {
      onProgress(0.5);
      await target.before?.(parcel, signal);
      const files = new Map(parcel.files.map(({ name, path }) => [name, readFileSync(path, 'latin1')]));
      target.sent.push({ name: parcel.name, files });
      onProgress(1);
      return { url: `https://${kind}.test/acme/${parcel.name}` };
    },
  };
  return target;
}

const database = useDatabase({ isKept: true });
let world: World;
let hub: RecordingTarget;
let folder: RecordingTarget;
let id: string;
let view: CampaignView;
let threadTs: string;

beforeAll(() => {
  hub = recordingTarget('hub');
  folder = recordingTarget('folder');
});

/** A small campaign at its end. */
async function finish(settings: Partial<Context['settings']> = {}): Promise<void> {
  await emptyDatabase(database);
  world = createWorld(database.db, { settings, shipTargets: [hub] });
  id = await world.begin(
    'teach upper, exact match, budget 3 minutes, no need to ask, full only, at most 4 rounds',
  );
  threadTs = (await getCampaign(database.db, id)).threadTs;
  await world.finish(id);
  for (let i = 0; i < 3; i++) await world.step();
  view = await loadView({ ctx: world.ctx, campaignId: id });
}

const say = async (text: string, user = 'U1'): Promise<void> => {
  await world.say(text, { threadTs, user });
  await world.step();
};
const lastCard = () => {
  const content = world.chat.last('shipment')?.content;
  if (content?.kind !== 'shipment') throw new Error(`no card:\n${transcript(world.chat)}`);
  return content.shipment;
};
const decide = (decision: 'approve' | 'decline', user = 'U2') =>
  world.bot.decideShipment({ shipmentId: lastCard().id, decision, user });
/** What a message was answered with. */
const lastReply = (): string => {
  const content = world.chat.messages.filter((m) => m.key.includes(':reply:')).at(-1)?.content;
  return content?.kind === 'text' ? content.text : '';
};

describe('shipping the winner', { timeout: 60_000 }, () => {
  beforeAll(() => finish(), 120_000);
  afterAll(() => world.dispose());
  beforeEach(async () => {
    await database.db.delete(shipment);
    Object.assign(hub, { license: null, sent: [], before: null });
    Object.assign(world.ctx.settings, { approvers: [], noSelfApproval: false });
    world.chat.messages.length = 0;
    world.stop = new AbortController();
  });

  test('asks on a card what goes where, and sends exactly that after a yes', async () => {
    expect(await world.bot.ship({ campaignId: id, kind: 'hub', user: 'U1' })).toEqual({ private: null });
    await world.step();
    const card = lastCard();
    expect(card).toMatchObject({
      state: 'requested',
      round: view.final?.winner,
      isWinner: true,
      requestedBy: 'Ana',
    });
    expect(card.terms).toMatchObject({ visibility: 'private', license: null });
    expect(card.terms.place).toMatch(new RegExp(`^hub.test/acme/[a-z0-9-]+-${id}$`));
    expect(card.weights).toMatchObject({ sha256: view.final?.weightsSha256, bytes: 64 });
    expect(card.score?.split).toBe('test');
    for (let i = 0; i < 3; i++) await world.step();
    expect(hub.sent, 'nothing leaves without a yes').toEqual([]);

    expect(await decide('approve')).toEqual({ private: null });
    await world.step();
    const [parcel, ...more] = hub.sent;
    expect(more).toEqual([]);
    expect([...(parcel?.files.keys() ?? [])].sort()).toEqual(
      ['README.md', 'curves.png', 'report.md', 'reproduce.json', 'tree.png', 'weights.bin'].sort(),
    );
    expect(parcel?.files.get('report.md'), 'its picture comes with it').toContain('](curves.png)');
    expect(sha256(parcel?.files.get('weights.bin') ?? '')).toBe(view.final?.weightsSha256);
    const readme = parcel?.files.get('README.md') ?? '';
    expect(readme).toContain('base_model: "fake-1"');
    expect(readme).toContain('license_name: unknown');
    expect(readme).toMatch(/model-index:[\s\S]*95 % interval/);
    expect(JSON.parse(parcel?.files.get('reproduce.json') ?? '')).toMatchObject({
      weightsSha256: view.final?.weightsSha256,
    });
    expect(lastCard()).toMatchObject({
      state: 'shipped',
      decidedBy: 'Ben',
      url: `https://hub.test/acme/${parcel?.name}`,
    });
    expect(transcript(world.chat)).toContain(`is shipped: https://hub.test/acme/${parcel?.name}`);
    expect(readdirSync(join(world.ctx.settings.dataDir, 'shipments'))).toEqual([]);

    // Asked for again, it is said where it is; pressed again, nothing happens.
    await say('ship it');
    expect(lastReply()).toContain('is there already');
    expect((await decide('approve')).private).toBe('You have already decided: shipped.');
    await world.step();
    expect(hub.sent).toHaveLength(1);
    expect(world.chat.ofKind('shipment')).toHaveLength(1);
    const names = (await listEvents(database.db, id)).map((event) => event.name);
    expect(names.filter((name) => name.startsWith('shipment.')).slice(-3)).toEqual([
      ...['shipment.requested', 'shipment.approved', 'shipment.shipped'],
    ]);
  });

  test('is up to those who may, and not to who asked where that is the rule', async () => {
    Object.assign(world.ctx.settings, { approvers: ['U1', 'U2'], noSelfApproval: true });
    await say('ship it');
    expect((await decide('approve', 'U9')).private).toBe(
      'You may not decide about weights that leave here. Ana or Ben can.',
    );
    expect((await decide('approve', 'U1')).private).toContain('Ben can');
    expect(lastCard().state).toBe('requested');
    const [first, second] = await Promise.all([decide('approve'), decide('decline')]);
    expect([first.private, second.private].filter((text) => text === null)).toHaveLength(1);
    await world.step();
    expect(hub.sent.length).toBeLessThanOrEqual(1);
  });

  test('declined, nothing is sent, and it can be asked for anew', async () => {
    await say('export');
    await decide('decline');
    await world.step();
    expect(lastCard()).toMatchObject({ state: 'declined', decidedBy: 'Ben' });
    await say('ship to hub');
    expect(lastCard()).toMatchObject({ state: 'requested' });
    expect(world.chat.ofKind('shipment')).toHaveLength(2);
    expect(hub.sent).toEqual([]);
  });

  test('is bound to place and license: with another configuration a yes is none', async () => {
    await say('ship it');
    hub.license = 'apache-2.0';
    expect((await decide('approve')).private).toContain('configuration has changed');
    await world.step();
    expect(lastCard().state).toBe('withdrawn');
    await say('ship it');
    await decide('approve');
    hub.license = 'mit';
    await world.step();
    expect(hub.sent).toEqual([]);
    expect(lastCard()).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('not what was agreed to'),
    });
  });

  test('is bound to the hash: weights that were changed after the yes stay here', async () => {
    await say('ship it');
    await decide('approve');
    const [row] = await listShipments(database.db, id);
    const path = join(world.ctx.settings.dataDir, 'runs', row?.runKey ?? '', 'weights.bin');
    const weights = readFileSync(path);
    writeFileSync(path, 'other');
    await world.step();
    expect(hub.sent).toEqual([]);
    expect(lastCard()).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('not the ones that were agreed to'),
    });
    expect(readdirSync(join(world.ctx.settings.dataDir, 'shipments'))).toEqual([]);
    writeFileSync(path, weights);
  });

  test('is tried again later and later, says why, and keeps to what the other side asks for', async () => {
    await say('ship it');
    let tries = 0;
    hub.before = () => {
      tries++;
      if (tries === 1) throw new ShipLater('hub.test answers 500.');
      if (tries === 2) throw new ShipLater('hub.test asks to wait (429).', 120_000);
    };
    await decide('approve');
    await world.step();
    expect(lastCard()).toMatchObject({ state: 'shipping', problem: 'hub.test answers 500.' });
    expect(lastCard().retryAt).not.toBeNull();
    world.clock.advance(5000);
    await world.step();
    expect(tries).toBe(2);
    world.clock.advance(60_000);
    await world.step();
    expect(tries).toBe(2);
    world.clock.advance(60_000);
    await world.step();
    expect(hub.sent).toHaveLength(1);
    expect(lastCard()).toMatchObject({ state: 'shipped', problem: null });
  });

  test('given up, it says what to do, and goes on under the same yes', async () => {
    await say('ship it');
    hub.before = () => {
      throw new TrexError(
        'hub_token',
        'config',
        'hub.test does not know the token in HF_TOKEN (401). Set a valid one.',
      );
    };
    await decide('approve');
    await world.step();
    expect(lastCard()).toMatchObject({ state: 'failed' });
    const said = world.chat.last('problem')?.content;
    expect(said?.kind === 'problem' ? said.text : '').toMatch(/HF_TOKEN.*Write `ship it` when/);
    hub.before = null;
    await say('ship it');
    expect(lastReply()).toContain('under the yes of Ben');
    await world.step();
    expect(hub.sent).toHaveLength(1);
    expect(lastCard()).toMatchObject({ state: 'shipped', decidedBy: 'Ben' });
  });

  test('broken off by a stop of the bot, it goes on with the same bytes', async () => {
    await say('ship it');
    const seen: string[] = [];
    hub.before = (parcel, signal) => {
      seen.push(JSON.stringify(parcel.files.map(({ name, sha256 }) => [name, sha256])));
      if (seen.length > 1) return;
      world.stop.abort();
      signal.throwIfAborted();
    };
    await decide('approve');
    await world.step();
    expect((await listShipments(database.db, id))[0]).toMatchObject({ state: 'shipping', failures: 0 });
    world.stop = new AbortController();
    await world.step();
    expect(hub.sent).toHaveLength(1);
    expect(new Set(seen).size).toBe(1);
    expect(lastCard()).toMatchObject({ state: 'shipped' });
  });
});

describe('shipping another round', { timeout: 120_000 }, () => {
  beforeEach(() => Object.assign(hub, { license: null, sent: [], before: null }));
  afterEach(() => world.dispose());

  test('is possible while its weights are there, and the card says that it was not tested', async () => {
    await finish({ keepWeights: 'all' });
    const report = world.chat.ofKind('report').at(-1);
    expect(report?.ships).toEqual([{ kind: 'hub', label: 'Ship to hub.test/acme' }]);
    const other = view.weights.kept.find((round) => round !== view.final?.winner) as number;
    const job = (await listJobs(database.db, id)).find((one) => one.key.includes(`-n${other}-`));
    const path = join(world.ctx.settings.dataDir, 'runs', job?.key ?? '', 'weights.bin');
    const weights = readFileSync(path);
    writeFileSync(path, 'other');
    await say(`ship #${other}`);
    expect(lastReply(), 'read before anybody is asked').toContain('not the ones that the run reported');
    writeFileSync(path, weights);
    await say(`ship #${other}`);
    expect(lastCard()).toMatchObject({ round: other, isWinner: false, score: { split: 'search' } });
    expect(lastCard().terms.place).toMatch(new RegExp(`${id}-r${other}$`));
    await decide('approve');
    await world.step();
    const readme = hub.sent[0]?.files.get('README.md') ?? '';
    expect(readme).toContain('The test split was not opened for it');
    expect(readme).not.toContain('model-index');
    expect(JSON.parse(hub.sent[0]?.files.get('reproduce.json') ?? '')).toMatchObject({
      winner: other,
      testValue: null,
    });
  });

  test('that is gone, unknown, or the base model is refused in a sentence', async () => {
    await finish({ keepWeights: { best: false, finalists: false, last: 0 } });
    const gone = (await listDiscards(database.db, id)).map((row) => Number(/-n(\d+)-/.exec(row.jobKey)?.[1]));
    const lost = gone.find((round) => round !== view.final?.winner) as number;
    const answers: [string, RegExp][] = [
      [`ship #${lost}`, /were removed to free space/],
      ['ship #99', /There is no node #99/],
      ['ship #0', /untrained base model/],
      ['ship to folder', /TREX_SHIP_DIR/],
    ];
    for (const [words, answer] of answers) {
      await say(words);
      expect(lastReply(), words).toMatch(answer);
    }
    expect(await listShipments(database.db, id)).toEqual([]);
  });

  test('keeps its weights while it waits for a yes', async () => {
    await emptyDatabase(database);
    world = createWorld(database.db, {
      shipTargets: [hub, folder],
      settings: { keepWeights: { best: false, finalists: false, last: 1 } },
    });
    id = await world.begin('teach upper, exact match, budget 4 minutes, no need to ask, full only');
    threadTs = (await getCampaign(database.db, id)).threadTs;
    await world.until(
      'a round',
      async () => (await loadView({ ctx: world.ctx, campaignId: id })).weights.kept.length > 1,
    );
    const [first] = (await loadView({ ctx: world.ctx, campaignId: id })).weights.kept;
    await say('ship it');
    expect(lastReply()).toMatch(/Where to|no confirmed winner/);
    await say(`ship #${first} to the folder`);
    expect(lastCard()).toMatchObject({ round: first, state: 'requested' });
    await world.finish(id);
    const [row] = await listShipments(database.db, id);
    expect(existsSync(join(world.ctx.settings.dataDir, 'runs', row?.runKey ?? '', 'weights.bin'))).toBe(true);
    await decide('approve');
    await world.step();
    expect(folder.sent).toHaveLength(1);
  });
});
