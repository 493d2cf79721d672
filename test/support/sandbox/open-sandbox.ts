import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createSandbox, type SandboxOptions } from '../../../src/sandbox/create-sandbox.ts';
import { sandboxLimits } from '../../../src/sandbox/limits.ts';
import type { Sandbox } from '../../../src/sandbox/port.ts';

/** The usual limits, with lower ones for those that take long to reach. */
export const quickLimits = { ...sandboxLimits, wallMs: 15_000, cpuSeconds: 2 };

export interface OpenSandbox {
  sandbox: Sandbox;
  /** A folder of this machine that the code must not see. */
  dir: string;
  /** The first row that `map_row` makes of one; the sentence when it fails. */
  attempt(code: string, row?: object): Promise<unknown>;
  close(): void;
}

export function openSandbox(over: Partial<SandboxOptions> = {}): OpenSandbox {
  const dir = mkdtempSync(join(tmpdir(), 'trex-sandbox-'));
  const sandbox = createSandbox({
    sandbox: { kind: 'bwrap' },
    python: 'python3',
    dir,
    limits: quickLimits,
    clock: systemClock,
    log: silentLog,
    ...over,
  });
  return {
    sandbox,
    dir,
    attempt: async (code, row = { prompt: 'p', completion: 'c' }) => {
      try {
        const answer = await sandbox.run({ code, seed: 7, rows: `${JSON.stringify(row)}\n` });
        return (JSON.parse(answer) as unknown[])[0];
      } catch (error) {
        return (error as Error).message;
      }
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Processes of this machine that belong to a sandbox: they carry its driver in their command. */
export function sandboxProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes("somebody else's code over rows");
      } catch {
        return false;
      }
    })
    .map(Number);
}
