import type { CostLimit } from '../../campaign/brief.ts';
import { missingFor } from '../../campaign/cost.ts';
import { capitalise } from '../../lib/text.ts';
import { limitText } from '../../report/format.ts';
import { type Shortage, shortageText } from '../../report/sentences/shortage.ts';
import { moveCampaign } from '../../store/campaigns.ts';
import { budgetLeft, ledgerTotals } from '../../store/ledger.ts';
import { askForMoney } from '../budget/budget-question.ts';
import { changeActiveCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { showProgress } from '../say.ts';
import type { Tree } from '../view/load-tree.ts';
import { endValues } from './end-work.ts';

/**
 * The budget left does not cover the next step of finishing. People are asked for more; after `wrap up`, the campaign
 * ends with the results so far, and the report says what was missing.
 */
export async function askOrEnd(ctx: Context, tree: Tree, shortage: Shortage): Promise<void> {
  if (tree.campaign.wrapUp === null) return askForMoney(ctx, tree.campaign.id, shortage);
  await endUnconfirmed(ctx, tree, (budget, left) => {
    const missing = missingFor(shortage.need, left);
    // Released by a job that ended since it was found to be missing: the next pass decides again.
    if (missing.computeSeconds === null && missing.usd === null) return null;
    return `Not confirmed: ${shortageText({ ...shortage, note: `${limitText(missing)} more would do` }, budget, left)}`;
  });
}

/**
 * Ends a campaign with the results so far, without a winner that has answered the test rows. The report is written
 * next.
 * @param why as a sentence, from the budget and what is left of it; null: it is no longer so, and nothing ends
 */
export async function endUnconfirmed(
  ctx: Context,
  tree: Tree,
  why: (budget: CostLimit, left: CostLimit) => string | null,
): Promise<void> {
  await changeActiveCampaign(ctx, tree.campaign.id, async (change) => {
    const { tx, campaign, at } = change;
    if (campaign.state !== 'confirming') return;
    const { budget } = campaign.brief;
    const text = why(budget, budgetLeft(budget, await ledgerTotals(tx, campaign.id)));
    if (text === null) return;
    const by = campaign.wrapUp === null ? '' : `${capitalise(campaign.wrapUp)}. `;
    await moveCampaign(tx, campaign.id, 'confirming', 'stopped', {
      ...endValues(campaign, at),
      endedBecause: `${by}${text}`,
      reportDue: true,
    });
    await recordChange(change, 'campaign.ended_unconfirmed', { end: campaign.ends + 1, because: text });
    await showProgress(tx, campaign, at);
  });
}
