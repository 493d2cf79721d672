import { mkdirSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../lib/hash.ts';
import { writeAtomically } from '../../lib/write-atomically.ts';

/** Answers of public services by address, so that ten campaigns of a night ask once. */
export interface ResponseCache {
  /** Null when there is none, or it is too old. */
  get(url: string, now: Date): Promise<string | null>;
  put(url: string, text: string, now: Date): Promise<void>;
}

const Entry = z.object({ url: z.string(), at: z.number(), text: z.string() });

/** A file an answer, newer ones kept when there are more than `most`. Several instances may share the folder. */
export function createFileCache(dir: string, options: { maxAgeMs: number; most: number }): ResponseCache {
  mkdirSync(dir, { recursive: true });
  const pathOf = (url: string): string => join(dir, `${sha256(url)}.json`);
  return {
    get: async (url, now) => {
      const text = await readFile(pathOf(url), 'utf8').catch(() => null);
      if (text === null) return null;
      const entry = Entry.safeParse(parse(text));
      if (!entry.success || entry.data.url !== url) return null;
      const ageMs = now.getTime() - entry.data.at;
      return ageMs >= 0 && ageMs < options.maxAgeMs ? entry.data.text : null;
    },
    put: async (url, text, now) => {
      await writeAtomically(pathOf(url), JSON.stringify({ url, at: now.getTime(), text }));
      await dropOldest(dir, options.most);
    },
  };
}

async function dropOldest(dir: string, most: number): Promise<void> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.json'));
  if (names.length <= most) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(dir, name);
      return { path, at: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  files.sort((a, b) => a.at - b.at);
  for (const { path } of files.slice(0, files.length - most)) await rm(path, { force: true });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
