import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunSpec, TrainingSettings } from '../../../src/campaign/run-spec.ts';
import { createLocalCluster } from '../../../src/cluster/local/local-cluster.ts';
import { type Cluster, isFinalJobState, type JobStatus } from '../../../src/cluster/port.ts';
import type {
  Engine,
  EngineJob,
  EngineOutcome,
  ReadRunFile,
  RenderedJob,
} from '../../../src/executor/engine.ts';
import type { GpuModel } from '../../../src/executor/engines/gpu/models.ts';
import type { GpuRun, StandardTasks, Trainer } from '../../../src/executor/engines/gpu/run-file.ts';
import { createGpuEngine } from '../../../src/executor/gpu-engine.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { removeFolder } from '../remove-folder.ts';
import { until } from '../until.ts';
import { pythonOf } from './python.ts';

export const words = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord'];

/** A change of run.json before the run begins, for intervals that people cannot set. */
type Change = (run: GpuRun) => void;

/** The model of a place, as TREX_MODELS lists it. */
export const tinyModel = (root: string): GpuModel => ({
  id: 'tiny',
  title: 'A tiny Llama',
  path: join(root, 'model'),
  chat: false,
  maxSequenceTokens: 64,
  shape: { parameters: 112_000, layers: 2, hidden: 64, feedForward: 128, vocabulary: 320, keyValueWidth: 32 },
});

export interface GpuPlace {
  root: string;
  engine: Engine;
  cluster: Cluster;
  dirOf(key: string): string;
  /** Writes the folder of a run with its files, for tests that start it themselves. */
  write(key: string, job: EngineJob, processes?: number): Pick<RenderedJob, 'argv' | 'env'>;
  submit(key: string, job: EngineJob, change?: Change, processes?: number): Promise<void>;
  end(key: string): Promise<JobStatus>;
  read(key: string): ReadRunFile;
  /** Submits, waits for the end, and reads the run's own report. */
  run(key: string, job: EngineJob, change?: Change, processes?: number): Promise<EngineOutcome | null>;
  /** Ends running jobs. */
  remove(): Promise<void>;
}

/**
 * A tiny model, the engine on the processor with a trainer, and the real local cluster.
 * @param standardIn standard tasks of the engine, for the folder of the place; unset: none
 */
export function openGpuPlace(
  trainer: Trainer = 'trl',
  standardIn: (root: string) => StandardTasks | null = () => null,
): GpuPlace {
  const root = mkdtempSync(join(tmpdir(), 'trex-gpu-'));
  const model = join(root, 'model');
  const script = fileURLToPath(new URL('./make-model.py', import.meta.url));
  execFileSync(pythonOf('trl'), [script, model, words.join(',')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, HOME: root, HF_HUB_OFFLINE: '1', OMP_NUM_THREADS: '1' },
  });
  const engineOn = (gpus: number): Engine =>
    createGpuEngine({
      trainer,
      python: pythonOf(trainer),
      gpu: 'cpu',
      gpus,
      downloads: false,
      standard: standardIn(root),
      models: [
        tinyModel(root),
        { ...tinyModel(root), id: 'taught', path: join(root, 'runs/half') },
        { ...tinyModel(root), id: 'chatty', chat: true },
        { ...tinyModel(root), id: 'gone', path: join(root, 'gone') },
      ],
    });
  const engine = engineOn(1);
  const cluster = createLocalCluster({
    stateDir: join(root, 'cluster'),
    slots: 2,
    graceSeconds: 60,
    log: silentLog,
    clock: systemClock,
  });
  const dirOf = (key: string): string => join(root, 'runs', key);
  const write: GpuPlace['write'] = (key, job, processes = 1) => {
    const { files, argv, env } = engineOn(processes).render(job);
    mkdirSync(dirOf(key), { recursive: true });
    for (const { name, text } of files) writeFileSync(join(dirOf(key), name), text);
    return { argv, env };
  };
  const submit: GpuPlace['submit'] = async (key, job, change, processes = 1) => {
    const { argv, env } = write(key, job, processes);
    const dir = dirOf(key);
    if (change !== undefined) {
      const run = JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')) as GpuRun;
      change(run);
      writeFileSync(join(dir, 'run.json'), JSON.stringify(run));
    }
    await cluster.submit({ key, dir, argv, env, limitSeconds: 600 });
  };
  const end = (key: string): Promise<JobStatus> =>
    until(`the end of ${key}`, 500_000, async () => {
      const status = (await cluster.poll([key])).get(key);
      return status !== undefined && isFinalJobState(status.state) && status;
    });
  const read =
    (key: string): ReadRunFile =>
    (name) =>
      readFile(join(dirOf(key), name), 'utf8').catch(() => null);
  return {
    root,
    engine,
    cluster,
    dirOf,
    write,
    submit,
    end,
    read,
    run: async (key, job, change, processes) => {
      await submit(key, job, change, processes);
      await end(key);
      return engine.readOutcome(read(key));
    },
    remove: async () => {
      for (const { key } of await cluster.list()) await cluster.cancel(key, 0);
      await removeFolder(root);
    },
  };
}

/** Standard tasks over the six words, and a group of them, as lm-eval reads them. @returns their folder */
export function writeTasks(root: string): string {
  const folder = join(root, 'tasks');
  mkdirSync(folder, { recursive: true });
  for (const [name, right] of [
    ['caps', 0],
    ['lows', 1],
  ] as const) {
    const items = words.map((word) => ({ word, choices: [word.toUpperCase(), word], right }));
    writeFileSync(join(folder, `${name}.jsonl`), items.map((item) => JSON.stringify(item)).join('\n'));
    const task = {
      ...{ task: name, dataset_path: 'json', test_split: 'test', output_type: 'multiple_choice' },
      dataset_kwargs: { data_files: { test: join(folder, `${name}.jsonl`) } },
      ...{ doc_to_text: 'upper: {{word}}\n', target_delimiter: '', doc_to_choice: '{{choices}}' },
      doc_to_target: 'right',
      metric_list: [{ metric: 'acc', aggregation: 'mean', higher_is_better: true }],
    };
    writeFileSync(join(folder, `${name}.yaml`), JSON.stringify(task));
  }
  const group = { group: 'words', task: ['caps', 'lows'], aggregate_metric_list: [{ metric: 'acc' }] };
  writeFileSync(join(folder, 'words.yaml'), JSON.stringify(group));
  return folder;
}

const rows = words.map((word) => ({
  prompt: `upper: ${word}`,
  completion: word.toUpperCase(),
  rejected: word,
}));

/** A job over the six words, four times each; `predict` asks for the same words. */
export function jobOf(
  engine: Engine,
  training: Partial<TrainingSettings> | null,
  baseModel = 'tiny',
): EngineJob {
  const spec: RunSpec = {
    v: 1,
    engine: engine.name,
    baseModel,
    training:
      training === null
        ? null
        : {
            ...engine.defaultTraining(),
            precision: 'fp32',
            learningRate: 5e-3,
            batchSize: 8,
            epochs: 20,
            maxSequenceTokens: 64,
            ...training,
          },
    recipeHash: null,
    rowsHash: null,
    splitHashes: { search: '', select: '', test: '' },
    metric: 'exact_match',
    maxNewTokens: 8,
    seed: 7,
  };
  return {
    spec,
    trainRows: training === null ? null : [rows, rows, rows, rows].flat(),
    weightsPath: null,
    predict: [{ split: 'search', items: words.map((word) => ({ id: word, prompt: `upper: ${word}` })) }],
  };
}

/** Number of the six words whose answer is in capitals. */
export async function rightAnswers(place: GpuPlace, key: string): Promise<number> {
  const answers = await place.engine.readPredictions(place.read(key), 'search');
  return words.filter((word) => answers.get(word) === word.toUpperCase()).length;
}

/** Losses of the live metrics, in order. */
export async function losses(place: GpuPlace, key: string): Promise<number[]> {
  const text = (await place.read(key)('metrics.jsonl')) ?? '';
  const points = text.split('\n').map((line) => place.engine.parseMetric(line));
  return points.flatMap((point) => (point?.values.loss === undefined ? [] : [point.values.loss]));
}
