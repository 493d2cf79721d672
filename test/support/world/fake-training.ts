import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../../../src/campaign/failure.ts';
import type { RunSpec } from '../../../src/campaign/run-spec.ts';
import {
  type Cluster,
  isFinalJobState,
  type JobRequest,
  type JobState,
  type JobStatus,
} from '../../../src/cluster/port.ts';
import { removeFiles } from '../../../src/cluster/remove-files.ts';
import type { Engine, EngineJob, EngineOutcome } from '../../../src/executor/engine.ts';
import { createNanoEngine } from '../../../src/executor/nano-engine.ts';
import { parseMetric } from '../../../src/executor/run-output.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { hashOf, sha256, unitHash } from '../../../src/lib/hash.ts';
import { hashFile } from '../../../src/lib/hash-file.ts';
import type { Row } from '../../../src/recipe/types.ts';
import type { StandardScore } from '../../../src/scoring/standard-tasks.ts';

/**
 * A trainer and a cluster without processes: a run takes seconds of the test's clock, and its share of right items follows
 * from its settings. The same spec gives the same answers, as with the real trainer.
 */
export interface FakeTraining {
  engine: Engine;
  cluster: FakeCluster;
}

/** Faults of a run. Steps are of a hundred. */
export interface Misbehaviour {
  /** The run takes this many times as long as it should. */
  slowness?: number;
  /** The run hangs from this step on. 0 never writes a line. */
  stallsAt?: number;
  /** The loss that it writes at a step; unset, the loss falls from 2. A loss may be no number. */
  loss?: (step: number) => number;
  /** GPU utilization in each line, percent; unset: none. */
  use?: number;
  /** The run ends at this step with this failure. */
  fails?: { at: number; failure: Failure };
  /** The content of err.log. */
  log?: string;
}

export interface FakeCluster extends Cluster {
  /** Called once for each run when it is submitted. */
  misbehave: ((key: string, spec: RunSpec) => Misbehaviour | undefined) | null;
  /** Keeps jobs in the queue, with the returned reason; undefined lets them begin. */
  hold: ((key: string) => Pick<JobStatus, 'reason' | 'needsPeople'> | undefined) | null;
  /** Number of submits that started a run, by key: more than one would be a job paid twice. */
  runs: Map<string, number>;
  /** Ends a running job as the machine would. */
  end(key: string, state: Exclude<JobState, 'queued' | 'running' | 'unknown'>): void;
  /** When the next running job ends if nothing disturbs it, in ms since the epoch; null when none runs. */
  nextEnd(): number | null;
  /** Forgets a job altogether, as after a crash of the cluster's controller. */
  forget(key: string): void;
  /** Called before every call with its name; throw to fail it. */
  beforeCall:
    | ((name: 'submit' | 'poll' | 'read' | 'cancel' | 'inspect' | 'discard') => void | Promise<void>)
    | null;
  /** Called after a submit has taken effect and before its answer arrives; throw to lose the answer. */
  afterSubmit: (() => void) | null;
}

interface FakeJob {
  request: JobRequest;
  job: EngineJob;
  submittedAt: number;
  seconds: number;
  does: Misbehaviour;
  ended: { state: JobState; at: number } | null;
}

const steps = 100;

/** The score of a run, in [0, 1]: higher near a rate of 1e-3 and for more epochs, LoRA a little below. */
export function truth(spec: RunSpec, rows: number): number {
  if (spec.training === null) return 0.05;
  const { learningRate, epochs, method, batchSize } = spec.training;
  const offRate = Math.abs(Math.log10(learningRate / (method === 'lora' ? 5e-3 : 1e-3)));
  const noise = (unitHash(`seed:${spec.seed}:${spec.rowsHash}`) - 0.5) * 0.04;
  const value =
    0.85 -
    0.25 * offRate +
    0.05 * Math.log2(Math.max(0.5, epochs)) +
    0.02 * Math.log2(16 / batchSize) +
    0.03 * Math.log10(Math.max(10, rows) / 300) -
    (method === 'lora' ? 0.05 : 0) +
    noise;
  return Math.min(0.99, Math.max(0, value));
}

/**
 * `times`: factor on the time of runs. `standardSeconds`: time of the standard tasks for a model; unset, there are none.
 * `formula`: factor of the engine's predicted over the real time of training; such an engine has probes.
 */
export function createFakeTraining(
  clock: Clock,
  options: { slots: number; times?: number; standardSeconds?: number; formula?: number },
): FakeTraining {
  const { times = 1, standardSeconds, formula } = options;
  // The engine renders its job as a file with a hash; the cluster finds the job here by that hash.
  const rendered = new Map<string, EngineJob>();
  const answers = new Map<string, Map<string, string>>();
  const engine: Engine = {
    name: 'fake',
    baseModels: [{ id: 'fake-1', title: 'a fake model', maxSequenceTokens: 128 }],
    metricsFile: 'metrics.jsonl',
    weightsFile: 'weights.bin',
    supports: createNanoEngine().supports,
    defaultTraining: () => createNanoEngine().defaultTraining(),
    countTokens: (text) => text.length,
    estimate: (spec, rows, { prompts }) => ({
      seconds: 1 + (formula ?? 1) * times * secondsOf(spec, rows) + prompts / 1000,
      ...(formula === undefined || spec.training === null || rows === null
        ? {}
        : {
            parts: {
              startSeconds: 1,
              stepSeconds: formula * times * stepSeconds(spec),
              steps: (rows.length * spec.training.epochs) / spec.training.batchSize,
              answerSeconds: prompts / 1000,
            },
          }),
      memoryBytes: 1e6,
      trainTokens: (rows?.length ?? 0) * 30,
    }),
    ...(standardSeconds === undefined ? {} : { standardSeconds: () => standardSeconds }),
    ...(formula === undefined ? {} : { probeSteps: 3 }),
    render: (job) => {
      const id = hashOf({
        spec: job.spec,
        splits: job.predict.map((p) => p.split),
        weights: job.weightsPath,
      });
      rendered.set(id, job);
      return { files: [{ name: 'job.json', text: JSON.stringify({ id }) }], argv: ['fake', id], env: {} };
    },
    readOutcome: async (read) => {
      const text = await read('result.json');
      const failure = await read('failure.json');
      if (text === null) return failure === null ? null : (JSON.parse(failure) as EngineOutcome);
      return {
        ok: true,
        trainLoss: 0.3,
        generalLoss: 0.7,
        baseGeneralLoss: 0.6,
        tokensPerSecond: 1000,
        weightsSha256: sha256(JSON.parse(text).id),
        ...(JSON.parse(text).pace === null ? {} : { pace: JSON.parse(text).pace }),
        ...(JSON.parse(text).standard === null ? {} : { standard: JSON.parse(text).standard }),
      };
    },
    readPredictions: async (read, split) => {
      const { id } = JSON.parse((await read('result.json')) ?? '{}');
      return answers.get(`${id}:${split}`) ?? new Map();
    },
    parseMetric,
  };

  const jobs = new Map<string, FakeJob>();
  const settle = (): void => {
    const now = clock.now().getTime();
    const open = [...jobs.values()].filter((j) => j.ended === null);
    // The first `slots` open jobs run; a job starts when it was submitted or when a slot before it came free.
    const ready = open.filter(({ request: { key } }) => startOf.has(key) || !cluster.hold?.(key));
    for (const job of ready.slice(0, options.slots)) {
      startOf.set(job.request.key, startOf.get(job.request.key) ?? now);
      const runs = (now - (startOf.get(job.request.key) as number)) / 1000;
      const isStuck = job.does.stallsAt !== undefined;
      if (runs >= endOf(job) && job.does.fails !== undefined) job.ended = { state: 'failed', at: now };
      else if (runs >= job.request.limitSeconds) job.ended = { state: 'timeout', at: now };
      else if (runs >= job.seconds && !isStuck) {
        job.ended = { state: 'succeeded', at: now };
        writeFileSync(join(job.request.dir, 'weights.bin'), job.request.argv[1] as string);
      }
    }
  };
  const startOf = new Map<string, number>();
  const endOf = ({ does, seconds }: FakeJob): number =>
    does.fails === undefined ? seconds : (seconds * does.fails.at) / steps;
  /** A file of a run as it is now; null when there is none. */
  const isAsked = (job: EngineJob): boolean => standardSeconds !== undefined && job.standard !== undefined;
  const fileOf = (job: FakeJob, file: string): string | null => {
    const id = job.request.argv[1] as string;
    switch (file) {
      case 'result.json':
        if (job.ended?.state !== 'succeeded') return null;
        for (const { split, items } of job.job.predict) answers.set(`${id}:${split}`, answer(job.job, items));
        return `${JSON.stringify({
          id,
          standard: isAsked(job.job) ? standardOf(job.job) : null,
          pace:
            formula === undefined ? null : { steps: 3, secondsPerStep: times * stepSeconds(job.job.spec) },
        })}\n`;
      case 'failure.json': {
        const { fails } = job.does;
        return fails === undefined || job.ended?.state !== 'failed'
          ? null
          : `${JSON.stringify({ ok: false, failure: fails.failure })}\n`;
      }
      case 'metrics.jsonl':
        return job.job.trainRows === null ? null : metricLines(job);
      case 'err.log':
        return job.does.log ?? null;
      default:
        return null;
    }
  };
  const metricLines = (job: FakeJob): string => {
    const started = startOf.get(job.request.key);
    if (started === undefined) return '';
    const runs = ((job.ended?.at ?? clock.now().getTime()) - started) / 1000;
    const last = Math.min(Math.floor((runs / job.seconds) * steps), job.does.stallsAt ?? steps, steps);
    return Array.from({ length: last }, (_, seq) => metricLine(job.does, seq)).join('');
  };
  const statusOf = (key: string): JobStatus => {
    const job = jobs.get(key);
    if (job === undefined) return { key, state: 'unknown', runSeconds: 0 };
    const started = startOf.get(key);
    const end = job.ended?.at ?? clock.now().getTime();
    const runSeconds = started === undefined ? 0 : Math.min((end - started) / 1000, job.request.limitSeconds);
    const state = job.ended?.state ?? (started === undefined ? 'queued' : 'running');
    const held = state === 'queued' ? cluster.hold?.(key) : undefined;
    return { key, state, runSeconds, ...held, ...(state === 'succeeded' ? { exitCode: 0 } : {}) };
  };
  const cluster: FakeCluster = {
    name: 'fake',
    runs: new Map(),
    misbehave: null,
    hold: null,
    beforeCall: null,
    afterSubmit: null,
    submit: async (request) => {
      await cluster.beforeCall?.('submit');
      const known = jobs.has(request.key);
      if (!known) {
        const job = rendered.get(request.argv[1] as string) as EngineJob;
        const does = cluster.misbehave?.(request.key, job.spec) ?? {};
        const standard = job.standard === 'measure' ? (standardSeconds ?? 0) : 0;
        const seconds = (1 + times * secondsOf(job.spec, job.trainRows) + standard) * (does.slowness ?? 1);
        // A real run also ends like this when its weights are missing.
        const needs = job.weightsPath === null ? null : join(request.dir, job.weightsPath);
        const at = clock.now().getTime();
        const ended = needs !== null && !existsSync(needs) ? { state: 'failed' as const, at } : null;
        jobs.set(request.key, { request, job, submittedAt: at, seconds, does, ended });
        cluster.runs.set(request.key, (cluster.runs.get(request.key) ?? 0) + 1);
        settle();
      }
      cluster.afterSubmit?.();
      return { clusterJobId: request.key, adopted: known };
    },
    poll: async (keys) => {
      await cluster.beforeCall?.('poll');
      settle();
      return new Map(keys.map((key) => [key, statusOf(key)]));
    },
    read: async (key, file, offset) => {
      await cluster.beforeCall?.('read');
      const job = jobs.get(key);
      const text = job === undefined ? null : fileOf(job, file);
      return { text: text?.slice(offset) ?? '', nextOffset: text?.length ?? offset, size: text?.length ?? 0 };
    },
    cancel: async (key) => {
      await cluster.beforeCall?.('cancel');
      settle();
      const job = jobs.get(key);
      if (job !== undefined && job.ended === null)
        job.ended = { state: 'cancelled', at: clock.now().getTime() };
      return statusOf(key);
    },
    inspect: async (key, file) => {
      await cluster.beforeCall?.('inspect');
      const path = join(jobs.get(key)?.request.dir ?? '', file);
      const found = await hashFile(path);
      return found && { host: null, path, ...found };
    },
    fetch: async () => {},
    discard: async (wanted) => {
      await cluster.beforeCall?.('discard');
      const freed = new Map<string, number>();
      for (const [key, names] of wanted) {
        const job = jobs.get(key);
        if (job !== undefined && job.ended === null) continue;
        freed.set(key, job === undefined ? 0 : await removeFiles(job.request.dir, names));
      }
      return freed;
    },
    list: async () => [...jobs.keys()].map(statusOf),
    slots: async () => ({ total: options.slots, free: 0 }),
    end: (key, state) => {
      const job = jobs.get(key);
      if (job !== undefined && !isFinalJobState(statusOf(key).state))
        job.ended = { state, at: clock.now().getTime() };
    },
    nextEnd: () => {
      const ends = [...jobs.values()].flatMap((job) => {
        const started = startOf.get(job.request.key);
        return started === undefined || job.ended !== null ? [] : [started + endOf(job) * 1000];
      });
      return ends.length === 0 ? null : Math.min(...ends);
    },
    forget: (key) => {
      jobs.delete(key);
    },
  };
  return { engine, cluster };
}

/** Scores of standard tasks: training costs the fake model a third of them. */
function standardOf({ spec }: EngineJob): { scores: StandardScore[]; tasks: number } {
  const value = spec.training === null ? 0.6 : 0.4;
  const score = { task: 'arc_easy', metric: 'acc', value, standardError: 0.02, items: 400 };
  return { scores: [{ ...score, higherIsBetter: true }], tasks: 1 };
}

/** Seconds of a step, at fifty rows a second. */
const stepSeconds = (spec: RunSpec): number => (spec.training?.batchSize ?? 0) / 50;

const secondsOf = (spec: RunSpec, rows: Row[] | null): number =>
  spec.training === null ? 0 : ((rows?.length ?? 0) / 50) * spec.training.epochs;

function metricLine(does: Misbehaviour, seq: number): string {
  const step = seq + 1;
  const loss = does.loss?.(step) ?? 0.5 + 1.5 * Math.exp(-step / 20);
  const metrics = {
    loss: Number.isFinite(loss) ? loss : String(loss),
    ...(does.use === undefined ? {} : { gpu_utilization: does.use }),
  };
  return `${JSON.stringify({ v: 1, seq, step, steps, metrics })}\n`;
}

/** The test's truth knows every answer; a wrong one is the prompt. */
let expected: Map<string, string> = new Map();
export function setExpectedAnswers(all: Map<string, string>): void {
  expected = all;
}

function answer(job: EngineJob, items: { id: string; prompt: string }[]): Map<string, string> {
  const share = truth(job.spec, job.trainRows?.length ?? 300);
  return new Map(
    items.map(({ id, prompt }) => {
      // An item has a difficulty of its own, so that two good runs fail on the same items.
      const difficulty = 0.8 * unitHash(`item:${id}`) + 0.2 * unitHash(`${id}:${hashOf(job.spec)}`);
      return [id, difficulty < share ? (expected.get(prompt) ?? '') : `no ${prompt}`];
    }),
  );
}
