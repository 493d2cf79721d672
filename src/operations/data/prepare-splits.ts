import type { Brief } from '../../campaign/brief.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { fromJsonl, toJsonl } from '../../recipe/jsonl.ts';
import type { Row } from '../../recipe/types.ts';
import { findDataset } from '../../store/datasets.ts';
import type { StoredSplits } from '../../store/schema.ts';
import type { Context } from '../context.ts';
import { splitRows } from './split-rows.ts';

/** Splits that are fixed, and sentences on which rows are not in them. */
export interface PreparedSplits {
  splits: StoredSplits;
  notes: string[];
}

/**
 * Fixes the four splits of a campaign. They never overlap after normalisation.
 * @throws TrexError when there are too few rows, or too few that the engine can use, with what to do
 */
export async function prepareSplits({ ctx, brief }: { ctx: Context; brief: Brief }): Promise<PreparedSplits> {
  const place = { ...ctx, load: (sha256: string) => loadRows(ctx, sha256) };
  const { train, items, counts, lengths, trainRows, notes } = await splitRows(brief, place);
  const put = (values: readonly object[]): Promise<string> => ctx.blobs.put(toJsonl(values));
  const splits: StoredSplits = {
    counts,
    ...(trainRows === undefined ? {} : { trainRows }),
    hashes: {
      train: train === null ? '' : await put(train),
      search: await put(items.search),
      select: await put(items.select),
      test: await put(items.test),
    },
    lengths,
  };
  return { splits, notes };
}

async function loadRows(ctx: Context, sha256: string): Promise<Row[]> {
  const stored = await findDataset(ctx.db, sha256);
  if (stored === undefined) throw new NotFoundError('the attached file any more; attach it again, please');
  return fromJsonl<Row>(await ctx.blobs.get(stored.rowsBlob, 'the rows of an attached file'));
}
