import { raiseSteps } from '../../campaign/raises.ts';
import { limitText } from '../../report/format.ts';
import type { Context } from '../context.ts';
import { loadTree } from '../view/load-tree.ts';
import { planContinue } from './continue-plan.ts';

/** Ways to go on from the end of a campaign, as buttons: with what is left, where a run fits into it, and with more. */
export async function listContinues({
  ctx,
  campaignId,
}: {
  ctx: Context;
  campaignId: string;
}): Promise<{ label: string; value: string }[]> {
  const tree = await loadTree(ctx, campaignId);
  const { budget } = tree.campaign.brief;
  const half = {
    computeSeconds: budget.computeSeconds === null ? null : budget.computeSeconds / 2,
    usd: budget.usd === null ? null : budget.usd / 2,
  };
  const [more] = raiseSteps(half, budget);
  const mayGoOn = (amount: typeof more | null): boolean =>
    typeof planContinue(ctx, tree, { more: amount, until: null }) !== 'string';
  return [
    ...(mayGoOn(null) ? [{ label: 'Continue', value: '' }] : []),
    ...(mayGoOn(more) ? [{ label: `Continue with ${limitText(more)} more`, value: limitText(more) }] : []),
  ];
}
