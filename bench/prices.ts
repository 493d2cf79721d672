import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, EngineJob } from '../src/executor/engine.ts';
import { loadEvaluation, loadPool } from '../src/executor/engines/nano/tasks/tasks.ts';
import { type Calibration, costBand, learnFrom } from '../src/executor/estimate-cost.ts';
import { createNanoEngine } from '../src/executor/nano-engine.ts';
import { kindOfTraining } from '../src/executor/summarise-training.ts';
import { createRng } from '../src/lib/rng.ts';
import type { Row } from '../src/recipe/types.ts';
import type { BenchLine } from './line.ts';

type Training = ReturnType<Engine['defaultTraining']>;

const engine = createNanoEngine();
const runs = 36;
const unmeasured: Calibration = { factor: 1, runs: 0, squaredError: null };

/** A run as the rules propose them: other rows, epochs and batches, two methods. */
function drawRun(index: number): { training: Training; rows: Row[] } {
  const rng = createRng(index);
  const lora = {
    rank: 8,
    alpha: 16,
    targets: ['qkv' as const, 'out' as const, 'up' as const, 'down' as const],
  };
  const isLora = index % 3 === 2;
  return {
    training: {
      ...engine.defaultTraining(),
      method: isLora ? 'lora' : 'full',
      lora: isLora ? lora : null,
      batchSize: rng.pick([8, 16, 32]),
      epochs: rng.pick([1, 2, 3]),
    },
    rows: loadPool(rng.pick(['date/noisy', 'date/clean', 'route/noisy'])).slice(0, rng.pick([200, 400, 800])),
  };
}

const specOf = (training: Training): EngineJob['spec'] => ({
  v: 1,
  engine: engine.name,
  baseModel: engine.baseModels[0]?.id ?? '',
  training,
  recipeHash: 'bench',
  rowsHash: 'bench',
  splitHashes: { search: '', select: '', test: '' },
  metric: 'exact_match',
  maxNewTokens: 32,
  seed: 1,
});

/** Wall seconds of the job as the cluster starts it: a process of its own in a folder of its own. */
async function secondsOf(job: EngineJob): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'trex-prices-'));
  try {
    const { files, argv, env } = engine.render(job);
    for (const { name, text } of files) writeFileSync(join(dir, name), text);
    const startedAt = process.hrtime.bigint();
    const [program = '', ...words] = argv;
    const child = spawn(program, words, { cwd: dir, env: { ...process.env, ...env }, stdio: 'ignore' });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`a run of the benchmark ended with ${code}`);
    return Number(process.hrtime.bigint() - startedAt) / 1e9;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Share of real runs that end inside the band estimated before each, beside the band of the formulas alone. */
export async function benchPrices(): Promise<BenchLine[]> {
  const items = loadEvaluation('date', 200).map(({ prompt }, id) => ({ id: String(id), prompt }));
  const calibrations = new Map<string, Calibration>();
  const measured: { isIn: boolean; wasIn: boolean; isBelowCeiling: boolean; width: number; error: number }[] =
    [];
  for (let index = 0; index < runs; index++) {
    const { training, rows } = drawRun(index);
    const spec = specOf(training);
    const predicted = engine.estimate(spec, rows, { prompts: items.length }).seconds;
    const kind = kindOfTraining(training);
    const before = calibrations.get(kind) ?? unmeasured;
    const band = costBand(predicted, before, null);
    const job = { spec, trainRows: rows, weightsPath: null, predict: [{ split: 'search', items }] };
    const seconds = await secondsOf(job);
    const isInside = ({ likely }: typeof band): boolean =>
      seconds >= likely.low.computeSeconds && seconds <= likely.high.computeSeconds;
    measured.push({
      isIn: isInside(band),
      wasIn: isInside(costBand(predicted, unmeasured, null)),
      isBelowCeiling: seconds <= band.ceiling.computeSeconds,
      width: band.likely.high.computeSeconds / band.likely.low.computeSeconds,
      error: Math.abs(seconds / band.expected.computeSeconds - 1),
    });
    calibrations.set(kind, learnFrom(before, predicted, seconds));
  }
  const share = (pick: (one: (typeof measured)[number]) => boolean): number =>
    Number((measured.filter(pick).length / measured.length).toFixed(3));
  const widthOf = (part: typeof measured): number =>
    Number((part.reduce((sum, { width }) => sum + width, 0) / part.length).toFixed(2));
  const errors = measured.map(({ error }) => error).sort((a, b) => a - b);
  const formulas = 'the band of the formulas';
  const covered = share(({ isIn }) => isIn);
  const uncalibrated = share(({ wasIn }) => wasIn);
  const line = (name: string, value: number, unit: string): BenchLine => ({
    bench: 'prices',
    case: name,
    value,
    unit,
  });
  return [
    {
      ...line(`runs inside of their band, of ${runs}`, covered, 'share'),
      against: formulas,
      ratio: Number((covered / Math.max(0.001, uncalibrated)).toFixed(2)),
    },
    line(`runs inside of ${formulas}`, uncalibrated, 'share'),
    line(
      'runs below their ceiling',
      share(({ isBelowCeiling }) => isBelowCeiling),
      'share',
    ),
    line('upper over lower end, first six runs', widthOf(measured.slice(0, 6)), 'times'),
    line('upper over lower end, last twelve runs', widthOf(measured.slice(-12)), 'times'),
    line('median error of what was expected', Number((errors[runs / 2] ?? 0).toFixed(3)), 'share'),
  ];
}
