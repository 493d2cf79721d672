import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/config.ts';
import { findCampaign } from '../../src/operations/view/find-campaign.ts';
import type { LocalWorkspace } from '../../src/slack/local-workspace.ts';
import { createPatientEngine } from '../support/patient-engine.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { createSmallCatalog } from '../support/small-catalog.ts';
import { stopEverything } from '../support/stop-everything.ts';
import { until } from '../support/until.ts';
import { findChromium, keepScreenshots, launchBrowser, openPage } from './open-browser.ts';

const executable = findChromium();

describe.skipIf(executable === null)('the bot, seen in a browser', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'trex-browser-data-'));
  const pages: Page[] = [];
  let browser: Browser;
  let app: App;
  let workspace: LocalWorkspace;

  beforeAll(async () => {
    const { config, secrets } = parseConfig({
      TREX_DATA_DIR: dataDir,
      TREX_PORT: '0',
      LOCAL_SLACK_PORT: '0',
      LOCAL_SLACK: process.env.LOCAL_SLACK,
      TREX_SLOTS: '4',
      TREX_LOG_LEVEL: 'error',
    });
    [browser, app] = await Promise.all([
      launchBrowser(executable as string),
      createApp(config, secrets, { catalog: createSmallCatalog(), engine: createPatientEngine() }),
    ]);
    await app.start();
    workspace = app.workspace as LocalWorkspace;
  });

  afterAll(async () => {
    await browser?.close();
    if (app !== undefined) await stopEverything(app);
    await app?.workspace?.stop();
    await removeFolder(dataDir);
  });

  const open = async (url: string) => {
    const watched = await openPage(browser, url);
    pages.push(watched.page);
    onTestFailed(async () => {
      console.log(`What it looked like: ${(await keepScreenshots([watched.page])).join(' ')}`);
    });
    return watched;
  };

  test('a campaign from the mention to stop', async () => {
    const { page, errors } = await open(workspace.pageUrl);
    await page.getByText('ml-training').first().click();
    const composer = page.locator('.composer-input');
    await composer.first().click();
    await composer.first().pressSequentially('@trex');
    await page.locator('.mention-option').filter({ hasText: 'trex' }).first().click();
    await composer.first().pressSequentially('task units: teach nano to convert units, never ask');
    await page.keyboard.press('Enter');

    const request = page.locator('.msg').filter({ hasText: 'convert units' }).first();
    await request.locator('.reaction').first().waitFor({ timeout: 5000 });
    await request.getByText(/\d+ repl(y|ies)/).click();
    const thread = page.locator('aside');
    const said = (text: string | RegExp): Locator => thread.locator('.msg').filter({ hasText: text });

    await said('How much compute').getByRole('button', { name: '30 min' }).click();
    const brief = said('Budget 30 min').last();
    await brief.getByRole('button', { name: 'Start' }).click();
    await brief.getByText('Started by Ana').waitFor();
    expect(await thread.getByRole('button', { name: 'Start', exact: true }).count()).toBe(0);

    const progress = said(/Open the page/).first();
    const picture = progress.locator('img');
    await until('a picture that loads', 20_000, async () => (await widthOf(picture)) > 0);
    await progress.getByText(/ on search, from /).waitFor({ timeout: 80_000 });
    await until('the picture after an edit', 10_000, async () => (await widthOf(picture)) > 0);

    const reply = thread.locator('.composer-input');
    await reply.fill('status');
    await reply.press('Enter');
    await said(/Best so far: #\d+.*of 30 min/s)
      .first()
      .waitFor({ timeout: 5000 });
    await reply.pressSequentially('@trex');
    await thread.locator('.mention-option').filter({ hasText: 'trex' }).first().click();
    await reply.pressSequentially('stop');
    await reply.press('Enter');
    await thread.getByRole('button', { name: 'Stop', exact: true }).click();
    await said('Stopped by Ana').first().waitFor({ timeout: 5000 });
    await progress.getByText('Stopped.').waitFor();
    expect(errors).toEqual([]);
  });

  test('the campaign page shows the tree, without an error in the console', async () => {
    const { control, channels, people, botUserId } = workspace;
    const [channel, user] = [channels.general, people.ben];
    const { ts } = await control.say({
      channel,
      user,
      text: `<@${botUserId}> task units: teach nano to convert units, 1 hour`,
    });
    const card = await control.waitForMessage(channel, (m) => m.text.includes('Budget 1 h'), 10_000);
    await control.click({ channel, messageTs: card.ts, user, action: 'start:' });
    const id = await until('the campaign', 5000, () =>
      findCampaign({ ctx: app.ctx, input: { channel, threadTs: ts } }),
    );

    const { page, errors } = await open(`${app.web?.url}/campaigns/${id}`);
    // The page changes by itself while the campaign runs.
    await page.locator('svg').getByText('untrained').first().waitFor();
    await page
      .locator('svg')
      .getByText(/^0\.\d{3}/)
      .first()
      .waitFor({ timeout: 40_000 });
    expect(await page.locator('#node-0').textContent()).toContain('Kind: establish the baseline');
    await app.bot.stopListed({ campaignIds: [id], user, shown: null });
    await page.getByText('Stopped.').first().waitFor();
    expect(await overlapsIn(page)).toEqual([]);
    expect(errors).toEqual([]);
  });
});

/** Width of the picture as it arrived; 0 while it loads or is broken. */
const widthOf = (picture: Locator): Promise<number> =>
  picture
    .first()
    .evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth)
    .catch(() => 0);

/** Words of a picture that lie on others: it was laid out for the widths of one font, and must be shown with it. */
const overlapsIn = (page: Page): Promise<string[]> =>
  page.evaluate(`document.fonts.ready.then(() => {
    const words = [...document.querySelectorAll('figure text')].map((element) => ({
      text: element.textContent,
      box: element.getBoundingClientRect(),
    }));
    return words.flatMap((one, i) =>
      words
        .slice(i + 1)
        .filter(
          ({ box }) =>
            Math.min(one.box.right, box.right) - Math.max(one.box.left, box.left) > 1 &&
            Math.min(one.box.bottom, box.bottom) - Math.max(one.box.top, box.top) > one.box.height / 2,
        )
        .map((other) => one.text + ' | ' + other.text),
    );
  })`);
