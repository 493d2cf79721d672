import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { changeBudget } from '../../src/operations/budget/change-budget.ts';
import { getCampaign, listCampaigns, updateCampaign } from '../../src/store/campaigns.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { collectVersions, type OpenWeb, openWeb, statusUnder } from '../support/open-web.ts';
import { until } from '../support/until.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database);
let web: OpenWeb;

beforeEach(async () => {
  // The pages wait by the real clock; the world's stands still.
  web = await openWeb({
    ...world.ctx,
    clock: { ...world.clock, now: world.clock.now, sleep: systemClock.sleep },
  });
});
afterEach(async () => {
  await web.stop();
});

const request = 'teach upper, exact match, budget 10 minutes, no need to ask, full only';
/** Until three nodes have a score. */
const grow = (): Promise<void> =>
  world.until('three scores', async () => {
    const campaigns = await listCampaigns(database.db, {}, 9);
    const nodes = await Promise.all(campaigns.map(({ id }) => listNodes(database.db, id)));
    return nodes.flat().filter((node) => node.score !== null).length >= 3;
  });

describe('the page of a campaign', () => {
  test('holds everything without script, and no script or style of its own', async () => {
    const id = await world.begin(request);
    await grow();
    const { status, body, headers } = await web.get(`/campaigns/${id}`);
    expect(status).toBe(200);
    expect(body).toContain('Asked for by Ana');
    expect(body).toContain('Kind: establish the baseline');
    expect(body).toContain('<svg');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(body).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:|http-equiv/);
    expect([...body.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual([
      '<script src="/assets/page.js" defer>',
    ]);
    for (const [, file = ''] of body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g))
      expect((await web.get(file)).status).toBe(200);
  });

  test('opens the node that the address asks for, and no other', async () => {
    const id = await world.begin(request);
    await grow();
    const { body } = await web.get(`/campaigns/${id}?node=1`);
    expect(body).toMatch(/<details id="node-1" [^>]* open>/);
    expect(body.match(/<details[^>]* open>/g)).toHaveLength(1);
    expect((await web.get(`/campaigns/${id}`)).body).not.toMatch(/<details[^>]* open>/);
    for (const odd of ['x', '-1', '99999999', '1e1']) {
      expect((await web.get(`/campaigns/${id}?node=${odd}`)).status).toBe(200);
    }
  });

  test('links from the picture to each node', async () => {
    const id = await world.begin(request);
    await grow();
    const { body } = await web.get(`/campaigns/${id}`);
    const picture = body.slice(body.indexOf('<svg'), body.indexOf('</svg>'));
    expect(picture).toContain(`<a href="/campaigns/${id}?node=1#node-1">`);
  });

  test('shows texts of people and models as text', async () => {
    const id = await world.begin(request);
    const { brief } = await getCampaign(database.db, id);
    await updateCampaign(database.db, id, {
      brief: brief && { ...brief, title: '<script>alert(1)</script> & "x"' },
    });
    await world.step();
    for (const path of [`/campaigns/${id}`, '/']) {
      const { body } = await web.get(path);
      expect(body).not.toContain('<script>alert');
      expect(body).toContain('&lt;script&gt;alert');
    }
  });

  test('of a campaign that is not there is a sentence', async () => {
    const { status, body } = await web.get('/campaigns/c-none');
    expect(status).toBe(404);
    expect(body).toContain('I cannot find the campaign c-none.');
    expect((await web.get('/campaigns/c-none/events')).status).toBe(404);
  });

  test('leads to its thread', async () => {
    const id = await world.begin(request);
    const { status, headers } = await web.get(`/campaigns/${id}/thread`);
    expect(status).toBe(302);
    expect(headers.get('location')).toMatch(/^https:\/\/chat\.test\/C1\//);
  });
});

describe('news of a change', () => {
  test('come once for a change, and not without one', async () => {
    const id = await world.begin(request);
    const { body } = await web.get(`/campaigns/${id}`);
    const live = await collectVersions(`${web.url}/campaigns/${id}/events`);
    const list = await collectVersions(`${web.url}/events`);
    await until('the first version', 5000, () => live.versions.length === 1 && list.versions.length === 1);
    expect(body).toContain(`data-version="${live.versions[0]}"`);
    await sleep(3500);
    expect(live.versions).toHaveLength(1);
    await changeBudget({
      ctx: world.ctx,
      input: {
        ...{ campaignId: id, user: 'U1', source: 'message:9' },
        ...{ change: 'set', limit: { computeSeconds: 900, usd: null } },
      },
    });
    await until('the second', 5000, () => live.versions.length === 2 && list.versions.length === 2);
    expect((await web.get(`/campaigns/${id}`)).body).toContain(`data-version="${live.versions[1]}"`);
    live.close();
    list.close();
  });
});

describe('the list of campaigns', () => {
  test('names owner, state, best score, spend, dates and thread, newest first, without what never started', async () => {
    const first = await world.begin(request);
    await grow();
    await world.say('teach upper, exact match, budget 20 minutes, no need to ask, full only');
    await world.step();
    const [newest] = await listCampaigns(database.db, {}, 1);
    const second = newest?.id ?? '';
    await world.bot.start({ campaignId: second, user: 'U1' });
    await world.say('teach upper, exact match, budget 5 minutes');
    await world.step();
    const { body } = await web.get('/');
    expect(body.indexOf(second)).toBeLessThan(body.indexOf(first));
    expect(body.indexOf(second)).toBeGreaterThan(0);
    expect(body.match(/<tr>\s*<td/g)).toHaveLength(2);
    const row = body.slice(body.indexOf(first));
    expect(row).toMatch(/Best score">\d\.\d{3} (± |\()\d\.\d{3}.* on search/);
    expect(row).toMatch(/Spent">[\d.]+ of 10 min/);
    expect(row).toContain('Owner">Ana');
    expect(row).toMatch(/Started"><time datetime="\d{4}-/);
    expect(body).toContain(`href="/campaigns/${first}/thread"`);
  });

  test('shows one state where it is asked to, and says so when there is none', async () => {
    const id = await world.begin(request);
    expect((await web.get('/?state=running')).body).toContain(id);
    const { body } = await web.get('/?state=finished');
    expect(body).not.toContain(id);
    expect(body).toContain('No campaign is finished.');
    expect((await web.get('/?state=toString')).body).toContain(id);
    expect((await web.get('/?page=-3')).body).toContain(id);
  });
});

describe('who is let in on loopback', () => {
  test('names of this machine, and the one of the public address', async () => {
    const others = await openWeb({
      ...world.ctx,
      settings: { ...world.ctx.settings, publicUrl: 'http://trex.internal:9000' },
    });
    const port = new URL(others.url).port;
    for (const name of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::1]:${port}`,
      'trex.internal',
      'TREX.internal:9000',
    ])
      expect([name, await statusUnder(name, `${others.url}/`)]).toEqual([name, 200]);
    for (const name of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1.evil.example',
      'trex.internal.evil.example',
    ])
      expect([name, await statusUnder(name, `${others.url}/`)]).toEqual([name, 421]);
    expect(await statusUnder('evil.example', `${others.url}/livez`)).toBe(200);
    await others.stop();
  });

  test('metrics are read from here, and not through a proxy', async () => {
    expect((await web.get('/metrics')).body).toContain('trex_campaigns_active 0');
    expect((await web.get('/metrics', { 'x-forwarded-for': '10.0.0.9' })).status).toBe(403);
    const guarded = await openWeb(world.ctx, { metrics: { kind: 'token', token: 'a-token-for-prometheus' } });
    const forwarded = { 'x-forwarded-for': '10.0.0.9' };
    const read = async (authorization: string) =>
      (await guarded.get('/metrics', { ...forwarded, authorization })).status;
    expect(await read('Bearer a-token-for-prometheus')).toBe(200);
    expect(await read('Bearer a-token-for-prometheuS')).toBe(403);
    expect(await read('')).toBe(403);
    await guarded.stop();
  });
});
