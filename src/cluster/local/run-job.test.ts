import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { endedStatus, runningStatus } from '../job-status.ts';
import { ownIdentity } from './processes.ts';
import { runClock } from './run-clock.ts';
import { type Child, openRunDir, type RunDir } from './run-dir.ts';
import { runJob } from './run-job.ts';
import type { JobRecord } from './store.ts';

let dir: string;
let run: RunDir;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trex-run-job-'));
  mkdirSync(dir, { recursive: true });
  run = openRunDir(dir);
  run.claim(ownIdentity());
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

const record = (script: string, more: Partial<JobRecord> = {}): JobRecord => ({
  key: 'k',
  dir,
  argv: ['sh', '-c', script],
  env: {},
  limitSeconds: 30,
  submittedAt: new Date().toISOString(),
  graceSeconds: 0.2,
  ...more,
});
const begin = (job: JobRecord, on = run, signal = new AbortController().signal) => runJob(job, on, signal);
const hour = 3_600_000;

describe('a clock on the wall that is set while a run ends', () => {
  test.each([
    ['forward', hour],
    ['back', -hour],
  ])('by an hour %s makes it neither longer nor shorter', async (_, stepMs) => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date() });
    const job = record('sleep 0.8');
    const done = begin(job);
    await sleep(400);
    const child = run.findChild() as Child;
    vi.setSystemTime(Date.now() + stepMs);
    expect(runningStatus(job, child, runClock(child)).runSeconds).toBeLessThan(5);
    expect(runningStatus(job, child, runClock(child)).runSeconds).toBeGreaterThan(0.2);
    await done;
    const { state, runSeconds } = endedStatus(
      job,
      run.findExit() as NonNullable<ReturnType<RunDir['findExit']>>,
    );
    expect(state).toBe('succeeded');
    expect(runSeconds).toBeGreaterThanOrEqual(0.7);
    expect(runSeconds).toBeLessThan(6);
  });
});

describe('a disk without room', () => {
  const full = (): Error =>
    Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });

  test('is waited for: the program begins when there is room, and its time counts from then', async () => {
    let failures = 2;
    const job = record('echo ran >> runs.log');
    await begin(job, {
      ...run,
      recordChild: (child) => {
        if (failures-- > 0) throw full();
        run.recordChild(child);
      },
    });
    expect(run.findExit()).toMatchObject({ why: 'exit', code: 0 });
    expect(run.findExit()?.runSeconds).toBeLessThan(1.5);
  });

  test('keeps a run that nobody wants any more from beginning', async () => {
    const job = record('echo ran >> runs.log');
    let looks = 0;
    await begin(job, {
      ...run,
      recordChild: () => {
        throw full();
      },
      findCancel: () => (looks++ > 0 ? { graceSeconds: 1 } : undefined),
    });
    expect(run.findExit()).toMatchObject({ why: 'cancelled', startedAt: null });
  });
});
