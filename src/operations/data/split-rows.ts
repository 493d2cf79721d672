import { type Brief, trainFiles } from '../../campaign/brief.ts';
import type { TextLengths } from '../../executor/answer-limit.ts';
import { NotFoundError } from '../../lib/errors.ts';
import type { Row } from '../../recipe/types.ts';
import { assignSplits, requireTraining, splitEvaluation } from '../../scoring/splits.ts';
import type { EvalItem, SplitName } from '../../scoring/types.ts';
import { collectRows, type RowPlace } from './collect-rows.ts';

/** One salt for all campaigns: the same file is always split the same way, so two campaigns on it can be compared. */
const splitSettings = { salt: 'trex-1' };

export interface SplitRows {
  /** Null for a task of the catalogue, whose training data are pools. */
  train: Row[] | null;
  items: Record<Exclude<SplitName, 'train'>, EvalItem[]>;
  counts: Record<SplitName, number>;
  lengths: TextLengths;
  /** Training rows of each source, where there are several files. */
  trainRows?: Record<string, number>;
  /** Which rows of the files are in no split, a sentence each. */
  notes: string[];
}

/**
 * The four splits of a brief's data.
 * @throws TrexError when there are too few rows, or too few that the engine can use, with what to do
 */
export async function splitRows(
  { data, scope }: Pick<Brief, 'data' | 'scope'>,
  place: RowPlace,
): Promise<SplitRows> {
  if (data.kind === 'task') {
    const { catalog } = place;
    const found = catalog.tasks().find((task) => task.name === data.task);
    if (found === undefined) throw new NotFoundError(`the task ${data.task}`);
    const items = splitEvaluation(await catalog.evaluation(data.task), splitSettings);
    const rows = found.pools.reduce((sum, pool) => sum + pool.rows, 0);
    return { ...counted(place, null, items, rows), notes: [] };
  }
  const { train, evaluation, notes } = await collectRows(place, data, scope);
  if (evaluation !== null) requireTraining(train);
  const parts =
    evaluation === null
      ? assignSplits(train, null, splitSettings)
      : { train, ...splitEvaluation(evaluation, splitSettings) };
  const splits = { ...counted(place, parts.train, parts, parts.train.length), notes };
  return trainFiles(data).length === 1 ? splits : { ...splits, trainRows: countSources(parts.train) };
}

function countSources(rows: readonly Row[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { source = '' } of rows) counts[source] = (counts[source] ?? 0) + 1;
  return counts;
}

function counted(
  { engine }: RowPlace,
  train: Row[] | null,
  { search, select, test }: SplitRows['items'],
  trainCount: number,
): Omit<SplitRows, 'notes'> {
  const asked = [...search, ...select, ...test];
  const prompts = asked.map(({ prompt }) => engine.countTokens(prompt));
  const answers = [...asked, ...(train ?? [])].map(({ completion }) => engine.countTokens(completion));
  return {
    train,
    items: { search, select, test },
    counts: { train: trainCount, search: search.length, select: select.length, test: test.length },
    lengths: {
      meanPrompt: prompts.reduce((sum, tokens) => sum + tokens, 0) / Math.max(1, prompts.length),
      longestPrompt: longest(prompts),
      longestAnswer: longest(answers),
    },
  };
}

const longest = (lengths: readonly number[]): number =>
  lengths.reduce((most, length) => Math.max(most, length), 0);
