import type { RunSpec } from '../../src/campaign/run-spec.ts';
import type { Engine, EngineJob } from '../../src/executor/engine.ts';
import { createNanoEngine } from '../../src/executor/nano-engine.ts';
import { hashOf, sha256, unitHash } from '../../src/lib/hash.ts';
import { createRng } from '../../src/lib/rng.ts';
import type { CatalogTask, DataCatalog, Row } from '../../src/recipe/types.ts';
import { truth } from '../support/world/fake-training.ts';

const words = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heath'];

function makeRows(kind: string, count: number, seed: number, noise: number): Row[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, (_, i) => {
    const word = rng.pick(words);
    return {
      prompt: `${kind} upper: ${word} ${i}`,
      completion: rng.next() < noise ? word : `${word.toUpperCase()}-${i}`,
    };
  });
}

const pools = new Map<string, Row[]>([
  ['upper/clean', makeRows('clean', 80, 1, 0)],
  ['upper/noisy', makeRows('noisy', 80, 2, 0.3)],
]);
const evaluation = makeRows('eval', 64, 3, 0);
const answers = new Map(evaluation.map(({ prompt, completion }) => [prompt, completion]));

const task: CatalogTask = {
  name: 'upper',
  title: 'Upper-case words',
  metric: 'exact_match',
  example: { prompt: 'upper: amber 1', completion: 'AMBER-1' },
  keywords: ['upper', 'uppercase', 'capitals'],
  pools: [
    { id: 'upper/clean', title: 'clean words', note: 'small and right', rows: 80 },
    { id: 'upper/noisy', title: 'noisy words', note: 'a third wrong', rows: 80 },
  ],
};

/** One task, as small as the splits allow, so that nearly all time of a campaign is its bookkeeping. */
export const tinyCatalog: DataCatalog = {
  tasks: () => [task],
  load: async (id) => (pools.get(id) ?? []).map((row) => ({ ...row, source: id })),
  evaluation: async () => evaluation,
};

/** Predicted seconds of a run; its real time is this times a factor that depends on the spec alone. */
const predictSeconds = (spec: RunSpec, rows: Row[] | null): number =>
  1 + (spec.training === null ? 0 : ((rows?.length ?? 0) / 40) * spec.training.epochs);

export const realSeconds = (job: EngineJob): number =>
  (job.trainRows === null ? 1 : predictSeconds(job.spec, job.trainRows)) *
  (0.85 + 0.4 * unitHash(`seconds:${hashOf(job.spec)}`));

/** A trainer whose jobs the simulated cluster runs. Equal specs take the same time and give the same answers. */
export interface TinyEngine extends Engine {
  /** The job of a command line, whose only argument is the job's number. */
  jobOf(argv: string[]): EngineJob;
}

export function createTinyEngine(): TinyEngine {
  const rendered = new Map<string, EngineJob>();
  const jobOf = (argv: string[]): EngineJob => rendered.get(argv[1] as string) as EngineJob;
  return {
    name: 'tiny',
    baseModels: [{ id: 'tiny-1', title: 'a tiny model', maxSequenceTokens: 128 }],
    supports: createNanoEngine().supports,
    metricsFile: 'metrics.jsonl',
    weightsFile: 'weights.bin',
    defaultTraining: () => createNanoEngine().defaultTraining(),
    countTokens: (text) => text.length,
    estimate: (spec, rows) => ({
      seconds: predictSeconds(spec, rows),
      memoryBytes: 1e6,
      trainTokens: (rows?.length ?? 0) * 30,
    }),
    render: (job) => {
      const id = hashOf({
        spec: job.spec,
        splits: job.predict.map((p) => p.split),
        weights: job.weightsPath,
      });
      rendered.set(id, job);
      return { files: [{ name: 'job.json', text: JSON.stringify({ id }) }], argv: ['tiny', id], env: {} };
    },
    readOutcome: async (read) => {
      const text = await read('result.json');
      if (text === null) return null;
      return {
        ok: true,
        trainLoss: 0.3,
        generalLoss: 0.7,
        baseGeneralLoss: 0.6,
        tokensPerSecond: 1000,
        weightsSha256: sha256(JSON.parse(text).id),
      };
    },
    readPredictions: async (read, split) => {
      const { id } = JSON.parse((await read('result.json')) ?? '{}') as { id: string };
      const job = rendered.get(id) as EngineJob;
      const items = job.predict.find((p) => p.split === split)?.items ?? [];
      const share = truth(job.spec, job.trainRows?.length ?? 300);
      return new Map(
        items.map((item) => {
          const difficulty =
            0.8 * unitHash(`item:${item.id}`) + 0.2 * unitHash(`${item.id}:${hashOf(job.spec)}`);
          return [item.id, difficulty < share ? (answers.get(item.prompt) ?? '') : `no ${item.prompt}`];
        }),
      );
    },
    parseMetric: () => null,
    jobOf,
  };
}
