import type { Rng } from '../../src/lib/rng.ts';
import type { SimulationDatabase } from './database.ts';
import type { Fate, FaultPlan, Point } from './faults.ts';
import type { SimulatedChat, SimulatedCluster } from './outside.ts';
import { type LoopName, leaseMs, type Process } from './process.ts';
import type { TinyEngine } from './training.ts';

/** A pass of a loop or the handling of an event: at most one of them moves at any moment. */
export interface Task {
  label: string;
  process: Process;
  /** Resolvers of its parked promises; parallel parts of a task may be parked at several points. */
  parked: (() => void)[];
  /** It may be parked until this time at most. */
  heldUntil: number;
  done: boolean;
  /** The error that it ended with, when it failed. */
  error: unknown;
}

/** The shared state of a run: time, the outside, the tasks under way, and the history. */
export interface Simulation {
  readonly database: SimulationDatabase;
  readonly cluster: SimulatedCluster;
  readonly chat: SimulatedChat;
  readonly engine: TinyEngine;
  readonly faults: FaultPlan;
  readonly blobs: Map<string, string>;
  readonly dataDir: string;
  readonly slots: number;
  readonly history: string[];
  readonly tasks: Set<Task>;
  readonly processes: Process[];
  /** The first violation; null while there is none. */
  violation(): string | null;
  violate(what: string): void;
  /** Milliseconds since the epoch, by the clock without faults. */
  now(): number;
  /** The same, a millisecond later each time, so that no two readings agree. */
  tick(): number;
  /** Moves time and wakes sleepers whose time has come. */
  advance(ms: number): Promise<void>;
  tell(who: { name: string }, what: string): void;
  fateAt(process: Process, point: Point, what: string): Fate;
  park(): Promise<void>;
  /** Runs a new task until it ends, is parked, or dies. */
  begin(process: Process, label: string, work: () => Promise<unknown>): Promise<Task>;
  resume(task: Task): Promise<void>;
  newId(prefix: string): string;
  clusterIsDown(): boolean;
  isArchived(channel: string): boolean;
  onRunStarted(key: string): Promise<void>;
  onPost(key: string): void;
  beforeCommit(process: Process): Promise<void>;
  readonly trouble: { clusterDownUntil: number; archived: Set<string> };
}

/** A pause lasts at most this long: a connection would have timed out. */
const pauseMs = 8000;
const freezeMs = { min: leaseMs, max: 3 * leaseMs };
/** Real time that a task may take between two points where it can be parked; more means that it waits for itself. */
const stuckMs = 60_000;

export const startOfTime = Date.parse('2026-03-02T08:00:00.000Z');

export function createSimulation(parts: {
  rng: Rng;
  firstId: number;
  database: SimulationDatabase;
  cluster: SimulatedCluster;
  chat: SimulatedChat;
  engine: TinyEngine;
  faults: FaultPlan;
  dataDir: string;
  slots: number;
}): Simulation {
  const { rng, database, faults, slots } = parts;
  const history: string[] = [];
  let now = startOfTime;
  let violation: string | null = null;
  let current: Task | null = null;
  let ids = 0;
  const trouble = { clusterDownUntil: 0, archived: new Set<string>() };
  const tasks = new Set<Task>();
  const processes: Process[] = [];
  const posted = new Set<string>();

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** Lets the current task run until it ends or is parked. */
  const settle = async (task: Task): Promise<void> => {
    const startedMs = performance.now();
    for (;;) {
      await turn();
      if (task.done || !task.process.alive) break;
      if (task.parked.length > 0) {
        await turn();
        break;
      }
      if (performance.now() - startedMs > stuckMs) {
        sim.violate(`${task.process.name} ${task.label} waits for itself`);
        task.process.die();
      }
    }
    if (task.done || !task.process.alive) tasks.delete(task);
    current = null;
  };

  const sim: Simulation = {
    ...parts,
    blobs: new Map(),
    history,
    tasks,
    processes,
    trouble,
    violation: () => violation,
    violate: (what) => {
      violation ??= what;
      history.push(`${stamp(now)} VIOLATION ${what}`);
    },
    now: () => now,
    tick: () => ++now,
    advance: async (ms) => {
      now += ms;
      database.setTime(new Date(now));
      for (const process of [...processes]) {
        if (!process.alive || process.frozenUntil > now) continue;
        process.frozenUntil = 0;
        for (const sleeper of [...process.sleepers]) {
          if (sleeper.until > now) continue;
          process.sleepers.delete(sleeper);
          current = { label: 'timer', process, parked: [], heldUntil: 0, done: false, error: null };
          sleeper.wake();
          await turn();
          await turn();
          current = null;
        }
      }
    },
    tell: (who, what) => history.push(`${stamp(now)} ${who.name} ${what}`),
    fateAt: (process, point, what) => {
      database.setTime(new Date(now));
      if (current === null || current.process !== process || current.label === 'timer') return 'go';
      const fate = faults.at(point);
      if (fate === 'go') return 'go';
      sim.tell(process, `${fateWords[fate]} in ${current.label}, ${point}: ${what}`);
      if (fate === 'crash') process.die();
      if (fate === 'freeze') {
        process.frozenUntil = now + freezeMs.min + rng.int(freezeMs.max - freezeMs.min);
        current.heldUntil = process.frozenUntil;
      }
      if (fate === 'pause') current.heldUntil = now + 1 + rng.int(pauseMs);
      return fate;
    },
    park: () => {
      const task = current;
      if (task === null) throw new Error('nothing runs that could stand still');
      return new Promise((resolve) => task.parked.push(resolve));
    },
    begin: async (process, label, work) => {
      const task: Task = { label, process, parked: [], heldUntil: 0, done: false, error: null };
      tasks.add(task);
      current = task;
      work().then(
        () => {
          task.done = true;
        },
        (error: unknown) => {
          task.done = true;
          task.error = error;
        },
      );
      await settle(task);
      return task;
    },
    resume: async (task) => {
      current = task;
      for (const go of task.parked.splice(0)) go();
      await settle(task);
    },
    newId: (prefix) => {
      ids++;
      // The seed of a campaign follows from its id; where there is one campaign, a repeated draw must not change it.
      if (prefix === 'c') return `c-${(parts.firstId + (slots > 1 ? ids : 0)).toString(36)}`;
      return `${prefix}-${String(ids).padStart(4, '0')}`;
    },
    clusterIsDown: () => now < trouble.clusterDownUntil,
    isArchived: (channel) => trouble.archived.has(channel),
    onRunStarted: async (key) => {
      const times = parts.cluster.runs.get(key) ?? 0;
      if (times > 1) sim.violate(`${key} runs for the ${times}. time`);
      const [row] = await database.read<{
        reservation: string | null;
        limit: number;
        ceiling: number;
        campaign: string;
        trial: string;
      }>(
        `select r.state as reservation, j.limit_seconds as limit, r.ceiling_seconds as ceiling, c.state as campaign,
           t.state as trial from job j join trial t on t.id = j.trial_id join campaign c on c.id = j.campaign_id
         left join reservation r on r.key = j.key where j.key = $1`,
        [key],
      );
      if (row === undefined) return sim.violate(`${key} runs and nobody has written it down`);
      if (row.reservation === null) return sim.violate(`${key} runs without money held for it`);
      if (row.limit > row.ceiling + 1e-6) {
        sim.violate(`${key} may run ${row.limit} s, more than the ${row.ceiling} s that are held for it`);
      }
      // A submit may come too late for a campaign that was stopped or wrapped up meanwhile; the job is then cancelled.
      const stopped = row.campaign === 'stopped' || row.campaign === 'finished' || row.campaign === 'failed';
      if (row.reservation !== 'held' && !stopped && row.trial !== 'withdrawn')
        sim.violate(`${key} runs on money that was given back`);
    },
    onPost: (key) => {
      if (posted.has(key)) sim.violate(`${key} is posted twice`);
      posted.add(key);
    },
    beforeCommit: async (process) => {
      const loop = current?.label as LoopName | undefined;
      const pattern = loop === 'jobs' ? 'jobs' : loop === 'campaigns' ? 'campaign:%' : null;
      if (pattern === null || current?.process !== process) return;
      const held = await database.read(
        'select 1 as one from "lease" where name like $1 and owner = $2 limit 1',
        [pattern, process.name],
      );
      if (held.length === 0)
        sim.violate(`${process.name} writes in ${loop} after its lease went to somebody else`);
    },
  };
  database.setTime(new Date(now));
  return sim;
}

const fateWords: Record<Exclude<Fate, 'go'>, string> = {
  crash: 'DIES',
  pause: 'is held up',
  freeze: 'FREEZES',
  fail: 'fails',
  lose: 'loses the answer',
  limit: 'is told to wait',
};

const stamp = (now: number): string => `${((now - startOfTime) / 1000).toFixed(3).padStart(9)}s`;
