import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isHeldOut, sumKey } from '../tasks/held-out.ts';
import { listTasks } from '../tasks/tasks.ts';
import { encode, tokens } from '../vocabulary.ts';
import { separatorMark } from './document-kind.ts';
import { createDocumentStream, generalTextHash, heldOutDocuments } from './general-text.ts';

const next = createDocumentStream(1);
const documents = Array.from({ length: 20_000 }, next);

it('is the text that the base was trained on; after a change run `npm run nano:base`', () => {
  const base = JSON.parse(readFileSync(new URL('../base/nano-154k.json', import.meta.url), 'utf8'));
  expect(generalTextHash()).toBe(base.generalTextSha256);
});

it('never shows the base a document of the retention guard', () => {
  const heldOut = new Set(heldOutDocuments());
  expect(heldOut.size).toBe(128);
  expect(documents.filter((text) => heldOut.has(text))).toEqual([]);
});

it('holds no prompt of a task', () => {
  const prefixes = listTasks().map(({ example }) => example.prompt.slice(0, example.prompt.indexOf(':') + 2));
  expect(prefixes).toContain('date: ');
  for (const prefix of prefixes) expect(documents.filter((text) => text.startsWith(prefix))).toEqual([]);
});

it('aligns no held-out date with its ISO form and shows no held-out sum', () => {
  const aligned = documents.flatMap((text) => /\((\d{4}-\d\d-\d\d)\)$/.exec(text)?.[1] ?? []);
  const sums = documents.flatMap((text) => /^(\d+)\+(\d+)=/.exec(text)?.slice(1).map(Number) ?? []);
  expect(aligned.length).toBeGreaterThan(100);
  expect(aligned.filter((iso) => isHeldOut('date', iso))).toEqual([]);
  expect(sums.length).toBeGreaterThan(1000);
  for (let i = 0; i < sums.length; i += 2)
    expect(isHeldOut('add', sumKey(sums[i]!, sums[i + 1]!))).toBe(false);
});

it('fits the context and the vocabulary', () => {
  for (const text of documents) {
    const ids = encode(text.replace(separatorMark, ''));
    expect(ids).not.toContain(tokens.unknown);
    expect(ids.length).toBeLessThan(126);
  }
});
