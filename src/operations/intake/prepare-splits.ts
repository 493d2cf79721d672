import type { Brief } from '../../campaign/brief.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { fromJsonl, toJsonl } from '../../recipe/jsonl.ts';
import type { Row } from '../../recipe/types.ts';
import { assignSplits, splitEvaluation } from '../../scoring/splits.ts';
import type { EvalItem } from '../../scoring/types.ts';
import { findDataset } from '../../store/datasets.ts';
import type { StoredSplits } from '../../store/schema.ts';
import type { Context } from '../context.ts';

/** One salt for all campaigns: the same file is always split the same way, so two campaigns on it can be compared. */
const splitSettings = { salt: 'trex-1' };

/**
 * Fixes the four splits of a campaign. They never overlap after normalisation.
 * @throws TrexError when there are too few rows, with what to do
 */
export async function prepareSplits({ ctx, brief }: { ctx: Context; brief: Brief }): Promise<StoredSplits> {
  if (brief.data.kind === 'task') {
    const task = brief.data.task;
    const found = ctx.catalog.tasks().find((t) => t.name === task);
    if (found === undefined) throw new NotFoundError(`the task ${task}`);
    const items = splitEvaluation(await ctx.catalog.evaluation(task), splitSettings);
    const train = found.pools.reduce((sum, pool) => sum + pool.rows, 0);
    return store(ctx, null, train, items);
  }
  const train = await loadRows(ctx, brief.data.train.sha256);
  if (brief.data.evaluation === null) {
    const parts = assignSplits(train, null, splitSettings);
    return store(ctx, parts.train, parts.train.length, parts);
  }
  const items = splitEvaluation(await loadRows(ctx, brief.data.evaluation.sha256), splitSettings);
  return store(ctx, train, train.length, items);
}

async function store(
  ctx: Context,
  train: Row[] | null,
  trainCount: number,
  items: { search: EvalItem[]; select: EvalItem[]; test: EvalItem[] },
): Promise<StoredSplits> {
  const asked = [...items.search, ...items.select, ...items.test];
  const prompts = asked.map(({ prompt }) => ctx.engine.countTokens(prompt));
  const put = (values: readonly object[]): Promise<string> => ctx.blobs.put(toJsonl(values));
  return {
    counts: {
      train: trainCount,
      search: items.search.length,
      select: items.select.length,
      test: items.test.length,
    },
    hashes: {
      train: train === null ? '' : await put(train),
      search: await put(items.search),
      select: await put(items.select),
      test: await put(items.test),
    },
    lengths: {
      meanPrompt: prompts.reduce((sum, tokens) => sum + tokens, 0) / Math.max(1, prompts.length),
      longestPrompt: longest(prompts),
      longestAnswer: longest(
        [...asked, ...(train ?? [])].map(({ completion }) => ctx.engine.countTokens(completion)),
      ),
    },
  };
}

const longest = (lengths: readonly number[]): number =>
  lengths.reduce((most, length) => Math.max(most, length), 0);

async function loadRows(ctx: Context, sha256: string): Promise<Row[]> {
  const stored = await findDataset(ctx.db, sha256);
  if (stored === undefined) throw new NotFoundError('the attached file any more; attach it again, please');
  return fromJsonl<Row>(await ctx.blobs.get(stored.rowsBlob, 'the rows of an attached file'));
}
