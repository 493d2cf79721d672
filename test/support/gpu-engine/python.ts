import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trainer } from '../../../src/executor/engines/gpu/run-file.ts';
import { sha256 } from '../../../src/lib/hash.ts';
import { repository } from '../read-imports.ts';

const runner = join(repository, 'src/executor/engines/gpu/runner');
const cache = join(repository, 'node_modules/.cache');
const folderOf: Record<Trainer, string> = {
  trl: join(cache, 'trex-python'),
  llamafactory: join(cache, 'trex-python-llamafactory'),
};

/** Path of the Python with the packages of a trainer, once it was prepared. */
export const pythonOf = (trainer: Trainer): string => join(folderOf[trainer], 'bin/python');

const locked = (name: string): string => readFileSync(join(runner, name), 'utf8');
const stampOf = (folder: string): string => join(folder, 'requirements.sha256');

/** Hash of the inputs of a trainer's environment: when one of them changes, the environment is rebuilt. */
const wantedOf = (trainer: Trainer): string =>
  sha256(
    ['requirements.txt', 'requirements-lm-eval.txt', 'requirements-llamafactory.txt']
      .slice(0, trainer === 'trl' ? 2 : 3)
      .map(locked)
      .join('\n'),
  );

export const isPrepared = (trainer: Trainer): boolean => {
  const stamp = stampOf(folderOf[trainer]);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedOf(trainer);
};

/**
 * Installs the runner's Python with TRL and lm-eval from their locked requirements, unless it is there: minutes, and some
 * 8 GB.
 * @returns the missing parts, in one line; null when it is ready
 */
export function preparePython(): string | null {
  if (isPrepared('trl')) return null;
  const needs =
    'The GPU engine is tested with Python 3.10 to 3.13, its venv module, and a registry of Python packages';
  if (!isPython('(3, 10)')) return `${needs}; python3 is missing here, or another version.`;
  const folder = folderOf.trl;
  console.log(`Installing the runner's Python packages in ${folder}`);
  if (!makeEnvironment(folder)) return `${needs}; venv is missing here (Debian: python3-venv).`;
  const files = ['requirements.txt', 'requirements-lm-eval.txt'].map((name) => join(runner, name));
  if (!files.every((file) => install('trl', file))) return `${needs}; the packages could not be installed.`;
  writeFileSync(stampOf(folder), wantedOf('trl'));
  return null;
}

/**
 * The same for LLaMA-Factory, on top of the environment of TRL: packages of the same version are taken from there, which
 * leaves under 1 GB of the 8.
 * @returns the missing parts, in one line; null when it is ready
 */
export function prepareLlamaFactory(): string | null {
  if (isPrepared('llamafactory')) return null;
  const needs = 'LLaMA-Factory is tested with Python 3.11 to 3.13';
  if (!isPython('(3, 11)')) return `${needs}; python3 is another version here.`;
  const folder = folderOf.llamafactory;
  console.log(`Installing LLaMA-Factory in ${folder}`);
  if (!makeEnvironment(folder)) return `${needs}; its environment could not be made.`;
  const there = new Set(locked('requirements.txt').split('\n'));
  const own = locked('requirements-llamafactory.txt')
    .split('\n')
    .filter((line) => !there.has(line));
  const [file, base] = [join(folder, 'own.txt'), join(packagesOf('llamafactory'), 'trl.pth')];
  writeFileSync(file, own.join('\n'));
  writeFileSync(base, `${packagesOf('trl')}\n`);
  if (!install('llamafactory', file)) return `${needs}; its packages could not be installed.`;
  writeFileSync(stampOf(folder), wantedOf('llamafactory'));
  return null;
}

const isPython = (oldest: string): boolean =>
  ran('python3', ['-c', `import sys; sys.exit(not ${oldest} <= sys.version_info[:2] <= (3, 13))`]);

function makeEnvironment(folder: string): boolean {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return ran('python3', ['-m', 'venv', folder]);
}

const install = (trainer: Trainer, file: string): boolean =>
  ran(pythonOf(trainer), [
    ...['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-cache-dir', '--requirement'],
    file,
  ]);

const packagesOf = (trainer: Trainer): string =>
  spawnSync(pythonOf(trainer), ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
    encoding: 'utf8',
  }).stdout.trim();

const ran = (program: string, args: string[]): boolean =>
  spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
