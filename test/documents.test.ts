import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repository } from './support/read-imports.ts';

/** Markdown files at or below a path, as paths of the repository. */
const listDocuments = (path: string, name: RegExp): string[] =>
  readdirSync(join(repository, path), { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file))
    .map((file) => `${path}/${file}`)
    .sort();
const pages = listDocuments('docs', /\.md$/);
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...pages,
  ...['src', 'test', 'bench'].flatMap((folder) => listDocuments(folder, /(^|\/)README\.md$/)),
];
/** Rooms with adapters, tables, states or loops. */
const roomsWithPages = [
  ...['campaign', 'cluster', 'operations', 'researcher', 'sandbox', 'scheduler', 'slack', 'store'],
  ...['executor/engines/nano', 'executor/engines/gpu', 'executor/engines/llamafactory'],
];
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const exists = (path: string): boolean => existsSync(join(repository, path));
/** A room's page may name its files without the folder between. */
const isBelow = (folder: string, name: string): boolean =>
  folder !== '.' &&
  !name.includes('/') &&
  readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' }).some(
    (path) => basename(path) === name,
  );

/** Words between backticks, outside of blocks. */
const codeWords = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word);

const blocks = (text: string): string[] =>
  [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, body = '']) => body);

/** Files that a text links to. */
const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path);

/** Something with a folder, or a file of a kind that only the repository has; patterns and addresses are not. */
const isPath = (word: string): boolean =>
  /^[\w.-]+(\/[\w.-]+)*\/?$/.test(word) &&
  (/\w\.(ts|toml|ttf|yml)$/.test(word) || /^(src|test|bench|migrations|bin|\.ci)\//.test(word)) &&
  !/^v?\d/.test(word);

describe.each(documents)('%s', (document) => {
  const text = read(document);
  const near = dirname(document);

  test('names only files and folders that exist', () => {
    const missing = codeWords(text)
      .filter(isPath)
      .filter((word) => !exists(word) && !exists(join(near, word)) && !exists(join('src', word)))
      .filter((word) => !isBelow(near, word));
    expect(missing).toEqual([]);
  });

  test('describes nothing twice in one table or list', () => {
    const firsts = text
      .split(/\n\n+/)
      .flatMap((part, i) => [...part.matchAll(/^(?:\||-) `([^`\n]+)`/gm)].map(([, word]) => `${i} ${word}`));
    expect(firsts.filter((word, i) => firsts.indexOf(word) !== i)).toEqual([]);
  });

  test('links only to files that exist', () => {
    expect(linksOf(text).filter((path) => !exists(join(near, path)))).toEqual([]);
  });

  test('names only commands that exist', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
    const named = [...text.matchAll(/npm (?:run (?:--silent )?|(?=start|test))([a-z][\w:-]*)/g)].map(
      ([, n = '']) => n,
    );
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
    const commands = [...read('src/cli.ts').matchAll(/\.command\('([a-z]+)/g)].map(([, name]) => name);
    const used = [...text.matchAll(/(?:`|run --silent trex -- |npx )trex ([a-z]+)/g)].map(([, name]) => name);
    expect(used.filter((name) => !commands.includes(name))).toEqual([]);
  });
});

test('scripts name only test files that exist, for vitest is silent about a filter without a match', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = Object.values(scripts).flatMap((script) => script.match(/[\w./-]+\.test\.ts/g) ?? []);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((path) => !exists(path))).toEqual([]);
});

describe('README.md', () => {
  test('draws a tree whose entries all exist', () => {
    const tree =
      blocks(read('README.md')).find((body) => /^src\/$/m.test(body) || body.includes('\nsrc/ ')) ?? '';
    const missing: string[] = [];
    const open: { indent: number; path: string }[] = [];
    for (const line of tree.split('\n').filter((l) => l.trim() !== '')) {
      const indent = line.length - line.trimStart().length;
      while (open.length > 0 && (open.at(-1)?.indent ?? 0) >= indent) open.pop();
      const names = (line.trim().split(/\s{2,}/)[0] ?? '').split(/,? /);
      for (const name of names) if (!exists(join(open.at(-1)?.path ?? '', name))) missing.push(name);
      const [first = ''] = names;
      if (first.endsWith('/')) open.push({ indent, path: join(open.at(-1)?.path ?? '', first) });
    }
    expect(tree.split('\n').length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });

  test('lists every command of package.json that people call', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const ours = Object.keys(scripts).filter((name) => !/^pre|^setup$/.test(name));
    const text = ['README.md', 'CONTRIBUTING.md', ...pages].map(read).join('\n');
    const isNamed = (name: string): boolean =>
      ['start', 'test'].includes(name)
        ? text.includes(`npm ${name}`)
        : new RegExp(`npm run (?:--silent )?${name}(?![\\w:])`).test(text);
    expect(ours.filter((name) => !isNamed(name))).toEqual([]);
  });
});

test('every room with adapters, tables, states or loops has a page of its own', () => {
  expect(roomsWithPages.map((room) => `src/${room}/README.md`).filter((page) => !exists(page))).toEqual([]);
});

test('every page of docs/ is linked from README.md or docs/README.md', () => {
  const linked = ['README.md', 'docs/README.md'].flatMap((from) =>
    linksOf(read(from)).map((path) => join(dirname(from), path)),
  );
  expect(pages.length).toBeGreaterThan(10);
  expect(pages.filter((page) => page !== 'docs/README.md' && !linked.includes(page))).toEqual([]);
  expect(linked).toContain('docs/README.md');
});
