import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { baseEnvironment } from '../environment.ts';
import type { Store } from './store.ts';

/**
 * Starts a supervisor that survives the end of this process. `key` only shows people which job it was started for.
 *
 * Node rather than a POSIX script: macOS has neither setsid nor flock, and dash gives background jobs no group of their
 * own without a terminal; Node calls `setsid` on every system, distinguishes exit 137 from SIGKILL, and keeps
 * milliseconds. It costs 75 MB and 0.2 s per slot (tsx on Node 20) where a script would cost 2 MB and 5 ms; a
 * supervisor runs many jobs, so per job it is less.
 */
export function startSupervisor(store: Store, key: string): ChildProcess {
  const log = openSync(store.supervisorLog, 'a', 0o600);
  try {
    const program = fileURLToPath(new URL('./supervisor.ts', import.meta.url));
    const child = spawn(process.execPath, [...loaderArguments(program), program, store.stateDir, key], {
      cwd: store.stateDir,
      env: baseEnvironment(),
      detached: true,
      stdio: ['ignore', 'ignore', log],
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/**
 * Node runs our TypeScript by itself from 22.18 on, but not below node_modules, where an installed bot is; tsx
 * translates it there and on older versions.
 */
function loaderArguments(program: string): string[] {
  const { typescript } = process.features as { typescript?: unknown };
  if (typescript && !program.includes('/node_modules/')) return [];
  // NOTE: not import.meta.resolve, which test runners that rewrite modules do not offer.
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm')).href];
}
