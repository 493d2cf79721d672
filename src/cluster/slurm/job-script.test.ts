import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderJob, renderWords } from './render-job.ts';

const site = {
  ...{ partition: null, account: null, qos: null, gres: 'gpu' },
  ...{ sbatchLines: [], setupLines: [], container: [] },
};
let root: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'trex-job-script-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

interface Run {
  script: ReturnType<typeof spawn>;
  dir: string;
  ended: Promise<unknown>;
}

/** Runs the batch script as a node would, without Slurm. */
function begin(program: string, environment: Record<string, string> = {}, folder = makeFolder()): Run {
  const log = join(folder, 'slurm.log');
  writeFileSync(join(folder, 'words'), renderWords({ argv: ['sh', '-c', program], env: {} }));
  writeFileSync(join(folder, 'script'), renderJob({ key: 'k', limitSeconds: 30 }, folder, site, 0.2));
  const script = spawn('bash', ['-c', 'exec bash "$1/script" >> "$2" 2>&1', 'sh', folder, log], {
    env: { PATH: process.env.PATH, SLURM_JOB_ID: '7', SLURMD_NODENAME: 'n1', ...environment },
    stdio: 'ignore',
  });
  return { script, dir: join(folder, 'run'), ended: once(script, 'exit') };
}

function makeFolder(): string {
  const folder = join(root, String(count++));
  mkdirSync(join(folder, 'run'), { recursive: true });
  writeFileSync(join(folder, 'slurm.log'), '');
  symlinkSync(join(folder, 'run'), join(folder, 'dir'));
  return folder;
}

const read = (dir: string, file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(dir, file), 'utf8'));

/** A `date` that is an hour ahead once a file is there. */
function steppingDate(): { PATH: string; jump: string } {
  const bin = join(root, `bin-${count++}`);
  mkdirSync(bin);
  const jump = join(bin, 'jump');
  const lines = `[ -e ${jump} ] && set -- -d '+1 hour' "$@"\nPATH=\${PATH#*:} exec date "$@"`;
  writeFileSync(join(bin, 'date'), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return { PATH: `${bin}:${process.env.PATH}`, jump };
}

describe.runIf(process.platform === 'linux')('the batch script', () => {
  test('measures by a clock that nobody sets', async () => {
    const { PATH, jump } = steppingDate();
    const { dir, ended } = begin(`sleep 0.3; touch ${jump}; sleep 0.3`, { PATH });
    await ended;
    const exit = read(dir, 'exit.json');
    expect(Date.parse(String(exit.endedAt)) - Date.parse(String(exit.startedAt))).toBeGreaterThan(3_000_000);
    expect(exit.runSeconds).toBeGreaterThanOrEqual(0.5);
    expect(exit.runSeconds).toBeLessThan(20);
  });

  test('learns of many short programs how each of them ended', { timeout: 110_000 }, async () => {
    const programs = ['true', 'exit 7', 'exit 137', 'kill -s KILL $$', 'kill -s TERM $$'];
    const expected: Record<string, { file: string; code: number | null; signal: string | null }> = {
      true: { file: 'exit.json', code: 0, signal: null },
      'exit 7': { file: 'exit.json', code: 7, signal: null },
      'exit 137': { file: 'exit.json', code: 137, signal: null },
      'kill -s KILL $$': { file: 'stopped.json', code: null, signal: 'SIGKILL' },
      'kill -s TERM $$': { file: 'exit.json', code: null, signal: 'SIGTERM' },
    };
    const lane = async (): Promise<void> => {
      for (let i = 0; i < 25; i++) {
        const program = programs[i % programs.length] as string;
        const { dir, ended } = begin(program);
        await ended;
        const { file, ...how } = expected[program] as (typeof expected)[string];
        expect(read(dir, file), program).toMatchObject(how);
      }
    };
    await Promise.all([lane(), lane(), lane()]);
  });

  test('notes how a program ended that was told to stop at any moment', { timeout: 110_000 }, async () => {
    for (let i = 0; i < 20; i++) {
      const { script, dir, ended } = begin('sleep 0.05');
      await sleep(40 + i * 6);
      script.kill('SIGTERM');
      await ended;
      expect(existsSync(join(dir, 'exit.json')) || existsSync(join(dir, 'stopped.json'))).toBe(true);
    }
  });

  test('runs nothing for a second job of the same key, and says nothing', async () => {
    const folder = makeFolder();
    await begin('echo ran >> runs.log', {}, folder).ended;
    const first = read(join(folder, 'run'), 'exit.json');
    await begin('echo ran >> runs.log', { SLURM_JOB_ID: '8' }, folder).ended;
    expect(readFileSync(join(folder, 'run', 'runs.log'), 'utf8')).toBe('ran\n');
    expect(read(join(folder, 'run'), 'exit.json')).toEqual(first);
  });

  test('gives up a job that is begun a second time', async () => {
    const folder = makeFolder();
    const first = begin('echo ran >> runs.log; sleep 20', {}, folder);
    while (!existsSync(join(folder, 'run', 'runs.log'))) await sleep(20);
    await begin('echo ran >> runs.log', { SLURM_RESTART_COUNT: '1' }, folder).ended;
    // The first one, on a node that Slurm has given up, finds the end and leaves.
    await first.ended;
    expect(readFileSync(join(folder, 'run', 'runs.log'), 'utf8')).toBe('ran\n');
    expect(read(join(folder, 'run'), 'exit.json')).toMatchObject({ why: 'lost' });
  });

  test('leaves nothing behind in the run directory but what it promises', async () => {
    const { dir, ended } = begin('echo hello');
    await ended;
    expect(readdirSync(dir).sort()).toEqual(['claim.json', 'err.log', 'exit.json', 'out.log']);
    expect(readFileSync(join(dir, 'out.log'), 'utf8')).toBe('hello\n');
  });
});
