import { RunSpec, type TrainingSettings } from '../../campaign/run-spec.ts';
import type { Asked, Engine, Estimate } from '../../executor/engine.ts';
import { TrexError } from '../../lib/errors.ts';
import type { Row } from '../../recipe/types.ts';

export interface PlannedRun {
  spec: RunSpec;
  /** The exact rows; null when nothing is trained. */
  rows: Row[] | null;
  asked: Asked;
}

/**
 * The checks that cost nothing, cheapest first: a run that could never train is refused before it has a price. The
 * checks on the cluster follow once it is submitted (`src/executor/engines/gpu/README.md`).
 * @returns time and memory of the run
 * @throws TrexError `bad_config`, `bad_data` or `out_of_memory`, with what to change
 */
export function checkRun(engine: Engine, run: PlannedRun, memoryLimitBytes: number): Estimate {
  checkSchema(run.spec);
  // Settings that exclude each other, this model, this hardware: only the engine knows.
  const estimate = engine.estimate(run.spec, run.rows, run.asked);
  checkRows(run);
  checkMemory(engine, run.spec, estimate, memoryLimitBytes);
  return estimate;
}

function checkSchema(spec: RunSpec): void {
  const parsed = RunSpec.safeParse(spec);
  if (parsed.success) return;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the run spec'}: ${issue.message}`,
  );
  throw new TrexError('bad_config', 'config', `It cannot be trained like this: ${problems.join('; ')}.`);
}

function checkRows({ spec, rows }: PlannedRun): void {
  if (spec.training === null || rows === null) return;
  if (rows.length === 0) throw new TrexError('bad_data', 'data', 'There is no row to learn from.');
  if (rows.every(({ completion }) => completion.trim() === ''))
    throw new TrexError(
      'bad_data',
      'data',
      `All ${rows.length} completions are empty: there is nothing to learn. Look at the column they are read from.`,
    );
}

const mib = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

function checkMemory(engine: Engine, spec: RunSpec, estimate: Estimate, limitBytes: number): void {
  if (limitBytes <= 0 || estimate.memoryBytes <= limitBytes) return;
  throw new TrexError(
    'out_of_memory',
    'config',
    `It would need ${mib(estimate.memoryBytes)} MiB and a run may use ${mib(limitBytes)} MiB. ${adviceOf(engine, spec, limitBytes)}`,
  );
}

/** The smallest change that would make it fit, as the engine itself reckons. */
function adviceOf(engine: Engine, spec: RunSpec, limitBytes: number): string {
  const { training } = spec;
  if (training === null) return 'Take a smaller model.';
  for (const [change, settings] of smaller(training)) {
    if (needs(engine, { ...spec, training: settings }) <= limitBytes) return `It would fit with ${change}.`;
  }
  return 'Neither a smaller batch nor a lighter method makes it fit: take a smaller model or shorter rows.';
}

function* smaller(training: TrainingSettings): Generator<[string, TrainingSettings]> {
  for (let batchSize = training.batchSize >> 1; batchSize >= 1; batchSize >>= 1)
    yield [`a batch of ${batchSize}`, { ...training, batchSize }];
  const lora = training.lora ?? { rank: 16, alpha: 32, targets: ['qkv', 'out', 'up', 'down'] };
  yield ['LoRA', { ...training, method: 'lora', lora }];
  yield ['QLoRA', { ...training, method: 'lora', lora: { ...lora, quantized: true } }];
  const maxSequenceTokens = training.maxSequenceTokens >> 1;
  if (maxSequenceTokens >= 8)
    yield [`rows of at most ${maxSequenceTokens} tokens`, { ...training, maxSequenceTokens }];
}

/** Memory does not depend on the rows. Settings that the engine refuses never fit. */
function needs(engine: Engine, spec: RunSpec): number {
  try {
    return engine.estimate(spec, [], { prompts: 0 }).memoryBytes;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
