import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** As written, for packages; relative to the repository's root, for our own files. */
  target: string;
  isOurs: boolean;
  isType: boolean;
}

export interface SourceFile {
  /** Relative to the repository's root, with slashes. */
  path: string;
  /** Without comments. */
  code: string;
  imports: Import[];
}

/** Every TypeScript file below a folder, with its imports: static, dynamic, re-exports and types. */
export function readSources(folder: string): SourceFile[] {
  return readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.split(sep).join('/')}`)
    .filter((path) => /\.[jt]s$/.test(path) && !path.includes('/kernels/assembly/'))
    .sort()
    .map((path) => {
      const code = withoutComments(readFileSync(join(repository, path), 'utf8'));
      return { path, code, imports: readImports(path, code) };
    });
}

const statement = /^[ \t]*(?:import|export)\b([^'";]*?)\bfrom\s*['"]([^'"]+)['"]/gm;
const sideEffect = /^[ \t]*import\s*['"]([^'"]+)['"]/gm;
const inline = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

export function readImports(path: string, code: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, isType: boolean): void => {
    const isOurs = specifier.startsWith('.');
    const target = isOurs
      ? relative('.', join(dirname(path), specifier))
          .split(sep)
          .join('/')
      : specifier;
    found.push({ target, isOurs, isType });
  };
  for (const [, names = '', specifier = ''] of code.matchAll(statement))
    add(specifier, /^\s*type\b/.test(names));
  for (const [, specifier = ''] of code.matchAll(sideEffect)) add(specifier, false);
  for (const [, specifier = ''] of code.matchAll(inline)) add(specifier, false);
  return found;
}

/** Removes block comments, and line comments that begin a line or follow a space, so that addresses in strings stay. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
