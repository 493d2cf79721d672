import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/lib/log.ts';
import { stopCampaign } from '../../src/operations/control/control-campaign.ts';
import { createPace, deliverMessages } from '../../src/operations/delivery/deliver-messages.ts';
import { writeCurves } from '../../src/operations/end/write-result-files.ts';
import { drawNodeCurves, drawResultCurves } from '../../src/operations/view/draw-curves.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { reportMarkdown } from '../../src/report/final-report.ts';
import { createChat } from '../../src/slack/chat.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listLosses } from '../../src/store/curves.ts';
import type { Database } from '../../src/store/db.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { enqueue, listOutbox } from '../../src/store/outbox.ts';
import { insertMetrics, listTrialsOfNode } from '../../src/store/trials.ts';
import { type SlackDouble, startSlackDouble } from '../slack/slack-double.ts';
import { openWeb } from '../support/open-web.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase, openTestDatabase } from '../support/world/test-database.ts';

let database: Database;
let world: World;
let slack: SlackDouble;
let id: string;
let keys = 0;

/** One campaign for all of it: stopped with a trained node. */
beforeAll(async () => {
  database = await openTestDatabase();
  await emptyDatabase(database);
  world = createWorld(database.db);
  id = await world.begin('teach upper, exact match, budget 3 minutes, no need to ask, full only');
  await world.until('a trained node', async () =>
    (await loadView({ ctx: world.ctx, campaignId: id })).nodes.some(
      (n) => n.parent !== null && n.score !== null,
    ),
  );
  await stopCampaign({ ctx: world.ctx, input: { campaignId: id, user: 'U1' } });
  await world.until('its files', () => world.chat.ofKind('files').length === 1, 10);
}, 120_000);
afterAll(async () => {
  world.dispose();
  await database.close();
});
beforeEach(async () => {
  slack = await startSlackDouble();
  world.ctx.chat = createChat({ botToken: 'xoxb-1', apiUrl: slack.url, log: silentLog });
});
afterEach(() => slack.stop());

/** Puts the files of the end into the outbox once more. @returns the row as it is now */
async function queue(): Promise<() => Promise<{ state: string; attempts: number }>> {
  const { channel, threadTs } = await getCampaign(database.db, id);
  const key = `files:${++keys}`;
  const payload = { kind: 'files' as const, campaignId: id, end: 1 };
  await enqueue(database.db, { key, campaignId: id, channel, threadTs, payload, at: world.clock.now() });
  return async () => {
    const row = (await listOutbox(database.db, id)).find((one) => one.key === key);
    if (row === undefined) throw new Error('no such row');
    return row;
  };
}

/** One pass of delivery, and time for the next try. */
async function deliver(): Promise<void> {
  await deliverMessages({ ctx: world.ctx, pace: createPace() });
  world.clock.advance(60_000);
}

const answer = (res: ServerResponse, body: object, status = 200, headers = {}): true => {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(body));
  return true;
};
const names = (): string[][] =>
  slack.messages.flatMap(({ files }) => (files === undefined ? [] : [files.map(({ title }) => title)]));
const all = ['report.md', 'model-card.md', 'tree.png', 'curves.png', 'weights.bin'];
const posts = (): string[] => slack.called('chat.postMessage').map(({ body }) => body.text ?? '');

describe('the files of an end', () => {
  test('are attached in the thread, as one message, and are what lies on disk', async () => {
    const row = await queue();
    await deliver();
    await deliver();
    expect((await row()).state).toBe('sent');
    expect(names()).toEqual([all]);
    const [message] = slack.messages;
    expect(message?.threadTs).toBe((await getCampaign(database.db, id)).threadTs);
    expect(message?.text).toMatch(
      /^The files of \*Upper-case words\*: report\.md, model-card\.md, tree\.png, curves\.png and weights\.bin\.$/,
    );
    expect([...slack.uploads.values()][0]?.toString()).toContain('# Upper-case words');
  });

  test('are not shown twice when the answer to showing them is lost', async () => {
    const row = await queue();
    let isLost = false;
    slack.fault = ({ method, body }, res) => {
      if (method !== 'files.completeUploadExternal' || isLost) return false;
      isLost = true;
      slack.messages.push({
        ...{ ts: `${Math.floor(world.clock.now().getTime() / 1000)}.000900`, channel: 'C1', text: '' },
        files: JSON.parse(body.files ?? '[]') as { id: string; title: string }[],
      });
      res.destroy();
      return true;
    };
    await deliver();
    expect((await row()).state).toBe('pending');
    await deliver();
    expect((await row()).state).toBe('sent');
    expect(names()).toEqual([all]);
  });

  test('are uploaded once when Slack cannot be reached to show them', async () => {
    const row = await queue();
    slack.fault = ({ method }, res) =>
      method === 'files.completeUploadExternal' && answer(res, { ok: false, error: 'service_unavailable' });
    await deliver();
    slack.fault = null;
    await deliver();
    expect((await row()).state).toBe('sent');
    expect(slack.called('files.getUploadURLExternal')).toHaveLength(all.length);
    expect(names()).toEqual([all]);
  });

  test('are uploaded again when Slack has forgotten them', async () => {
    const row = await queue();
    slack.fault = ({ method }, res) =>
      method === 'files.completeUploadExternal' && answer(res, { ok: false, error: 'file_not_found' });
    await deliver();
    slack.fault = null;
    await deliver();
    expect((await row()).state).toBe('sent');
    expect(slack.called('files.getUploadURLExternal')).toHaveLength(2 * all.length);
    expect(names()).toEqual([all]);
  });

  test.each([
    ['a limit', 'files.getUploadURLExternal', 429, { 'retry-after': '30' }],
    ['a failure of the place that takes them', '/upload/', 500, {}],
  ])('wait for the end of %s', async (_, method, status, headers) => {
    const row = await queue();
    slack.fault = (call, res) =>
      call.method.startsWith(method) && answer(res, { ok: false }, status, headers);
    await deliver();
    expect((await row()).state).toBe('pending');
    slack.fault = null;
    await deliver();
    expect((await row()).state).toBe('sent');
    expect(names()).toEqual([all]);
    expect(posts()).toEqual([]);
  });

  test('that may not be attached are named with the reason and their place, and hold up nothing else', async () => {
    const row = await queue();
    slack.fault = ({ method }, res) =>
      method === 'files.getUploadURLExternal' && answer(res, { ok: false, error: 'missing_scope' });
    await deliver();
    expect((await row()).state).toBe('sent');
    expect(names()).toEqual([]);
    const { kept } = await loadView({ ctx: world.ctx, campaignId: id });
    expect(posts()).toHaveLength(1);
    expect(posts()[0]).toMatch(
      /^I could not attach report\.md, .* here: Slack refused the call: missing_scope\. /,
    );
    expect(posts()[0]).toContain(`They are in \`${kept?.dir}\``);
  });

  test('are told of after so many tries that the place does not take them', async () => {
    const row = await queue();
    slack.fault = ({ method }, res) => method.startsWith('/upload/') && answer(res, {}, 500);
    for (let i = 0; i < 9; i++) await deliver();
    expect((await row()).state).toBe('sent');
    expect(posts()).toHaveLength(1);
  });

  test('can be had from the page by their names, and nothing else can', async () => {
    const web = await openWeb(world.ctx);
    try {
      const report = await web.get(`/campaigns/${id}/files/report.md`);
      expect(report.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(report.body).toContain('# Upper-case words');
      const weights = await web.get(`/campaigns/${id}/files/weights.bin`);
      expect(weights.headers.get('content-disposition')).toBe('attachment; filename="weights.bin"');
      expect(Number(weights.headers.get('content-length'))).toBe(weights.body.length);
      expect((await web.get(`/campaigns/${id}/files/tree.png`)).headers.get('content-type')).toBe(
        'image/png',
      );
      const { body } = await web.get(`/campaigns/${id}`);
      for (const name of all) expect(body).toContain(`href="/campaigns/${id}/files/${name}"`);
      for (const name of ['reproduce.json', '..%2f..%2fblobs', '%2e%2e%2freport.md', '%2fetc%2fpasswd', 'x'])
        expect((await web.get(`/campaigns/${id}/files/${name}`)).status).toBe(404);
      expect((await web.get('/campaigns/c-none/files/report.md')).status).toBe(404);
    } finally {
      await web.stop();
    }
  });

  test('leave out weights that are too large, and say where those are', async () => {
    const { kept } = await loadView({ ctx: world.ctx, campaignId: id });
    truncateSync(kept?.best?.weights.path ?? '', 20_000_001);
    await queue();
    await deliver();
    expect(names()).toEqual([all.filter((name) => name !== 'weights.bin')]);
    expect(slack.messages[0]?.text).toContain('The weights (20 MB) are too large to attach. They are in `');
  });
});

describe('training losses', () => {
  /** Of the first trial of #1: an attempt that broke off, and one of very many steps whose loss breaks at the end. */
  async function train(): Promise<number> {
    const [, node] = await listNodes(database.db, id);
    const [trial] = await listTrialsOfNode(database.db, node?.id ?? 0);
    const point = (attempt: number, step: number) => ({
      ...{ trialId: trial?.id ?? 0, attempt, seq: step, step, steps: 5000 },
      values: { loss: step === 5000 ? Number.NaN : 3 - step / 2500 + (attempt === 8 ? 50 : 0) },
    });
    await insertMetrics(
      database.db,
      [...Array(300).keys()].map((step) => point(8, step)),
    );
    for (const from of [0, 1000, 2000, 3000, 4000])
      await insertMetrics(
        database.db,
        [...Array(1000).keys()].map((step) => point(9, from + step + 1)),
      );
    return trial?.id ?? 0;
  }

  test('of the last attempt are shown on the page, in few points however long it was', async () => {
    const trialId = await train();
    const points = await listLosses(database.db, [trialId], 240);
    expect(points.length).toBeLessThanOrEqual(242);
    expect(points[0]).toEqual({ trialId, step: 1, loss: 3 - 1 / 2500 });
    expect(points.at(-1)).toEqual({ trialId, step: 5000, loss: Number.NaN });
    expect(points.every(({ loss }) => !(loss > 3))).toBe(true);
    const svg = await drawNodeCurves({ ctx: world.ctx, input: { campaignId: id, node: 1 } });
    expect(svg).toContain('then NaN');
    const web = await openWeb(world.ctx);
    try {
      const picture = await web.get(`/campaigns/${id}/nodes/1/curves.png`);
      expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
      expect((await web.get(`/campaigns/${id}`)).body).toContain(`src="/campaigns/${id}/nodes/1/curves.png"`);
      for (const node of ['0', '99', 'x']) {
        expect((await web.get(`/campaigns/${id}/nodes/${node}/curves.png`)).status).toBe(404);
      }
    } finally {
      await web.stop();
    }
  });

  test('come with `show`: by address, or uploaded', async () => {
    await train();
    const { threadTs } = await getCampaign(database.db, id);
    world.ctx.settings.pictureMode = 'url';
    world.ctx.settings.publicUrl = 'http://127.0.0.1:9';
    await world.say('show 1', { threadTs });
    await deliver();
    const images = () =>
      JSON.parse(slack.called('chat.postMessage').at(-1)?.body.blocks ?? '[]').filter(
        ({ type }: { type: string }) => type === 'image',
      );
    expect(images()).toMatchObject([{ image_url: `http://127.0.0.1:9/campaigns/${id}/nodes/1/curves.png` }]);
    world.ctx.settings.pictureMode = 'upload';
    await world.say('show 1', { threadTs });
    await deliver();
    expect(slack.uploads.size).toBe(1);
    expect(images()).toMatchObject([{ slack_file: { id: [...slack.uploads.keys()][0] } }]);
    await world.say('show 0', { threadTs });
    await deliver();
    expect(images()).toEqual([]);
  });

  test('stand in the report, beside those of the node that the best grew from', async () => {
    await train();
    const svg = await drawResultCurves({ ctx: world.ctx, input: { campaignId: id, node: 1 } });
    expect(svg).toContain('Training of #1');
    const dir = mkdtempSync(join(tmpdir(), 'trex-curves-'));
    expect(await writeCurves(world.ctx, id, { dir, node: 1 })).toBe('curves.png');
    expect(await writeCurves(world.ctx, id, { dir, node: 0 })).toBeNull();
    const view = await loadView({ ctx: world.ctx, campaignId: id });
    expect(reportMarkdown(view, { curves: 'curves.png' })).toContain('](curves.png)');
    rmSync(dir, { recursive: true });
  });
});
