import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../../src/lib/hash.ts';
import { repository } from '../read-imports.ts';

const folder = join(repository, 'node_modules/.cache/trex-python');
const requirements = join(repository, 'src/executor/engines/gpu/runner/requirements.txt');
const stamp = join(folder, 'requirements.sha256');

export const python = join(folder, 'bin/python');

/**
 * The runner's Python, made from its locked requirements where it is not there yet: minutes, and some 7 GB.
 * @returns what is missing, in one line; null when it is ready
 */
export function preparePython(): string | null {
  const wanted = sha256(readFileSync(requirements));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return null;
  const needs =
    'The GPU engine is tested with Python 3.10 to 3.13, its venv module, and a registry of Python packages';
  const version = 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))';
  if (!ran('python3', ['-c', version])) return `${needs}; python3 is missing here, or another version.`;
  console.log(`Installing the runner's Python packages in ${folder}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (!ran('python3', ['-m', 'venv', folder]))
    return `${needs}; venv is missing here (Debian: python3-venv).`;
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--no-cache-dir',
    '--requirement',
    requirements,
  ];
  if (!ran(python, install)) return `${needs}; the packages could not be installed.`;
  writeFileSync(stamp, wanted);
  return null;
}

const ran = (program: string, args: string[]): boolean =>
  spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
