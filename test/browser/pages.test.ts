import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { changeBudget } from '../../src/operations/budget/change-budget.ts';
import { rasterise } from '../../src/report/rasterise.ts';
import type { Database } from '../../src/store/db.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { makeLargeCampaign } from '../support/large-campaign.ts';
import { type OpenWeb, openWeb } from '../support/open-web.ts';
import { createWorld, type World } from '../support/world/create-world.ts';
import { emptyDatabase, openTestDatabase } from '../support/world/test-database.ts';
import { findChromium, keepScreenshots, launchBrowser, openPage } from './open-browser.ts';

const executable = findChromium();
const phone = { width: 390, height: 844 };
const desk = { width: 1280, height: 900 };

describe.skipIf(executable === null)('the pages, in a browser', () => {
  let browser: Browser;
  let database: Database;
  let world: World;
  let web: OpenWeb;
  let id: string;
  const worlds: World[] = [];

  beforeAll(async () => {
    [browser, database] = await Promise.all([launchBrowser(executable as string), openTestDatabase()]);
    await emptyDatabase(database);
    world = createWorld(database.db);
    worlds.push(world);
    // The pages wait by the real clock; the world's stands still.
    const clock = { now: world.clock.now, sleep: systemClock.sleep };
    web = await openWeb({ ...world.ctx, clock, rasterise });
    id = await world.begin('teach upper, exact match, budget 10 minutes, no need to ask, full only');
    await world.until('four nodes', async () => (await listNodes(database.db, id)).length >= 4);
  });
  afterAll(async () => {
    await browser?.close();
    await web?.stop();
    await database?.close();
    for (const { dispose } of worlds) dispose();
  });

  const open = async (path: string, size: { width: number; height: number }, script = true) => {
    const watched = await openPage(browser, `${web.url}${path}`, {
      viewport: size,
      javaScriptEnabled: script,
    });
    onTestFailed(async () => {
      console.log(`What it looked like: ${(await keepScreenshots([watched.page])).join(' ')}`);
    });
    return watched;
  };
  let raises = 10;
  /** Something that the page shows becomes another. @returns the words to be seen */
  const change = async (): Promise<string> => {
    const minutes = ++raises;
    await changeBudget({
      ctx: world.ctx,
      input: {
        ...{ campaignId: id, user: 'U1', source: `message:${minutes}` },
        ...{ change: 'set', limit: { computeSeconds: minutes * 60, usd: null } },
      },
    });
    return `of ${minutes} min`;
  };

  test('a change comes without a reload: what is open, focused, selected and scrolled to stays', async () => {
    const { page, errors } = await open(`/campaigns/${id}`, desk);
    await page.evaluate('window.mark = 1');
    await page.locator('#node-1 > summary').click();
    await page.locator('#node-2 > summary').focus();
    await page.evaluate(`(() => {
      const text = document.querySelector('#node-1 .details');
      getSelection().selectAllChildren(text);
      scrollTo(0, 300);
    })()`);
    const before = await page.evaluate('getSelection().toString()');
    expect(before).not.toBe('');
    await page
      .locator('[data-part="headline"]')
      .getByText(await change())
      .waitFor();
    expect(await page.evaluate('window.mark')).toBe(1);
    expect(
      await page.locator('#node-1').evaluate((node) => (node as unknown as { open: boolean }).open),
    ).toBe(true);
    expect(await page.evaluate('getSelection().toString()')).toBe(before);
    expect(await page.evaluate('document.activeElement.parentElement.id')).toBe('node-2');
    expect(Math.abs(Number(await page.evaluate('scrollY')) - 300)).toBeLessThan(40);
    expect(errors).toEqual([]);
    await page.close();
  });

  test('a part that is selected changes when the selection is gone', async () => {
    const { page } = await open(`/campaigns/${id}`, desk);
    const headline = page.locator('[data-part="headline"]');
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector('[data-part="headline"]'))`);
    const shown = await headline.textContent();
    const words = await change();
    await page.locator('[data-part="tree"]').getByText(words).first().waitFor();
    expect(await headline.textContent()).toBe(shown);
    await page.evaluate('getSelection().removeAllRanges()');
    await headline.getByText(words).waitFor();
    await page.close();
  });

  test.each([
    ['as an address', (page: Page) => page.goto(`${web.url}/campaigns/${id}#node-3`)],
    [
      'in the picture',
      (page: Page) => page.locator('.picture a[href$="#node-3"]').first().click({ force: true }),
    ],
  ])('#node-3 %s opens its node and brings it into view', async (_, go) => {
    const { page } = await open(`/campaigns/${id}`, desk);
    await go(page);
    const node = page.locator('#node-3');
    await node.locator('.details').waitFor({ state: 'visible' });
    const box = await node.boundingBox();
    expect(box?.y).toBeGreaterThanOrEqual(-1);
    expect(box?.y).toBeLessThan(desk.height);
    await page.close();
  });

  test('works without script', async () => {
    const { page } = await open(`/campaigns/${id}?node=3#node-3`, phone, false);
    await page.locator('#node-3 .details').waitFor({ state: 'visible' });
    await page.locator('#node-1 > summary').click();
    await page.locator('#node-1 .details').waitFor({ state: 'visible' });
    await page.close();
  });

  test.each([
    ['phone', phone],
    ['desk', desk],
  ])('on a %s nothing is wider than the screen, and no text is smaller than 14 px', async (_, size) => {
    for (const path of [`/campaigns/${id}?node=2`, '/', '/campaigns/c-none']) {
      const { page, errors } = await open(path, size);
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, size.width]);
      expect([path, await smallTexts(page)]).toEqual([path, []]);
      await expectPictures(page);
      expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
      await page.close();
    }
  });

  test('the list shows campaigns as cards on a phone and as a table on a desk', async () => {
    const small = await open('/', phone);
    const row = small.page.locator('tbody tr').first();
    await row.getByText('Upper-case words').waitFor();
    for (const words of ['Ana', 'searching', 'on search']) await row.getByText(words).first().waitFor();
    expect(await small.page.locator('thead').isVisible()).toBe(false);
    const large = await open('/', desk);
    expect(await large.page.locator('thead').isVisible()).toBe(true);
    await large.page.getByRole('link', { name: 'finished' }).click();
    await large.page.getByText('No campaign is finished.').waitFor();
    await Promise.all([small.page.close(), large.page.close()]);
  });

  test('a campaign of a thousand nodes shows a hundred of them, and leads to each', {
    timeout: 300_000,
  }, async () => {
    await emptyDatabase(database);
    const large = await makeLargeCampaign(database, 1000);
    worlds.push(large.world);
    const { page } = await open(`/campaigns/${large.campaignId}`, phone);
    expect(await page.locator('details').count()).toBe(100);
    await page.locator('#node-950').waitFor();
    await page.evaluate(`location.hash = '#node-42'`);
    await page.locator('#node-42 .details').waitFor({ state: 'visible' });
    expect(await page.locator('details').count()).toBe(100);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(phone.width);
    expect(await smallTexts(page)).toEqual([]);
    await page.close();
  });
});

/** Of what is open, no picture is missing. */
async function expectPictures(page: Page): Promise<void> {
  const picture = page.locator('details[open] img');
  for (let i = 0; i < (await picture.count()); i++) {
    await picture.nth(i).scrollIntoViewIfNeeded();
    const width = await picture.nth(i).evaluate((element) => {
      const image = element as unknown as { decode(): Promise<void>; naturalWidth: number };
      return image.decode().then(
        () => image.naturalWidth,
        () => 0,
      );
    });
    expect(width).toBeGreaterThan(0);
  }
}

/** Texts that are shown smaller than 14 px, those of pictures as they are scaled. */
const smallTexts = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const small = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      if (node.textContent.trim() === '' || element.closest('title, script, style') !== null) continue;
      if (element.getClientRects().length === 0) continue;
      const scale = element instanceof SVGElement ? element.getScreenCTM().a : 1;
      const size = parseFloat(getComputedStyle(element).fontSize) * scale;
      if (size < 13.95) small.push(size.toFixed(1) + ' ' + node.textContent.trim().slice(0, 40));
    }
    return small;
  })()`);
