import { refusalOf } from '../../campaign/approval-policy.ts';
import type { Cost } from '../../campaign/brief.ts';
import { costOf } from '../../campaign/cost.ts';
import { maxUsdPerHour, priceOf } from '../../campaign/price.ts';
import { moneyText, priceText } from '../../report/format.ts';
import { type ApprovalRow, listApprovals, updateApprovalTerms } from '../../store/approvals.ts';
import { asActive, updateCampaign } from '../../store/campaigns.ts';
import { listAskers } from '../../store/events.ts';
import { ledgerTotals, repriceReservations } from '../../store/ledger.ts';
import { repriceTrials } from '../../store/trials.ts';
import { changeCampaign, earlierAnswer, recordChange, whyNotUnderWay } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { nameOf, refusalText } from '../people.ts';
import { approvalSlot, say, showProgress } from '../say.ts';

/**
 * `price $2.50` in the thread of a campaign without a price: from here on dollars are counted, and those of
 * everything reserved and spent so far are worked out. A price that is known stays. Only people who may approve money
 * set it, since a budget in dollars lasts as long as the price is low.
 * @returns the answer, as a sentence
 */
export async function setPrice({
  ctx,
  input,
}: {
  ctx: Context;
  input: {
    campaignId: string;
    user: string;
    usd: number;
    /** Of one GPU; a slot has all of a run. */
    perGpu: boolean;
    /** The message that says it: it counts once, and asked again it gets the same answer. */
    source: string;
  };
}): Promise<string> {
  const { user, source } = input;
  const usdPerHour = input.usd * (input.perGpu ? (ctx.engine.gpus ?? 1) : 1);
  const name = await nameOf(ctx, user);
  const outcome = await changeCampaign(ctx, input.campaignId, async (change) => {
    const { tx, campaign, at } = change;
    const answer = (await earlierAnswer(change, source)) ?? whyNotUnderWay(campaign);
    if (answer !== null) return answer;
    const { brief } = asActive(campaign);
    const known = priceOf(ctx.settings, campaign);
    if (known !== null) {
      const whose =
        brief.price && ctx.settings.usdPerHour === null
          ? priceText(brief.price)
          : `An hour on one slot costs ${moneyText(known)} by my configuration (TREX_USD_PER_HOUR)`;
      return `${whose}; I count with that.`;
    }
    const askedBy = [campaign.createdBy, ...(await listAskers(tx, campaign.id, null))];
    const refusal = refusalOf(ctx.settings, { user, decision: 'approve' }, askedBy);
    if (refusal !== null) return { refusal, askedBy };
    if (!(usdPerHour > 0 && usdPerHour <= maxUsdPerHour))
      return `${moneyText(usdPerHour)} is no price that I can count with. Say it such as \`price $2.50\`.`;
    await updateCampaign(tx, campaign.id, { brief: { ...brief, price: { usdPerHour, saidBy: name } } });
    await repriceReservations(tx, campaign.id, usdPerHour);
    await repriceTrials(tx, campaign.id, usdPerHour);
    for (const approval of await listApprovals(tx, campaign.id)) {
      await updateApprovalTerms(tx, approval.id, termsAt(approval, usdPerHour));
      if (approval.state !== 'pending') continue;
      const payload = { kind: 'approval' as const, approvalId: approval.id };
      await say(tx, campaign, {
        key: `approval:${approval.id}:priced`,
        slot: approvalSlot(approval.id),
        payload,
        at,
      });
    }
    const { spent } = await ledgerTotals(tx, campaign.id);
    const text = `I count ${moneyText(usdPerHour)} for an hour on one slot from here on, and for what has run: ${moneyText(spent.usd)} spent so far. A budget in dollars is possible now.`;
    await recordChange(change, 'price.said', { usdPerHour, source, text }, user);
    await showProgress(tx, campaign, at);
    return text;
  });
  return typeof outcome === 'string' ? outcome : refusalText(ctx, { ...outcome, about: 'money' });
}

/** The terms of an approval with dollars beside its seconds; the cheaper plan gets its own when it is chosen. */
function termsAt(approval: ApprovalRow, usdPerHour: number): Parameters<typeof updateApprovalTerms>[2] {
  const at = (cost: Cost): Cost => costOf(cost.computeSeconds, usdPerHour);
  const range = ({ likely }: { likely?: { low: Cost; high: Cost } }) =>
    likely === undefined ? {} : { likely: { low: at(likely.low), high: at(likely.high) } };
  const { specHashes, expectedSeconds, ceilingSeconds, card, cheaper } = approval;
  return {
    specHashes,
    expectedSeconds,
    expectedUsd: costOf(expectedSeconds, usdPerHour).usd,
    ceilingSeconds,
    ceilingUsd: costOf(ceilingSeconds, usdPerHour).usd,
    cheaper,
    card: {
      ...card,
      ...range(card),
      cheaper:
        card.cheaper === null
          ? null
          : { ...card.cheaper, expected: at(card.cheaper.expected), ...range(card.cheaper) },
    },
  };
}
