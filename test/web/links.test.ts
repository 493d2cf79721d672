import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLinkSigner } from '../../src/lib/signed-link.ts';
import { linkToCampaign, linkToChannel } from '../../src/operations/page-address.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { type OpenWeb, openWeb } from '../support/open-web.ts';
import { channel, team } from '../support/world/create-world.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const signer = createLinkSigner('thirty-two characters of a secret', 7);
const database = useDatabase();
const world = useWorld(database, { settings: { publicUrl: 'https://trex.example', linkSigner: signer } });
let web: OpenWeb;
let id: string;

beforeEach(async () => {
  web = await openWeb(world.ctx, { host: '0.0.0.0' });
  id = await world.begin('teach upper, exact match, budget 10 minutes, no need to ask, full only');
  await world.step();
});
afterEach(async () => {
  await web.stop();
});

const path = (url: string | null): string => {
  const { pathname, search } = new URL(url ?? '');
  return `${pathname}${search}`;
};
const below = ['', '/tree.txt', '/tree.svg', '/tree.png', '/thread'];

describe('where others reach the pages', () => {
  test('nothing of a campaign is shown without a link, or with that of another', async () => {
    const other = path(linkToCampaign(world.ctx, 'c-other')).split('?')[1];
    for (const end of [...below, '/events', '/files/report.md']) {
      for (const query of ['', '?t=', '?t=x.y', `?${other}`]) {
        const { status, body } = await web.get(`/campaigns/${id}${end}${query}`);
        expect([end, query, status]).toEqual([end, query, 403]);
        expect(body).not.toContain('upper');
      }
    }
    for (const all of ['/', '/events', `/channels/${team}/${channel}`])
      expect((await web.get(all)).status).toBe(403);
  });

  test('the link of a message opens the page and all that the page links to', async () => {
    const { status, body } = await web.get(path(linkToCampaign(world.ctx, id)));
    expect(status).toBe(200);
    expect(body).not.toContain('All campaigns');
    const links = [...body.matchAll(/(?:href|data-events)="(\/campaigns[^"]+)/g)].map(([, link = '']) =>
      link.replace(/&(amp|#38);/g, '&').replace(/#.*/, ''),
    );
    expect(links.length).toBeGreaterThan(3);
    for (const link of links.filter((l) => !l.includes('/events')))
      expect([link, (await web.get(link)).status < 400]).toEqual([link, true]);
    for (const end of below)
      expect((await web.get(path(linkToCampaign(world.ctx, id, end)))).status).toBeLessThan(400);
  });

  test('every address that the chat is given carries it', async () => {
    const progress = world.chat.last('progress')?.content;
    if (progress?.kind !== 'progress') throw new Error('no progress message');
    for (const url of [progress.view.pageUrl, progress.view.pictureUrl]) {
      expect(url).toMatch(/^https:\/\/trex\.example\/campaigns\/.*t=/);
      expect((await web.get(path(url))).status).toBe(200);
    }
  });

  test('a link ends, and its page says how to get another', async () => {
    const link = path(linkToCampaign(world.ctx, id));
    world.clock.advance(6.9 * 24 * 3600_000);
    expect((await web.get(link)).status).toBe(200);
    world.clock.advance(0.2 * 24 * 3600_000);
    const { status, body } = await web.get(link);
    expect(status).toBe(403);
    expect(body).toContain('This link has expired');
    expect(body).toContain('/trex page');
    expect(body).not.toContain('upper');
  });

  test("the link of a channel opens its list and its campaigns, not another channel's", async () => {
    const list = await web.get(path(linkToChannel(world.ctx, { teamId: team, channel })));
    expect(list.status).toBe(200);
    const [, campaign = ''] = /href="(\/campaigns\/[^"]+)"/.exec(list.body) ?? [];
    expect((await web.get(campaign.replaceAll('&amp;', '&'))).status).toBe(200);
    const empty = await web.get(path(linkToChannel(world.ctx, { teamId: team, channel: 'C2' })));
    expect(empty.status).toBe(200);
    expect(empty.body).not.toContain(id);
    const token = path(linkToChannel(world.ctx, { teamId: team, channel: 'C2' })).split('?')[1];
    expect((await web.get(`/channels/${team}/${channel}?${token}`)).status).toBe(403);
    expect((await web.get(`/?${token}`)).status).toBe(403);
  });

  test('what a list passes on ends when the list does', async () => {
    const link = path(linkToChannel(world.ctx, { teamId: team, channel }));
    world.clock.advance(6.5 * 24 * 3600_000);
    const [, campaign = ''] = /href="(\/campaigns\/[^"]+)"/.exec((await web.get(link)).body) ?? [];
    world.clock.advance(0.6 * 24 * 3600_000);
    expect((await web.get(campaign.replaceAll('&amp;', '&'))).status).toBe(403);
  });

  test('a link to everything opens everything', async () => {
    const token = signer.sign('all', world.clock.now());
    for (const all of ['/', `/channels/${team}/${channel}`, ...below.map((end) => `/campaigns/${id}${end}`)])
      expect((await web.get(`${all}?t=${token}`)).status).toBeLessThan(400);
  });

  test('`page` in the thread, and in the channel, says a link that opens', async () => {
    const { threadTs } = await getCampaign(database.db, id);
    await world.say('page', { threadTs });
    await world.say('give me a new link please', { threadTs });
    await world.say('page');
    await world.step();
    const told = world.chat.ofKind('text').flatMap(({ text }) => /Here it is: (\S+)/.exec(text)?.[1] ?? []);
    expect(told.map((url) => new URL(url).pathname)).toEqual([
      `/campaigns/${id}`,
      `/campaigns/${id}`,
      `/channels/${team}/${channel}`,
    ]);
    for (const url of told) expect((await web.get(path(url))).status).toBe(200);
  });

  test('health needs no link', async () => {
    expect((await web.get('/livez')).status).toBe(200);
    expect((await web.get('/readyz')).status).toBe(200);
  });
});
