import { type ChangedForms, changedForms } from '../../scoring/changed-forms.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { findSplitResult } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { loadItems } from '../data/load-rows.ts';

/** The form of prompt among the search items that the second trial gains over the first, or loses to it. */
export async function whereNodesDiffer(
  ctx: Context,
  campaign: CampaignRow,
  firstTrialId: number,
  secondTrialId: number,
): Promise<ChangedForms> {
  const [first, second, items] = await Promise.all([
    findSplitResult(ctx.db, firstTrialId, 'search'),
    findSplitResult(ctx.db, secondTrialId, 'search'),
    loadItems(ctx, campaign, 'search'),
  ]);
  const before = new Map(first?.items.map(({ id, score }) => [id, score]));
  const after = new Map(second?.items.map(({ id, score }) => [id, score]));
  return changedForms(
    items.map(({ id, prompt }) => ({ prompt, change: (after.get(id) ?? 0) - (before.get(id) ?? 0) })),
  );
}
