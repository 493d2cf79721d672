import { TrexError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import { countText, numberText } from '../lib/text.ts';
import { describeInput, describeStep } from './describe.ts';
import { type Pause, pauseForEventLoop } from './pause.ts';
import type { PlainStep, Recipe, RecipeStep } from './recipe.ts';
import { balanceRows } from './steps/balance-rows.ts';
import { dedupExact } from './steps/dedup-exact.ts';
import { dedupNear } from './steps/dedup-near.ts';
import { filterConflicts, filterCopies, filterLength, filterShape } from './steps/filters.ts';
import { filterRegex } from './steps/match-pattern.ts';
import { sortByLength, sourcesLast } from './steps/order-rows.ts';
import { mapByPython } from './steps/python-map.ts';
import { sampleRows } from './steps/sample-rows.ts';
import { synthSurface } from './steps/synth-surface.ts';
import { synthSwapSpans } from './steps/synth-swap-spans.ts';
import type { Row, RunPython } from './types.ts';

/** The effect of one input or step. `step` is in words, from `describeStep`. */
export interface RecipeTrace {
  step: string;
  before: number;
  after: number;
  /** A deviation from the step's settings: `only 900 of 1,500 rows could be made`. */
  note?: string;
}

export interface RecipeResult {
  rows: Row[];
  trace: RecipeTrace[];
}

/** Functions that a recipe needs from its caller. */
export interface RecipeOutside {
  pause?: Pause;
  /** Unset: a recipe with a `python_map` does not run. */
  runPython?: RunPython;
}

/**
 * Runs a recipe: the same recipe over the same rows gives the same rows in the same order. Loaded rows are not changed;
 * each row's `source` becomes the input it came from. The caller decontaminates the result.
 * @throws TrexError `recipe_empty` (fault data) when no row is left; errors of `load` and `runPython`.
 */
export async function runRecipe(
  recipe: Recipe,
  load: (source: string) => Promise<Row[]>,
  { pause = pauseForEventLoop, runPython = refusePython }: RecipeOutside = {},
): Promise<RecipeResult> {
  const trace: RecipeTrace[] = [];
  const inputs: Row[][] = [];
  for (const input of recipe.inputs) {
    const loaded = (await load(input.source)).map((row) => ({ ...row, source: input.source }));
    const taken = sampleRows(loaded, input.maxRows ?? loaded.length, recipe.seed);
    inputs.push(taken);
    trace.push({ step: describeInput(input), before: loaded.length, after: taken.length });
  }
  let rows = inputs.flat();
  if (rows.length === 0) {
    const names = recipe.inputs.map(({ source }) => source).join(', ');
    throw new TrexError('recipe_empty', 'data', `There are no rows to train on: ${names} came without any.`);
  }
  const timesUsed = new Map<string, number>();
  for (const step of recipe.steps) {
    await pause();
    const before = rows.length;
    const time = timesUsed.get(step.op) ?? 0;
    timesUsed.set(step.op, time + 1);
    const { rows: after, note } = await applyStep(step, rows, seedOf(recipe.seed, step.op, time), {
      pause,
      runPython,
    });
    rows = after;
    if (rows.length === 0)
      throw new TrexError(
        'recipe_empty',
        'data',
        `Nothing is left to train on: the step "${describeStep(step)}" removed ${before === 1 ? 'the last row' : `all ${numberText(before)} rows`}.`,
      );
    trace.push({ step: describeStep(step), before, after: rows.length, ...(note === null ? {} : { note }) });
  }
  return { rows, trace };
}

/** A seed from the operator and its place among equal ones, so that another step before it changes no draw. */
const seedOf = (seed: number, op: string, time: number): number =>
  Number.parseInt(sha256(`${seed} ${op} ${time}`).slice(0, 8), 16);

const refusePython: RunPython = async () => {
  throw new TrexError('python_off', 'config', 'This recipe runs code, and there is no sandbox to run it in.');
};

/** Runs a step over the rows; `note` is a deviation from its settings. */
async function applyStep(
  step: RecipeStep,
  rows: Row[],
  seed: number,
  outside: Required<RecipeOutside>,
): Promise<{ rows: Row[]; note: string | null }> {
  if (step.op === 'python_map') return mapByPython(rows, step, seed, outside);
  const after = await applyPlain(step, rows, seed, outside.pause);
  return { rows: after, note: noteOn(step, rows.length, after.length) };
}

async function applyPlain(step: PlainStep, rows: Row[], seed: number, pause: Pause): Promise<Row[]> {
  switch (step.op) {
    case 'filter_length':
      return filterLength(rows, step.minCharacters, step.maxCharacters);
    case 'filter_shape':
      return filterShape(rows, step.shapes);
    case 'filter_regex':
      return filterRegex(rows, step.pattern, step.on);
    case 'filter_conflicts':
      return filterConflicts(rows, step.keepShare);
    case 'filter_copies':
      return filterCopies(rows);
    case 'dedup_exact':
      return dedupExact(rows);
    case 'dedup_near':
      return dedupNear(rows, step.similarity, pause);
    case 'balance':
      return balanceRows(rows, step.by, step.maxRepeat, seed);
    case 'sample':
      return sampleRows(rows, step.rows, seed);
    case 'last':
      return sourcesLast(rows, step.sources);
    case 'sort_by_length':
      return sortByLength(rows, step.direction);
    case 'synth_swap_spans':
      return [...rows, ...(await synthSwapSpans(rows, step.rows, seed, pause))];
    case 'synth_surface':
      return [...rows, ...synthSurface(rows, step.rows, seed)];
  }
}

function noteOn(step: PlainStep, before: number, after: number): string | null {
  if (step.op !== 'synth_swap_spans' && step.op !== 'synth_surface') return null;
  const made = after - before;
  if (made === step.rows) return null;
  if (made > 0) return `only ${numberText(made)} of ${countText(step.rows, 'row')} could be made`;
  return step.op === 'synth_swap_spans'
    ? 'no completion copies anything that could be exchanged'
    : 'no prompt could be written in another way';
}
