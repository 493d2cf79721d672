import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeAtomically, writeAtomicallySync } from './write-atomically.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trex-write-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a file is replaced, and nothing else is left beside it', async () => {
  const path = join(dir, 'file');
  await writeAtomically(path, 'one');
  expect(readFileSync(path, 'utf8')).toBe('one');
  writeAtomicallySync(path, new Uint8Array([116, 119, 111]), 0o600);
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(['file']);
});

test('many writers of one file at once all succeed', async () => {
  const path = join(dir, 'file');
  await Promise.all(Array.from({ length: 20 }, () => writeAtomically(path, 'same')));
  expect(readFileSync(path, 'utf8')).toBe('same');
  expect(readdirSync(dir)).toEqual(['file']);
});

test('a write that fails leaves nothing', async () => {
  const path = join(dir, 'taken');
  mkdirSync(join(path, 'inside'), { recursive: true });
  await expect(writeAtomically(path, 'text')).rejects.toThrow();
  expect(() => writeAtomicallySync(path, 'text')).toThrow();
  expect(readdirSync(dir)).toEqual(['taken']);
});
