import { z } from 'zod';
import { metricNames } from '../scoring/types.ts';

/** An amount of cluster use. `computeSeconds` is time on a slot (queue time excluded); `usd` follows from the price. */
export interface Cost {
  computeSeconds: number;
  usd: number;
}

/** Range in which a cost will probably end: about nine in ten lie in it. */
export interface CostRange {
  low: Cost;
  high: Cost;
}

/** A limit on cost; null means that this side is not limited. */
export const CostLimit = z.object({
  computeSeconds: z.number().positive().nullable(),
  usd: z.number().positive().nullable(),
});
export type CostLimit = z.infer<typeof CostLimit>;

/** `qlora` is LoRA on a base in 4 bits. */
export const trainingMethods = ['full', 'lora', 'qlora'] as const;
export type TrainingMethod = (typeof trainingMethods)[number];

/** `sft` learns completions, `dpo` to prefer them to rejected ones, `grpo` to score well by the metric. */
export const objectives = ['sft', 'dpo', 'grpo'] as const;
export type Objective = (typeof objectives)[number];

export const searchPolicies = ['uct', 'greedy', 'sequential'] as const;

/** A file a person attached, already read and stored under its hash. */
export const DatasetRef = z.object({
  name: z.string(),
  sha256: z.string().length(64),
  rows: z.number().int().positive(),
  badRows: z.number().int().nonnegative(),
});
export type DatasetRef = z.infer<typeof DatasetRef>;

/** The validated requirement. Nothing under `scope` may change silently: a change is a new approval. */
export const Brief = z.object({
  title: z.string().min(1).max(80),
  /** The person's goal, in their words. */
  goal: z.string().min(1).max(2000),
  data: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('task'), task: z.string() }),
    z.object({
      kind: z.literal('attached'),
      train: DatasetRef,
      /** More training files, in the order in which they came; unset: none. */
      alsoTrain: z.array(DatasetRef).optional(),
      evaluation: DatasetRef.nullable(),
    }),
  ]),
  metric: z.enum(metricNames),
  /** Stop early when the confirmed score reaches this, in [0, 1]. */
  target: z.number().min(0).max(1).nullable(),
  budget: CostLimit.refine(
    (b) => b.computeSeconds !== null || b.usd !== null,
    'a budget needs minutes or dollars',
  ),
  /** A node whose expected cost is above this waits for approval. */
  askAbove: CostLimit,
  /** Price of an hour on one slot, as a person gave it where the configuration has none; unset or null: nobody did. */
  price: z.object({ usdPerHour: z.number().positive(), saidBy: z.string() }).nullable().optional(),
  /** Maximum number of concurrent trials. */
  parallel: z.number().int().min(1).max(64),
  /** Nothing new starts after this moment. */
  deadline: z.iso.datetime().nullable(),
  policy: z.enum(searchPolicies),
  maxNodes: z.number().int().min(1).max(10_000),
  scope: z.object({
    baseModel: z.string(),
    methods: z.array(z.enum(trainingMethods)).min(1),
    /** Unset is `sft`. */
    objective: z.enum(objectives).optional(),
    maxSequenceTokens: z.number().int().positive(),
  }),
  seed: z.number().int().nonnegative(),
});
export type Brief = z.infer<typeof Brief>;

/** All files to train on. */
export const trainFiles = (data: Extract<Brief['data'], { kind: 'attached' }>): DatasetRef[] => [
  data.train,
  ...(data.alsoTrain ?? []),
];

/** The fields that intake fills, in the order in which it asks for what is missing. */
export const briefFields = [
  'data',
  'badRows',
  'metric',
  'budget',
  'askAbove',
  'usdPerHour',
  'baseModel',
  'methods',
  'objective',
  'target',
  'parallel',
  'deadline',
  'maxNodes',
  'policy',
  'title',
] as const;
export type BriefField = (typeof briefFields)[number];

export const isBriefField = (name: string): name is BriefField => briefFields.some((field) => field === name);

/** How a request was read: the source of each value, the unused words, and a sample row of the data. */
export interface BriefReading {
  /** The person's words, for each field that was read from some. */
  words: Partial<Record<BriefField, string>>;
  /** Words with a meaning that no field took; `why` where a reason helps. */
  notUsed: { words: string; why: string | null }[];
  /**
   * The rest of the person's text, kept as the description of the task; null when there is none, unset on older cards.
   */
  task?: string | null;
  /** The first row as it was read, its texts cut; null for a task of the catalogue. */
  example: { file: string; columns: string; prompt: string; completion: string } | null;
}
