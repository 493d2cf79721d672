import { compareItems } from '../../scoring/paired.ts';
import type { PairedDifference } from '../../scoring/types.ts';
import { findSplitResult } from '../../store/trials.ts';
import type { Context } from '../context.ts';

/** Two trials on the same search items, in pairs; null while one of them has no results. */
export async function compareOnSearch(
  ctx: Context,
  parentTrialId: number,
  trialId: number,
): Promise<PairedDifference | null> {
  const [a, b] = await Promise.all([
    findSplitResult(ctx.db, parentTrialId, 'search'),
    findSplitResult(ctx.db, trialId, 'search'),
  ]);
  return a === undefined || b === undefined ? null : compareItems(a.items, b.items);
}
