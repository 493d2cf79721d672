import { BadInputError } from '../lib/errors.ts';
import { sha256, unitHash } from '../lib/hash.ts';
import { countText } from '../lib/text.ts';
import { normalise } from './text.ts';
import type { Conversation, EvalItem, SplitName } from './types.ts';

/** The fields of a row that splitting needs; all others are kept. */
export interface RowLike {
  prompt: string;
  completion: string;
  conversation?: Conversation;
}

type EvaluationSplit = Exclude<SplitName, 'train'>;
const evaluationSplits = ['search', 'select', 'test'] as const;

/** Shares of the distinct prompts kept for evaluation, each in [0, 1), together below 1; the rest trains. */
export type SplitFractions = Record<EvaluationSplit, number>;

/** Bounds on distinct prompts per split. */
export type SplitLimits = Record<SplitName, { min: number; max: number }>;

/**
 * 400 items put ± 0.05 around a score of 0.5, and the paired comparison is sharper; more would cost prediction time
 * on every node. The lower bounds sum to 60, the fewest prompts a campaign can start with.
 */
export const splitLimits: SplitLimits = {
  train: { min: 20, max: Number.POSITIVE_INFINITY },
  search: { min: 15, max: 400 },
  select: { min: 10, max: 300 },
  test: { min: 15, max: 400 },
};

export interface SplitSettings {
  /** Another salt draws other splits. Unset is the same for all campaigns, so that a file is always split alike. */
  salt?: string;
  limits?: SplitLimits;
}

export interface Splits<T extends RowLike> {
  /** In the order of the rows. */
  train: T[];
  /** Evaluation items have distinct normalised prompts, in the order of their first row. */
  search: EvalItem[];
  select: EvalItem[];
  test: EvalItem[];
  /** Rows left out because an evaluation item has the same normalised prompt already, or an evaluation split is full. */
  leftOut: number;
}

/** Identity of a row: 16 hex digits of SHA-256 over the normalised prompt and the completion. */
export const itemId = (row: RowLike): string =>
  sha256(`${normalise(row.prompt)}\n${row.completion}`).slice(0, 16);

interface HashRange {
  split: EvaluationSplit;
  /** Hashes in [from, to) belong to the split; those outside every range train. */
  from: number;
  to: number;
}

/**
 * Each split has a range of its own on [0, 1) and uses only the first part of it, less the more rows there are. As a
 * file grows, an evaluation item may become a training row, but never the reverse, and never an item of another split.
 */
function rangesFor(distinct: number): HashRange[] {
  const shares = [
    { split: 'search', range: 0.25, min: 0.1, items: 100 },
    { split: 'select', range: 0.15, min: 0.05, items: 60 },
    { split: 'test', range: 0.2, min: 0.05, items: 100 },
  ] as const;
  let from = 0;
  return shares.map(({ split, range, min, items }) => {
    const share = Math.min(range, Math.max(min, items / distinct));
    const own = { split, from, to: from + share };
    from += range;
    return own;
  });
}

function rangesOf(fractions: SplitFractions): HashRange[] {
  let from = 0;
  return evaluationSplits.map((split) => {
    const own = { split, from, to: from + fractions[split] };
    from = own.to;
    return own;
  });
}

interface Group<T> {
  key: string;
  rows: T[];
}

function groupByPrompt<T extends RowLike>(rows: readonly T[]): Group<T>[] {
  const groups = new Map<string, Group<T>>();
  for (const row of rows) {
    const key = normalise(row.prompt);
    const group = groups.get(key);
    if (group) group.rows.push(row);
    else groups.set(key, { key, rows: [row] });
  }
  return [...groups.values()];
}

/** One item for all rows of a prompt: the most frequent completion, the first of equals. */
function toItem(rows: readonly RowLike[]): EvalItem {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const text = row.completion.trim();
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const row = rows.find((candidate) => counts.get(candidate.completion.trim()) === most) as RowLike;
  const { prompt, completion, conversation } = row;
  return { id: itemId(row), prompt, completion, ...(conversation === undefined ? {} : { conversation }) };
}

type Place = SplitName | 'unused';

/** Division of keys: each split has a range on [0, 1), and `overflow` takes the keys above a limit. */
interface Division {
  ranges: readonly HashRange[];
  overflow: 'train' | 'unused';
  names: readonly SplitName[];
}

/** Puts every key in one place; deterministic in the set of keys, whatever their order. */
function placeKeys(
  keys: readonly string[],
  { ranges, overflow, names }: Division,
  settings: SplitSettings,
): Map<string, Place> {
  const limits = settings.limits ?? splitLimits;
  const salt = settings.salt ?? 'splits';
  const places = new Map<string, Place>();
  const members: Record<Place, string[]> = { train: [], search: [], select: [], test: [], unused: [] };
  const put = (key: string, place: Place): void => {
    places.set(key, place);
    members[place].push(key);
  };
  const hashed = keys
    .map((key) => ({ key, at: unitHash(`${salt}\n${key}`) }))
    .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  for (const { key, at } of hashed) {
    const range = ranges.find(({ from, to }) => at >= from && at < to);
    if (!range) put(key, overflow);
    else put(key, members[range.split].length < limits[range.split].max ? range.split : overflow);
  }
  // Small sets: the split with most to spare gives, keys with the smallest second hash first.
  const spare = (name: SplitName): number => members[name].length - limits[name].min;
  for (;;) {
    const needy = [...names].sort((a, b) => spare(a) - spare(b))[0] as SplitName;
    const giver = [...names].sort((a, b) => spare(b) - spare(a))[0] as SplitName;
    if (spare(needy) >= 0 || spare(giver) <= 0) return places;
    const [moved] = members[giver]
      .map((key) => ({ key, at: unitHash(`${salt}\nspare\n${key}`) }))
      .sort((a, b) => a.at - b.at);
    members[giver] = members[giver].filter((key) => key !== moved?.key);
    put((moved as { key: string }).key, needy);
  }
}

function collectItems(
  groups: readonly Group<RowLike>[],
  places: ReadonlyMap<string, Place>,
): Omit<Splits<RowLike>, 'train'> {
  const found = { search: [] as EvalItem[], select: [] as EvalItem[], test: [] as EvalItem[], leftOut: 0 };
  for (const group of groups) {
    const place = places.get(group.key) as Place;
    if (place === 'train') continue;
    if (place === 'unused') {
      found.leftOut += group.rows.length;
      continue;
    }
    found[place].push(toItem(group.rows));
    found.leftOut += group.rows.length - 1;
  }
  return found;
}

const minTogether = (limits: SplitLimits, names: readonly SplitName[]): number =>
  names.reduce((sum, name) => sum + limits[name].min, 0);

/** Whether the rows have the distinct prompts that three evaluation splits need. */
export const canEvaluate = (items: readonly RowLike[], limits: SplitLimits = splitLimits): boolean =>
  groupByPrompt(items).length >= minTogether(limits, evaluationSplits);

/**
 * Checks rows beside a separate evaluation set, all of which train.
 * @throws BadInputError `too_few_rows`
 */
export function requireTraining(rows: readonly RowLike[], limits: SplitLimits = splitLimits): void {
  const found = groupByPrompt(rows).length;
  if (found >= limits.train.min) return;
  throw new BadInputError(
    'too_few_rows',
    `The training data hold ${countText(found, 'different prompt')} in ${countText(rows.length, 'row')}; I need at least ${limits.train.min} to train on. Add rows.`,
  );
}

/**
 * Divides rows into train, search, select and test by a hash of the normalised prompt: the same prompt in any spelling
 * is in one split only, whatever the order of the rows. `fractions` null takes shares that shrink as rows grow (25,
 * 15 and 20 % of very few rows; 10, 5 and 5 % of many). Rows that a full evaluation split cannot take train. Sizes below
 * the lower bounds are filled up from the splits with most to spare; this only concerns small sets.
 * @throws BadInputError `too_few_rows`
 */
export function assignSplits<T extends RowLike>(
  rows: readonly T[],
  fractions: SplitFractions | null = null,
  settings: SplitSettings = {},
): Splits<T> {
  const limits = settings.limits ?? splitLimits;
  const groups = groupByPrompt(rows);
  const names = ['train', ...evaluationSplits] as const;
  const needed = minTogether(limits, names);
  if (groups.length < needed) {
    const evaluation = minTogether(limits, evaluationSplits);
    throw new BadInputError(
      'too_few_rows',
      `The data hold ${countText(groups.length, 'different prompt')} in ${countText(rows.length, 'row')}. I need at least ${needed} to train and ` +
        `to measure on separate rows. Send more rows, or a separate evaluation file with at least ${evaluation}.`,
    );
  }
  const ranges = fractions ? rangesOf(fractions) : rangesFor(groups.length);
  const places = placeKeys(
    groups.map((group) => group.key),
    { ranges, overflow: 'train', names },
    settings,
  );
  return {
    train: rows.filter((row) => places.get(normalise(row.prompt)) === 'train'),
    ...collectItems(groups, places),
  };
}

/**
 * Divides a separate evaluation set into search, select and test (about 36, 27 and 37 %), by the same hash; items above
 * the upper bounds are left out and never train.
 * @throws BadInputError `too_few_rows`
 */
export function splitEvaluation(
  items: readonly RowLike[],
  settings: SplitSettings = {},
): Omit<Splits<RowLike>, 'train'> {
  const limits = settings.limits ?? splitLimits;
  const groups = groupByPrompt(items);
  const needed = minTogether(limits, evaluationSplits);
  if (groups.length < needed) {
    throw new BadInputError(
      'too_few_rows',
      `The evaluation data hold ${countText(groups.length, 'different prompt')} in ${countText(items.length, 'row')}; I need at least ${needed} ` +
        'for the three evaluation splits. Add rows, or leave the file out and I will hold back part of the training data.',
    );
  }
  const places = placeKeys(
    groups.map((group) => group.key),
    {
      ranges: rangesOf({ search: 0.36, select: 0.27, test: 0.37 }),
      overflow: 'unused',
      names: evaluationSplits,
    },
    settings,
  );
  return collectItems(groups, places);
}
