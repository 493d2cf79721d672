import { canonicalJson } from '../lib/hash.ts';
import { clipUnits, countText, numberText } from '../lib/text.ts';
import { codeName, type Recipe, type RecipeStep } from './recipe.ts';

type Input = Recipe['inputs'][number];

/** A step in plain words, at most 60 characters. */
export const describeStep = (step: RecipeStep): string => clipUnits(wordsOf(step), 60);

/** `all rows of date/noisy`, `1,500 rows of date/clean`. */
export const describeInput = ({ source, maxRows }: Input): string =>
  `${maxRows === null ? 'all rows' : countText(maxRows, 'row')} of ${source}`;

/** The whole pipeline, a line for each input and step. */
export const describeRecipe = (recipe: Recipe): string[] => [
  ...recipe.inputs.map(describeInput),
  ...recipe.steps.map(describeStep),
];

function wordsOf(step: RecipeStep): string {
  switch (step.op) {
    case 'filter_length':
      return `keep rows of ${numberText(step.minCharacters)} to ${countText(step.maxCharacters, 'character')}`;
    case 'filter_shape':
      return 'drop rows that break the pattern';
    case 'filter_regex':
      return step.on === 'completion'
        ? 'drop rows whose completion breaks the rule'
        : 'drop rows whose prompt breaks the rule';
    case 'filter_conflicts':
      return 'drop prompts with contradictory completions';
    case 'filter_copies':
      return 'drop rows that only copy the prompt';
    case 'dedup_exact':
      return 'drop exact repeats';
    case 'dedup_near':
      return `drop near repeats (${Math.round(step.similarity * 100)}% alike)`;
    case 'balance':
      return step.by === 'completion' ? 'even out the labels' : 'even out the forms of prompts';
    case 'sample':
      return `take ${countText(step.rows, 'row')}`;
    case 'last':
      return `put ${step.sources.join(', ')} last`;
    case 'sort_by_length':
      return step.direction === 'short_first' ? 'short rows first' : 'long rows first';
    case 'synth_swap_spans':
      return `add ${countText(step.rows, 'row')} with swapped names and numbers`;
    case 'synth_surface':
      return `add ${countText(step.rows, 'row')} in other case and spacing`;
    case 'python_map':
      return `run code: ${step.purpose}`;
  }
}

/** The setting of a step that people compare; null when it has no short name. */
function settingOf(step: RecipeStep): string | null {
  switch (step.op) {
    case 'filter_length':
      return `${step.minCharacters}-${step.maxCharacters}`;
    case 'filter_conflicts':
      return String(step.keepShare);
    case 'dedup_near':
      return String(step.similarity);
    case 'balance':
      return `${step.by}x${step.maxRepeat}`;
    case 'sample':
    case 'synth_swap_spans':
    case 'synth_surface':
      return String(step.rows);
    case 'sort_by_length':
      return step.direction;
    case 'last':
      return step.sources.join('+');
    case 'filter_shape':
    case 'filter_regex':
    case 'filter_copies':
    case 'dedup_exact':
    case 'python_map':
      return null;
  }
}

/** Steps of one kind differ in settings only. Other code is another kind: evidence for one does not hold for the other. */
const kindOf = (step: RecipeStep): string =>
  step.op === 'python_map' ? `python_map:${codeName(step.code).slice(1)}` : step.op;

/** One difference between recipes. `factor` names it for the evidence: `recipe.sample=1000→3000`. */
export interface RecipeDifference {
  text: string;
  factor: string;
}

/**
 * The changes from `a` to `b`. Equal recipes have none; exchanging `a` and `b` gives the same factors reversed.
 */
export function diffRecipes(a: Recipe, b: Recipe): RecipeDifference[] {
  const differences = [...diffInputs(a.inputs, b.inputs), ...diffSteps(a.steps, b.steps)];
  if (a.seed !== b.seed)
    differences.push({
      text: `recipe seed ${a.seed} → ${b.seed}`,
      factor: `recipe.seed=${a.seed}→${b.seed}`,
    });
  return differences;
}

function diffInputs(a: readonly Input[], b: readonly Input[]): RecipeDifference[] {
  return pair(a, b, (input) => input.source).flatMap(([before, after, name]): RecipeDifference[] => {
    if (before === undefined)
      return after === undefined ? [] : [{ text: `add ${describeInput(after)}`, factor: `input:${name}=on` }];
    if (after === undefined) return [{ text: `without ${before.source}`, factor: `input:${name}=off` }];
    const rows = (input: Input): string => (input.maxRows === null ? 'all' : numberText(input.maxRows));
    return [
      {
        text: `rows of ${after.source}: ${rows(before)} → ${rows(after)}`,
        factor: `input:${name}.rows=${before.maxRows ?? 'all'}→${after.maxRows ?? 'all'}`,
      },
    ];
  });
}

function diffSteps(a: readonly RecipeStep[], b: readonly RecipeStep[]): RecipeDifference[] {
  const differences = pair(a, b, kindOf).flatMap(([before, after, name]): RecipeDifference[] => {
    if (before === undefined)
      return after === undefined ? [] : [{ text: describeStep(after), factor: `recipe.${name}=on` }];
    if (after === undefined)
      return [{ text: `no longer: ${describeStep(before)}`, factor: `recipe.${name}=off` }];
    const [from, to] = [settingOf(before), settingOf(after)];
    if (from === null || to === null || from === to)
      return [{ text: `${describeStep(after)} (changed)`, factor: `recipe.${name}=changed` }];
    return [{ text: `${describeStep(after)} (${from} → ${to})`, factor: `recipe.${name}=${from}→${to}` }];
  });
  if (orderOfCommon(a, b) !== orderOfCommon(b, a))
    differences.push({ text: 'the steps in another order', factor: 'recipe.order=changed' });
  return differences;
}

/**
 * Pairs items that differ: equal ones cancel out, the rest are paired by key, in order. The second of a kind is `key.2`.
 */
function pair<T>(
  a: readonly T[],
  b: readonly T[],
  keyOf: (item: T) => string,
): [before: T | undefined, after: T | undefined, name: string][] {
  const leftOfA = withoutEqual(a, b);
  const leftOfB = withoutEqual(b, a);
  const keys = [...new Set([...leftOfA, ...leftOfB].map(keyOf))];
  return keys.flatMap((key) => {
    const before = leftOfA.filter((item) => keyOf(item) === key);
    const after = leftOfB.filter((item) => keyOf(item) === key);
    const inBoth = a.filter((item) => keyOf(item) === key).length - before.length;
    return Array.from({ length: Math.max(before.length, after.length) }, (_, i) => {
      const place = inBoth + i + 1;
      return [before[i], after[i], place === 1 ? key : `${key}.${place}`] as [
        T | undefined,
        T | undefined,
        string,
      ];
    });
  });
}

/** Items of `a` less those that `b` has too, each counted once. */
function withoutEqual<T>(a: readonly T[], b: readonly T[]): T[] {
  const others = new Map<string, number>();
  for (const item of b) others.set(canonicalJson(item), (others.get(canonicalJson(item)) ?? 0) + 1);
  return a.filter((item) => {
    const left = others.get(canonicalJson(item)) ?? 0;
    if (left > 0) others.set(canonicalJson(item), left - 1);
    return left === 0;
  });
}

/** Operators of `a` that `b` has too, in a's order. */
function orderOfCommon(a: readonly RecipeStep[], b: readonly RecipeStep[]): string {
  const left = b.map(kindOf);
  return a
    .map(kindOf)
    .filter((kind) => {
      const at = left.indexOf(kind);
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    })
    .join(' ');
}
