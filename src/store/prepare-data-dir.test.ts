import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareDataDir } from './prepare-data-dir.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'trex-folder-'));
  chmodSync(place, 0o755);
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

/** Root may write anywhere. */
async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

test('a new folder is for its own user, and nothing is left in it', async () => {
  const dir = join(place, 'a', 'b');
  expect(await prepareDataDir(dir)).toEqual({ isOpenToOthers: false });
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(readdirSync(dir)).toEqual([]);
});

test('a folder that was there keeps its rights, and it is said that others can look into it', async () => {
  mkdirSync(join(place, 'open'));
  chmodSync(join(place, 'open'), 0o750);
  expect(await prepareDataDir(join(place, 'open'))).toEqual({ isOpenToOthers: true });
  expect(statSync(join(place, 'open')).mode & 0o777).toBe(0o750);
});

test('one that may not be written is refused with the variable to change', async () => {
  const dir = join(place, 'closed');
  mkdirSync(dir);
  chmodSync(dir, 0o555);
  await asOrdinaryUser(async () => {
    for (const closed of [dir, join(dir, 'below')])
      await expect(prepareDataDir(closed)).rejects.toMatchObject({
        code: 'data_dir_unusable',
        message: `The data folder ${closed} cannot be used: it may not be written by the user who starts the bot. Set TREX_DATA_DIR to a folder that can be written, or make this one so.`,
      });
  });
});

test('a file in its place, above it, or a place where none can be, is told', async () => {
  writeFileSync(join(place, 'file'), '');
  for (const dir of [join(place, 'file'), join(place, 'file', 'below')])
    await expect(prepareDataDir(dir)).rejects.toThrow('there is a file in its place or above it');
  await expect(prepareDataDir('/proc/trex')).rejects.toThrow('TREX_DATA_DIR');
});
