import { z } from 'zod';
import type { Fault } from '../../../lib/errors.ts';
import { maxStandardScores, StandardScore } from '../../../scoring/standard-tasks.ts';
import type { EngineOutcome, ReadRunFile } from '../../engine.ts';

const classes = ['config', 'data', 'memory', 'environment', 'ours', 'user'] as const;

const RunnerFailure = z.object({
  class: z.enum(classes),
  code: z.string().regex(/^[a-z_]{1,40}$/),
  message: z.string().max(2000),
  log: z.array(z.string().max(400)).max(20),
});

const RunnerResult = z.object({
  trainLoss: z.number().nullish(),
  tokensPerSecond: z.number().nullish(),
  steps: z.int().min(1).optional(),
  secondsPerStep: z.number().nonnegative().nullish(),
  weightsSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullish(),
  standard: z.array(StandardScore).max(maxStandardScores).optional(),
  standardTasks: z.int().min(1).max(10_000).optional(),
  answeredBy: z
    .string()
    .regex(/^[\w.+ -]{1,40}$/)
    .optional(),
});

/** Whose fault a failure is: memory is a setting of the run, a faulty installation is the cluster's. */
const faultOf: Record<(typeof classes)[number], Fault> = {
  config: 'config',
  data: 'data',
  memory: 'config',
  environment: 'cluster',
  ours: 'ours',
  user: 'user',
};

/** Reads result.json, or failure.json where there is none. Files of a job are untrusted. */
export async function readGpuOutcome(read: ReadRunFile): Promise<EngineOutcome | null> {
  const result = await read('result.json');
  if (result !== null) {
    const parsed = RunnerResult.safeParse(parse(result));
    if (!parsed.success) return unreadable('result.json');
    const { trainLoss = null, tokensPerSecond = null, weightsSha256 = null } = parsed.data;
    const { standard: scores, standardTasks: tasks = 1, answeredBy, steps, secondsPerStep } = parsed.data;
    return {
      ...{ ok: true, trainLoss, tokensPerSecond, weightsSha256, generalLoss: null, baseGeneralLoss: null },
      ...(scores === undefined ? {} : { standard: { scores, tasks } }),
      ...(answeredBy === undefined ? {} : { answeredBy }),
      ...(steps && secondsPerStep ? { pace: { steps, secondsPerStep } } : {}),
    };
  }
  const text = await read('failure.json');
  if (text === null) return null;
  const parsed = RunnerFailure.safeParse(parse(text));
  if (!parsed.success) return unreadable('failure.json');
  const { code, message, log } = parsed.data;
  return { ok: false, failure: { code, fault: faultOf[parsed.data.class], message, log } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const unreadable = (file: string): EngineOutcome => ({
  ok: false,
  failure: {
    code: 'internal',
    fault: 'ours',
    message: `The run left a ${file} that I cannot read.`,
    log: [],
  },
});
