import { describe, expect, test } from 'vitest';
import {
  adapterRule,
  environmentReaders,
  impureModules,
  impureWords,
  packageHomes,
  pureExceptions,
  pureRooms,
  roomRules,
  stageRules,
} from './support/import-rules.ts';
import { readImports, readSources, type SourceFile } from './support/read-imports.ts';

/** `src/store/db.ts` is `store/db.ts` in the rules; benchmarks keep their folder. */
const nameOf = (path: string): string => path.replace(/^src\//, '');
const roomOf = (name: string): string => name.split('/')[0] ?? name;
const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.includes('/testing/');

const all = [...readSources('src'), ...readSources('bench')];
const sources = all.filter(({ path }) => !isTest(path));

/** One sentence for each import of a file that `judge` finds fault with. */
const faults = (judge: (file: SourceFile, name: string) => string[]): string[] =>
  sources.flatMap((file) => judge(file, nameOf(file.path)));

const isNamed = (entries: readonly string[], name: string): boolean =>
  entries.some((entry) => (entry.includes('/') ? name.startsWith(entry) : roomOf(name) === entry));

describe('the reader of imports', () => {
  test('finds every form of import, and tells types from values', () => {
    const code = `import type { A } from './a.ts';
import {
  b,
  type B,
} from '../b/b.ts';
import './c.ts';
export { d } from './d.ts';
export type { E } from './e.ts';
const f = await import('../f.ts');
type G = import('./g.ts').G;
import * as z from 'zod';`;
    expect(
      readImports('src/room/file.ts', code).map((i) => `${i.target}${i.isType ? ' (type)' : ''}`),
    ).toEqual([
      'src/room/a.ts (type)',
      'src/b/b.ts',
      'src/room/d.ts',
      'src/room/e.ts (type)',
      'zod',
      'src/room/c.ts',
      'src/f.ts',
      'src/room/g.ts',
    ]);
  });

  test('sees the repository', () => {
    expect(sources.length).toBeGreaterThan(200);
    expect(sources.flatMap((s) => s.imports).length).toBeGreaterThan(800);
  });
});

test('every folder and file at the top of src has a rule, and every rule a room', () => {
  const rooms = new Set(sources.map(({ path }) => roomOf(nameOf(path))));
  expect([...rooms].sort()).toEqual(Object.keys(roomRules).sort());
});

test('a room imports only the rooms below it', () => {
  const found = faults((file, name) => {
    const room = roomOf(name);
    const rule = roomRules[room];
    if (rule === undefined) return [];
    return file.imports
      .filter((i) => i.isOurs && roomOf(nameOf(i.target)) !== room)
      .filter((i) => {
        const target = nameOf(i.target);
        return !isNamed(rule.may, target) && !(i.isType && isNamed(rule.types ?? [], target));
      })
      .map(
        (i) =>
          `${file.path} imports ${i.target}; ${room} may import ${rule.may.join(', ') || 'nothing of ours'}${rule.types === undefined ? '' : `, and types of ${rule.types.join(', ')}`}`,
      );
  });
  expect(found).toEqual([]);
});

test('the arithmetic of costs, which engines use too, brings no other code with it', () => {
  const cost = sources.find(({ path }) => path === 'src/campaign/cost.ts');
  expect(cost?.imports.filter((i) => !i.isType)).toEqual([]);
});

test('the rooms have an order: no two may import each other, however long the way', () => {
  const below = (room: string, seen = new Set<string>()): Set<string> => {
    for (const entry of [...(roomRules[room]?.may ?? []), ...(roomRules[room]?.types ?? [])]) {
      const next = entry.includes('/') ? roomOf(entry) : entry;
      if (!seen.has(next)) below(next, seen.add(next));
    }
    return seen;
  };
  expect(Object.keys(roomRules).filter((room) => below(room).has(room))).toEqual([]);
});

describe('the stages of operations', () => {
  const prefix = 'src/operations/';
  /** Null for files that lie beside the folders. */
  const stageOf = (path: string): string | null => {
    const parts = path.slice(prefix.length).split('/');
    return parts.length > 1 ? (parts[0] ?? null) : null;
  };
  const files = sources.filter(({ path }) => path.startsWith(prefix));

  test('have a rule each, which names stages above it', () => {
    const stages = new Set(files.flatMap(({ path }) => stageOf(path) ?? []));
    const names = Object.keys(stageRules);
    expect([...stages].sort()).toEqual([...names].sort());
    const wrong = names.flatMap((name, at) =>
      (stageRules[name] ?? [])
        .filter((below) => !names.slice(0, at).includes(below))
        .map((below) => `${name} imports ${below}, which does not stand above it`),
    );
    expect(wrong).toEqual([]);
  });

  test('import the stages below them, and what lies beside the folders imports none', () => {
    const found = files.flatMap(({ path, imports }) => {
      if (path === `${prefix}create-bot.ts`) return [];
      const stage = stageOf(path);
      const may = stage === null ? [] : [stage, ...(stageRules[stage] ?? [])];
      return imports
        .filter((i) => i.isOurs && i.target.startsWith(prefix))
        .filter((i) => {
          const target = stageOf(i.target);
          return target !== null && !may.includes(target);
        })
        .map((i) => `${path} imports ${i.target}; it may import ${may.join(', ') || 'no stage'}`);
    });
    expect(found).toEqual([]);
  });

  test('name nothing that they do not import', () => {
    const idle = Object.entries(stageRules).flatMap(([stage, below]) =>
      below
        .filter(
          (other) =>
            !files.some(
              ({ path, imports }) =>
                stageOf(path) === stage && imports.some((i) => i.target.startsWith(`${prefix}${other}/`)),
            ),
        )
        .map((other) => `${stage} may import ${other} and does not`),
    );
    expect(idle).toEqual([]);
  });
});

test('concrete adapters are named only where the bot is put together', () => {
  const found = faults((file, name) =>
    isNamed(adapterRule.namedBy, name) || adapterRule.namedBy.some((p) => name.startsWith(p))
      ? []
      : file.imports
          .map((i) => nameOf(i.target))
          .filter((target) => isNamed(adapterRule.adapters, target) && roomOf(target) !== roomOf(name))
          .map((target) => `${file.path} imports ${target}; take it from the context that src/app.ts builds`),
  );
  expect(found).toEqual([]);
});

test('a package with a home is imported there and nowhere else', () => {
  const found = faults((file, name) =>
    file.imports.flatMap((i) => {
      const known = Object.keys(packageHomes).find((p) => i.target === p || i.target.startsWith(`${p}/`));
      const rule = known === undefined || i.isOurs ? undefined : packageHomes[known];
      if (rule === undefined || rule.home.some((home) => name.startsWith(home))) return [];
      return [`${file.path} imports ${i.target}; use ${rule.instead} instead`];
    }),
  );
  expect(found).toEqual([]);
});

test('pure rooms touch no file, network, clock, randomness or environment', () => {
  const found = faults((file, name) => {
    if (!pureRooms.includes(roomOf(name)) || pureExceptions.includes(name)) return [];
    return [
      ...file.imports
        .filter((i) => impureModules.test(i.target))
        .map((i) => `${file.path} imports ${i.target}; take what it gives as an argument`),
      ...impureWords
        .filter(({ pattern }) => pattern.test(file.code))
        .map(({ pattern, instead }) => `${file.path} uses ${pattern.source}; ${instead}`),
    ];
  });
  expect(found).toEqual([]);
});

test('the environment is read where the configuration is made, and for jobs', () => {
  const found = faults((file, name) =>
    name.startsWith('bench/') || environmentReaders.includes(name) || !/\bprocess\.env\b/.test(file.code)
      ? []
      : [
          `${file.path} reads the environment; add a variable to src/config/environment.ts and take the value`,
        ],
  );
  expect(found).toEqual([]);
});

test('nothing that runs imports a test', () => {
  const found = faults((file, name) =>
    name.startsWith('bench/')
      ? []
      : file.imports
          .filter(
            (i) =>
              i.isOurs && (isTest(i.target) || i.target.startsWith('test/') || i.target.startsWith('bench/')),
          )
          .map((i) => `${file.path} imports ${i.target}`),
  );
  expect(found).toEqual([]);
});

test('no two files import each other, not even for types, however long the way', () => {
  const imports = new Map(
    sources.map((file) => [file.path, file.imports.filter((i) => i.isOurs).map((i) => i.target)]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});

test('the entry point stays small', () => {
  const entry = all.find(({ path }) => path === 'src/main.ts');
  expect(entry?.code.trim().split('\n').length).toBeLessThan(20);
});
