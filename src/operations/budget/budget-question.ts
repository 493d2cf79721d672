import { missingFor } from '../../campaign/cost.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import { raiseSteps } from '../../campaign/raises.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import { limitText } from '../../report/format.ts';
import { type Shortage, shortageReason, shortageText } from '../../report/sentences/shortage.ts';
import { type CampaignRow, updateCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { budgetLeft, ledgerTotals } from '../../store/ledger.ts';
import { changeActiveCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { say, sayCard, showProgress } from '../say.ts';

type BudgetCard = Extract<OutboxPayload, { kind: 'budget_reached' }>;

/** The question whose buttons are live; null when none is. */
export function openBudgetCard(campaign: Pick<CampaignRow, 'openCard'>): BudgetCard | null {
  const payload = campaign.openCard?.payload;
  return payload?.kind === 'budget_reached' ? payload : null;
}

/** Why a campaign is held while its question is open; null when none is. */
export function heldByBudget(campaign: Pick<CampaignRow, 'openCard'>): string | null {
  const card = openBudgetCard(campaign);
  // Older versions asked only in these words.
  return card === null ? null : (card.held ?? 'the budget is used up');
}

/**
 * Says what the budget left does not cover, and asks in the thread for more, with two amounts as buttons. Asked once:
 * while the question is open nothing is planned, and its answer lets the campaign go on.
 */
export async function askForMoney(ctx: Context, campaignId: string, shortage: Shortage): Promise<void> {
  await changeActiveCampaign(ctx, campaignId, async (change) => {
    const { tx, campaign, at } = change;
    if (!isActiveCampaign(campaign.state) || campaign.paused || campaign.openCard !== null) return;
    const { budget } = campaign.brief;
    const left = budgetLeft(budget, await ledgerTotals(tx, campaignId));
    const missing = missingFor(shortage.need, left);
    // Raised, or released by a job that ended, since it was found to be missing: the next pass plans again.
    if (missing.computeSeconds === null && missing.usd === null) return;
    const steps = raiseSteps(missing, budget).map(limitText);
    const held = shortageReason(shortage, left);
    const questionId = ctx.newId('q');
    const slot = `budget:${questionId}`;
    const payload: BudgetCard = {
      kind: 'budget_reached',
      campaignId,
      questionId,
      text: `${shortageText(shortage, budget, left)} Nothing new starts and nothing more is spent until somebody raises the budget, here or with a word such as \`add ${steps[1]}\`.`,
      held,
      raises: steps.map((text) => ({ label: `Add ${text}`, value: text })),
      closed: null,
    };
    await updateCampaign(tx, campaignId, { openCard: { slot, payload }, heldBecause: held });
    await recordChange(change, 'budget.reached', { question: questionId, missing, offered: steps });
    await sayCard(tx, campaign, { key: slot, slot, payload, at }, ctx.settings.approvers);
    await showProgress(tx, campaign, at);
  });
}

/** Adds a remark to the open question that does not answer it; does nothing where none is open. */
export async function noteOnBudgetQuestion(
  tx: DbOrTx,
  campaign: CampaignRow,
  note: string,
  at: Date,
): Promise<void> {
  const card = openBudgetCard(campaign);
  if (card === null) return;
  const slot = `budget:${card.questionId}`;
  const payload = { ...card, note };
  await updateCampaign(tx, campaign.id, { openCard: { slot, payload } });
  await say(tx, campaign, { key: `${slot}:${at.getTime()}`, slot, payload, at });
}

/**
 * Removes the buttons of the open question and lets the campaign go on; in the transaction of the answer, under the
 * campaign's lock.
 * @returns false when no question is open
 */
export async function closeBudgetQuestion(
  tx: DbOrTx,
  campaign: CampaignRow,
  closed: string,
  at: Date,
): Promise<boolean> {
  const card = openBudgetCard(campaign);
  if (card === null) return false;
  const slot = `budget:${card.questionId}`;
  await updateCampaign(tx, campaign.id, {
    openCard: null,
    ...(campaign.paused ? {} : { heldBecause: null }),
  });
  await say(tx, campaign, { key: `${slot}:closed`, slot, payload: { ...card, closed }, at });
  return true;
}
