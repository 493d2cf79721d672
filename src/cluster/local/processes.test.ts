import { describe, expect, it } from 'vitest';
import { bootId, listProcesses, type ProcessRow, processesOfJob, readPs } from './processes.ts';

const row = (pid: number, ppid: number, pgid: number, more: Partial<ProcessRow> = {}): ProcessRow => ({
  pid,
  ppid,
  pgid,
  start: `s${pid}`,
  zombie: false,
  ...more,
});
const leader = { pid: 100, start: 's100', boot: bootId() };
const pids = (rows: ProcessRow[]): number[] => rows.map(({ pid }) => pid).sort((a, b) => a - b);

describe('processesOfJob', () => {
  it('finds the group, descendants outside it, and leaves out zombies and strangers', () => {
    const table = [
      row(1, 0, 1),
      row(100, 50, 100),
      row(101, 100, 100),
      row(102, 101, 102), // a session of its own
      row(103, 102, 103),
      row(104, 100, 100, { zombie: true }),
      row(200, 1, 200),
    ];
    expect(pids(processesOfJob(table, leader))).toEqual([100, 101, 102, 103]);
  });

  it('finds the rest of the group after its first process has ended', () => {
    expect(pids(processesOfJob([row(101, 1, 100), row(102, 1, 102)], leader))).toEqual([101]);
  });

  it('finds workers seen earlier whose parents are gone, but not what took over their number', () => {
    const earlier = new Map([
      [102, 's102'],
      [103, 'older'],
    ]);
    expect(pids(processesOfJob([row(102, 1, 102), row(103, 1, 103)], leader, earlier))).toEqual([102]);
  });

  it('touches nothing when the number belongs to another process now, or the machine restarted', () => {
    const reused = [row(100, 1, 100, { start: 'later' }), row(101, 100, 100)];
    expect(processesOfJob(reused, leader)).toEqual([]);
    expect(processesOfJob([row(100, 1, 100)], { ...leader, boot: 'before' })).toEqual([]);
  });
});

describe('readPs', () => {
  it.runIf(readPs(['-A']).length > 0)('reads the same table as the one used here', () => {
    const find = (rows: ProcessRow[]): ProcessRow | undefined => rows.find(({ pid }) => pid === process.pid);
    const [own, byPs] = [find(listProcesses()), find(readPs(['-A']))];
    expect(byPs).toMatchObject({ ppid: own?.ppid, pgid: own?.pgid, zombie: false });
    expect(byPs?.start).toMatch(/^\w{3} \w{3} \d+ \d\d:\d\d:\d\d \d{4}$/);
    expect(readPs(['-p', String(process.pid)])[0]?.start).toBe(byPs?.start);
    expect(readPs(['-p', '999999999'])).toEqual([]);
  });
});
