import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { variables } from '../src/config/environment.ts';
import { runTypeScript } from '../src/lib/run-typescript.ts';
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

/** What a text links to in the repository: a file, and a heading of it (or of the text itself). */
const linksOf = (text: string): { path: string; heading: string }[] =>
  [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path = '', heading = '']) => ({
    path,
    heading,
  }));

/** The names under which GitHub links to the headings of a text. */
const headingsOf = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, words = '']) =>
    words
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** What people may type: words between backticks, and lines of blocks. */
const commandsOf = (text: string): string[] => [
  ...codeWords(text),
  ...blocks(text).flatMap((body) => body.split('\n')),
];

/** Something with a folder, or a file of a kind that only the repository has; patterns and addresses are not. */
const isPath = (word: string): boolean =>
  /^[\w.-]+(\/[\w.-]+)*\/?$/.test(word) &&
  (/\w\.(ts|toml|ttf|yml)$/.test(word) || /^(src|test|bench|migrations|bin|\.ci)\//.test(word)) &&
  !/^v?\d/.test(word);

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const variablesOfTests = ['TREX_SHOW', 'TREX_POSTGRES_BIN'];

/** The help of every command, as the program itself prints it: one process for all. */
const help = new Map<string, string>();
beforeAll(() => {
  const names = [...read('src/cli.ts').matchAll(/\.command\('([a-z]+)/g)].map(([, name = '']) => name);
  const code = `
    const { runCli } = await import('./src/cli.ts');
    for (const name of ${JSON.stringify(names)}) await runCli([name, '--help']);`;
  const text = execFileSync(process.execPath, [...runTypeScript(), '--input-type=module', '--eval', code], {
    cwd: repository,
    encoding: 'utf8',
  });
  for (const part of text.split(/^Usage: trex /m).slice(1)) help.set(/^[a-z]+/.exec(part)?.[0] ?? '', part);
  expect([...help.keys()].sort()).toEqual(names.sort());
});

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
    const firsts = text.split(/\n\n+/).flatMap((part, i) => {
      const cells = [...part.matchAll(/^\| ([^|\n]*[^|\s]) +\|/gm)].map(([, cell]) => cell);
      const bullets = [...part.matchAll(/^- `([^`\n]+)`/gm)].map(([, word]) => word);
      return [...cells, ...bullets].map((first) => `${i} ${first}`);
    });
    expect(firsts.filter((word, i) => firsts.indexOf(word) !== i)).toEqual([]);
  });

  test('links only to files and headings that exist', () => {
    const missing = linksOf(text).filter(({ path, heading }) => {
      const target = path === '' ? document : join(near, path);
      return !exists(target) || (heading !== '' && !headingsOf(read(target)).includes(heading));
    });
    expect(missing).toEqual([]);
  });

  test('names only scripts that exist', () => {
    const named = [...text.matchAll(/npm (?:run (?:--silent )?|(?=start|test))([a-z][\w:-]*)/g)];
    expect(named.map(([, name = '']) => name).filter((name) => !(name in scripts))).toEqual([]);
  });

  test('names only commands of the command line that exist, with options that they have', () => {
    const wrong = commandsOf(text).filter((words) => {
      const [, name, rest = ''] = /(?:^|npx |npm run --silent )trex (?:-- )?([a-z]+)(.*)/.exec(words) ?? [];
      const [, demo] = /npm run demo -- (.*)/.exec(words) ?? [];
      const command = demo === undefined ? name : 'demo';
      if (command === undefined) return false;
      const options = (demo ?? rest).match(/--[a-z][\w-]*/g) ?? [];
      const known = help.get(command);
      return known === undefined || !options.every((option) => known.includes(`${option} `));
    });
    expect(wrong).toEqual([]);
  });

  test('names only tests and benchmarks that exist', () => {
    const tests = [...text.matchAll(/(?:vitest run|npm test --) ([\w./-]+)/g)].map(([, path = '']) => path);
    expect(tests.filter((path) => !exists(path))).toEqual([]);
    const benches = [...read('bench/run.ts').matchAll(/^ {2}(\w+): \{$/gm)].map(([, name]) => name);
    const named = [...text.matchAll(/bench -- ([a-z]\w*)/g)].map(([, name]) => name);
    expect(named.filter((name) => !benches.includes(name))).toEqual([]);
  });

  test('names only variables that the bot or its tests read', () => {
    const named = [...text.matchAll(/\b(?:TREX|SLACK|LOCAL_SLACK|OPENAI)_[A-Z0-9_]*[A-Z0-9]\b/g)];
    const unknown = named.map(([name]) => name).filter((name) => !(name in variables));
    expect(unknown.filter((name) => !variablesOfTests.includes(name))).toEqual([]);
  });
});

test('scripts name only test files that exist, for vitest is silent about a filter without a match', () => {
  const named = Object.values(scripts).flatMap((script) => script.match(/[\w./-]+\.test\.ts/g) ?? []);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((path) => !exists(path))).toEqual([]);
});

describe('README.md', () => {
  test('is a page', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(150);
  });

  test('draws every room, and nothing that does not exist', () => {
    const tree = blocks(read('README.md')).find((body) => /^src\/$/m.test(body)) ?? '';
    const drawn: string[] = [];
    const open: { indent: number; path: string }[] = [];
    for (const line of tree.split('\n').filter((l) => l.trim() !== '')) {
      const indent = line.length - line.trimStart().length;
      while (open.length > 0 && (open.at(-1)?.indent ?? 0) >= indent) open.pop();
      const names = (line.trim().split(/\s{2,}/)[0] ?? '').split(/,? /);
      for (const name of names) drawn.push(join(open.at(-1)?.path ?? '', name));
      const [first = ''] = names;
      if (first.endsWith('/')) open.push({ indent, path: join(open.at(-1)?.path ?? '', first) });
    }
    expect(drawn.filter((path) => !exists(path))).toEqual([]);
    const rooms = readdirSync(join(repository, 'src'), { withFileTypes: true })
      .filter((entry) => !entry.name.endsWith('.test.ts'))
      .map((entry) => `src/${entry.name}${entry.isDirectory() ? '/' : ''}`);
    expect(rooms.filter((room) => !drawn.includes(room))).toEqual([]);
  });

  test('lists every command of package.json that people call', () => {
    const ours = Object.keys(scripts).filter((name) => !/^pre|^setup$/.test(name));
    const text = ['README.md', 'CONTRIBUTING.md', ...pages].map(read).join('\n');
    const isNamed = (name: string): boolean =>
      ['start', 'test'].includes(name)
        ? text.includes(`npm ${name}`)
        : new RegExp(`npm run (?:--silent )?${name}(?![\\w:])`).test(text);
    expect(ours.filter((name) => !isNamed(name))).toEqual([]);
  });
});

/** Folders whose comments are held to `mannerisms`. */
const plainFolders = ['src', 'bench', 'test/simulation', 'test/support'];

/** Wording that a reader has to decode, with the plain wording for it. */
const mannerisms: readonly [RegExp, string][] = [
  [
    /\bso (?:many|much|long|few|seldom|often)\b(?! words)(?![^.;:]* (?:that|as)\b)/i,
    'at most `max`, after this long',
  ],
  [/\b(?:a|an|the|one|whose|their) (?:yes\b|no(?=[.,;:)]| (?:or|to|of|is)\b|$))/i, 'approval, rejection'],
  [/\b(?:is|are|was|were|be|been|unless|until) told\b(?! apart)/i, 'reported, announced'],
  [/\bhand(?:s|ed|ing)?[ -]?over\b/i, 'submit'],
  [/\b(?:dear|dearer|dearest)\b/i, 'expensive'],
  [/\bmend(?:s|ed|ing)?\b/i, 'repair'],
  [/\bmade again\b/i, 'reproduced'],
  [/(?:^|[.:] )(?:What|Whoever)\b[^.?]*(?:\.|$)/, 'the noun that it stands for'],
];

/** Comments of a file as running text, without code and quotations. */
const commentsOf = (path: string): string[] => {
  const comment = path.endsWith('.py')
    ? /^[ \t]*"""[\s\S]*?"""|(?<=^|\s)# .*$/gm
    : /^[ \t]*\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm;
  return [...read(path).matchAll(comment)].map(([text]) =>
    text
      .replace(/^[ \t]*(?:\/\*\*?|\*\/|\*|\/\/|"""|# )|\*\/$|"""$/gm, '')
      .replace(/`[^`]*`|"[^"]*"/g, '…')
      .replace(/\s+/g, ' ')
      .trim(),
  );
};

describe('comments keep to plain English', () => {
  test.each(plainFolders)('in %s', (room) => {
    const found = listDocuments(room, /\.(ts|js|py|css)$/).flatMap((path) =>
      commentsOf(path).flatMap((text) =>
        mannerisms.flatMap(([pattern, instead]) => {
          const [words] = pattern.exec(text) ?? [];
          return words === undefined ? [] : [`${path}: "${words.trim()}" (${instead})`];
        }),
      ),
    );
    expect(found).toEqual([]);
  });

  test('and are found where they do not', () => {
    const examples = [
      'After so long it is given up.',
      'A yes is bound to the hash.',
      'The thread is told of it.',
      'Jobs are handed over.',
      'What is shipped is public.',
    ];
    const isFound = (text: string): boolean => mannerisms.some(([pattern]) => pattern.test(text));
    expect(examples.filter((text) => !isFound(text))).toEqual([]);
    expect(
      ['So many rows that none fits.', 'The two are told apart.', 'What is it?'].filter(isFound),
    ).toEqual([]);
  });
});

test('every room with adapters, tables, states or loops has a page of its own', () => {
  expect(roomsWithPages.map((room) => `src/${room}/README.md`).filter((page) => !exists(page))).toEqual([]);
});

test('every page of docs/ is linked from README.md or docs/README.md', () => {
  const linked = ['README.md', 'docs/README.md'].flatMap((from) =>
    linksOf(read(from)).map(({ path }) => join(dirname(from), path)),
  );
  expect(pages.length).toBeGreaterThan(10);
  expect(pages.filter((page) => page !== 'docs/README.md' && !linked.includes(page))).toEqual([]);
  expect(linked).toContain('docs/README.md');
});
