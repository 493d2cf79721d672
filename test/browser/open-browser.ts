import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/**
 * Path of the browser: CHROMIUM, or where Debian puts it. Null where there is none, after one line that says how to
 * get it; under CI=true that is an error.
 */
export function findChromium(): string | null {
  const path = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(path)) return path;
  const need = `The browser suite needs chromium at ${path}: apt-get install -y chromium, or set CHROMIUM to its path.`;
  if (process.env.CI === 'true') throw new Error(need);
  console.log(need);
  return null;
}

export const launchBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
  });

export interface WatchedPage {
  page: Page;
  /** What the console complained of, and scripts that threw. */
  errors: string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 }, ...options });
  page.setDefaultTimeout(20_000);
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  return { page, errors };
}

/** Keeps what a failed test saw. @returns where */
export async function keepScreenshots(pages: readonly Page[]): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'trex-browser-'));
  const open = pages.filter((page) => !page.isClosed());
  const paths = open.map((_, index) => join(dir, `${index + 1}.png`));
  await Promise.all(open.map((page, index) => page.screenshot({ path: paths[index] as string })));
  return paths;
}
