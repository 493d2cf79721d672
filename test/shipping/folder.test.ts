import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFolderTarget } from '../../src/shipping/ship-to-folder.ts';
import { makeParcel } from './make-parcel.ts';

let root: string;
let made: ReturnType<typeof makeParcel>;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trex-ship-'));
  made = makeParcel();
});
afterEach(() => {
  for (const dir of [root, made.dir]) rmSync(dir, { recursive: true });
});

const place = (): string => join(root, 'models', 'dates-to-iso-c-7f3a21');
const ship = (signal = new AbortController().signal, onProgress: (share: number) => void = () => {}) =>
  createFolderTarget({ dir: join(root, 'models'), license: null }).ship(made.parcel, { onProgress, signal });

test('a parcel becomes a folder, whole or not at all', async () => {
  const shares: number[] = [];
  expect(await ship(undefined, (share) => shares.push(share))).toEqual({ url: place() });
  expect(readdirSync(place()).sort()).toEqual(['README.md', 'model.safetensors', 'report.md']);
  expect(readFileSync(join(place(), 'model.safetensors')).length).toBe(3_000_000);
  expect(shares.at(-1)).toBe(1);
  expect(readdirSync(join(root, 'models'))).toEqual(['dates-to-iso-c-7f3a21']);
});

test('sent again it changes nothing, and other files of that name are left alone', async () => {
  await ship();
  expect(await ship()).toEqual({ url: place() });
  writeFileSync(join(place(), 'report.md'), 'edited by a person');
  await expect(ship()).rejects.toMatchObject({ code: 'ship_taken', fault: 'config' });
  expect(readFileSync(join(place(), 'report.md'), 'utf8')).toBe('edited by a person');
});

test('broken off it leaves nothing to be seen, and goes on the next time', async () => {
  const stop = new AbortController();
  await expect(ship(stop.signal, () => stop.abort())).rejects.toThrow();
  expect(existsSync(place())).toBe(false);
  await ship();
  expect(readFileSync(join(place(), 'model.safetensors')).length).toBe(3_000_000);
});

test('a file that is not what it was said to be is not shipped', async () => {
  writeFileSync(join(made.dir, 'model.safetensors'), Buffer.alloc(3_000_000, 'other'));
  await expect(ship()).rejects.toMatchObject({ code: 'file_changed', fault: 'data' });
  expect(existsSync(place())).toBe(false);
});

test('a folder that cannot be written says so', async () => {
  writeFileSync(join(root, 'models'), 'a file');
  await expect(ship()).rejects.toMatchObject({ fault: 'config', message: expect.stringContaining(root) });
});
