import { describe, expect, test } from 'vitest';
import { isFinalJobState } from '../port.ts';
import type { Verdict } from '../verdict.ts';
import { parseLook } from './evidence.ts';
import { judge } from './judge.ts';

const at = (seconds: number): string => new Date(1_000_000_000_000 + seconds * 1000).toISOString();
const epoch = (seconds: number): string => String(1_000_000_000 + seconds);
const record = JSON.stringify({ dir: '/runs/k', submittedAt: at(0), limitSeconds: 60, memoryBytes: 1e6 });
const claim = ['claim', 'k', JSON.stringify({ jobId: '7', node: 'n1', startedAt: at(10) })];
const ended = (why: string, more: object = {}): string =>
  JSON.stringify({ why, code: null, signal: null, startedAt: at(10), endedAt: at(40), ...more });
const row = (state: string, reason = 'None', id = '7'): string[] => [
  'row',
  'k',
  `${id}|${state}|${epoch(10)}|${epoch(45)}|n1|${reason}`,
];
const past = (state: string): string[] => ['past', 'k', `7|${state}|${epoch(10)}|${epoch(45)}|n1`];
const log = (text: string): string[] => ['log', 'k', text];

/** A minute after the submit, of a job that is on record, with these lines of evidence. */
function verdictOf(lines: string[][], isSettled = true): Verdict {
  const look = parseLook([['time', epoch(60)], ['job', 'k', record], ['id', 'k'], ...lines, ['done']]);
  const evidence = look.jobs.get('k');
  if (evidence === undefined) throw new Error('no evidence');
  return judge(evidence, look.now, isSettled);
}

describe('a job that goes on', () => {
  test.each([
    [
      'waits',
      [row('PENDING', 'Resources')],
      { state: 'queued', reason: "It waits in Slurm's queue: Resources.", runSeconds: 0 },
    ],
    ['is being started', [row('CONFIGURING')], { state: 'running', runSeconds: 0 }],
    ['runs', [claim, row('RUNNING')], { state: 'running', runSeconds: 50 }],
    ['is suspended', [claim, row('SUSPENDED')], { state: 'running', runSeconds: 50 }],
    ['is being cleaned up', [claim, row('COMPLETING')], { state: 'running' }],
    [
      'was stopped and is being cleaned up',
      [claim, ['stopped', 'k', ended('stopped')], row('COMPLETING')],
      { state: 'running' },
    ],
  ])('%s', (_what, lines, status) => {
    const verdict = verdictOf(lines as string[][]);
    expect(verdict.status).toMatchObject(status);
    expect(verdict).not.toHaveProperty('end');
  });

  test('is not given up before the file system had its time', () => {
    expect(verdictOf([claim, row('COMPLETED')], false).status.state).toBe('running');
    expect(verdictOf([claim], false).status.state).toBe('running');
    expect(verdictOf([], false).status.state).toBe('queued');
  });
});

describe('an end', () => {
  const stopped = (more: object = {}): string[] => ['stopped', 'k', ended('stopped', more)];
  test.each([
    [
      'written down is the truth, whatever Slurm says',
      [claim, ['exit', 'k', ended('exit', { code: 0 })], row('FAILED')],
      'succeeded',
      undefined,
    ],
    [
      'written down is the truth, though Slurm still lists it',
      [claim, ['exit', 'k', ended('timeout')], row('RUNNING')],
      'timeout',
      /time limit of 60 s/,
    ],
    ['that cannot be read', [claim, ['exit', 'k', '{"why":']], 'lost', /cannot be read/],
    ['of a directory that is gone', [['without_dir', 'k']], 'lost', /no longer exists/],
    ['by Slurm at its limit', [claim, row('TIMEOUT')], 'timeout', /Slurm stopped it/],
    [
      'by Slurm at its limit, stopped first',
      [claim, stopped({ signal: 'SIGTERM' }), row('TIMEOUT')],
      'timeout',
      /Slurm/,
    ],
    ['for want of memory', [claim, row('OUT_OF_MEMORY')], 'out_of_memory', /memory/],
    [
      'for want of memory, as the log tells',
      [
        claim,
        row('FAILED', 'JobLaunchFailure'),
        log('slurmstepd: error: StepId=7.batch exceeded memory limit (3 > 1), being killed'),
      ],
      'out_of_memory',
      /memory/,
    ],
    ['of its node', [claim, row('NODE_FAIL', 'NodeDown')], 'lost', /The node n1 failed/],
    ['by preemption', [claim, row('PREEMPTED')], 'lost', /priority/],
    ['by somebody else', [claim, row('CANCELLED')], 'cancelled', /not by the bot/],
    ['by the bot', [claim, ['cancel', 'k'], row('CANCELLED')], 'cancelled', /^It was cancelled\.$/],
    ['by somebody else while it waited', [row('CANCELLED')], 'cancelled', /not by the bot/],
    ['by a kill of the program', [claim, stopped({ signal: 'SIGKILL' }), row('FAILED')], 'failed', /SIGKILL/],
    ['by a kill of the batch script', [claim, row('FAILED')], 'lost', /batch script was killed/],
    [
      'by a request nobody owns up to',
      [claim, stopped({ signal: 'SIGTERM' }), row('FAILED')],
      'lost',
      /SIGTERM/,
    ],
    ['before it began', [row('FAILED', 'JobLaunchFailure')], 'lost', /could not start it: JobLaunchFailure/],
    [
      'before it began, of a full disk',
      [row('FAILED'), log('line 3: printf: write error: No space left on device')],
      'lost',
      /disk/,
    ],
    ['that only accounting knows', [claim, past('CANCELLED by 1000')], 'cancelled', /not by the bot/],
    ['that nobody knows', [claim], 'lost', /no longer knows/],
    [
      'that only the log knows',
      [
        claim,
        log('slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-22T10:00:00 DUE TO TIME LIMIT ***'),
      ],
      'timeout',
      /limit/,
    ],
    ['by going back to the queue', [claim, row('PENDING', 'BeginTime')], 'lost', /queue again/],
    [
      'by being held after a failed start',
      [row('PENDING', 'launch failed requeued held')],
      'lost',
      /holds it/,
    ],
  ])('%s', (_what, lines, state, reason) => {
    const { status } = verdictOf(lines as string[][]);
    expect(status.state).toBe(state);
    expect(isFinalJobState(status.state)).toBe(true);
    if (reason === undefined) expect(status.reason).toBeUndefined();
    else expect(status.reason).toMatch(reason);
    expect(status.runSeconds).toBeGreaterThanOrEqual(0);
  });

  test('is billed until Slurm says it ended, or its batch script was last seen', () => {
    expect(verdictOf([claim, row('NODE_FAIL')]).status.runSeconds).toBe(35);
    expect(verdictOf([claim, ['seen', 'k', epoch(30)]]).status.runSeconds).toBe(20);
    expect(verdictOf([row('CANCELLED')]).status.runSeconds).toBe(0);
  });

  test('is not that of another job under its number, nor of a second job under its name', () => {
    expect(verdictOf([claim, row('FAILED', 'None', '8')]).status.reason).toMatch(/no longer knows/);
    expect(verdictOf([claim, row('COMPLETED', 'None', '8'), row('RUNNING')]).status.state).toBe('running');
  });
});

test('a job whose submit was cut short before Slurm heard of it is unknown', () => {
  const look = parseLook([
    ['time', epoch(60)],
    ['job', 'k', record],
  ]);
  expect(judge(look.jobs.get('k') as never, look.now, true).status).toMatchObject({ state: 'unknown' });
});

test('what cannot be parsed is no evidence', () => {
  const look = parseLook([
    ['time', epoch(1)],
    ['job', 'k', '{'],
    ['job', 'm', record],
    ['row', 'm', 'not|a row'],
    ['row', 'm', '9|<b>|1|2|n1|x'],
    ['claim', 'm', 'junk'],
    ['claim', 'nobody', '{}'],
    ['stopped', 'm', ''],
    ['whatever'],
    [],
  ]);
  expect([...look.jobs.keys()]).toEqual(['m']);
  expect(look.jobs.get('m')?.rows).toEqual([]);
});
