import { type Refusal, refusalOf } from '../../campaign/approval-policy.ts';
import { getCampaign, updateCampaign } from '../../store/campaigns.ts';
import type { Reply } from '../bot.ts';
import { closeOpenCard } from '../cards.ts';
import { asActiveChange, type Change, changeCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { refusalText } from '../people.ts';
import { say } from '../say.ts';
import {
  approveStart,
  namesAroundStart,
  openRequest,
  type RequestCard,
  type StartOutcome,
} from './approve-start.ts';
import { answerTo } from './start-campaign.ts';

type Outcome = StartOutcome | { kind: 'said'; text: string } | { kind: 'no_right'; refusal: Refusal };

/**
 * Decides about a Start that waits for approval. An approval counts for exactly the brief that the card was made for;
 * a rejection puts the brief back, to be changed or started anew. The requester may take it back.
 */
export async function decideStart({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; request: string; decision: 'approve' | 'reject'; user: string };
}): Promise<Reply> {
  const { campaignId, request, decision, user } = input;
  const nameOf = await namesAroundStart(ctx, campaignId, user);
  const { createdBy } = await getCampaign(ctx.db, campaignId);
  const outcome = await changeCampaign(ctx, campaignId, async (change): Promise<Outcome> => {
    const { campaign } = change;
    const card = openRequest(campaign);
    if (card === null || card.questionId !== request)
      return {
        kind: 'said',
        text:
          campaign.state === 'ready' || campaign.state === 'intake'
            ? 'This was answered, or the brief has changed since. The newest card in the thread counts.'
            : `This was answered already: the campaign is ${campaign.state}.`,
      };
    const isOwn = user === card.asker || user === createdBy;
    const refusal = refusalOf(ctx.settings, { user, decision }, [createdBy]);
    if (refusal !== null && !(decision === 'reject' && isOwn)) return { kind: 'no_right', refusal };
    if (decision === 'approve') return approveStart(asActiveChange(change), { user, nameOf });
    const closed =
      refusal === null
        ? `Not started: ${nameOf(user)} rejected it. Nothing was spent.`
        : `Taken back by ${nameOf(user)}. Nothing was spent.`;
    await putBack(change, card, { user, closed });
    return { kind: 'asked' };
  });
  return {
    private:
      outcome.kind === 'no_right'
        ? await refusalText(ctx, { refusal: outcome.refusal, askedBy: [createdBy], about: 'money' })
        : await answerTo(ctx, createdBy, outcome),
  };
}

/** The brief again, with its buttons. */
async function putBack(
  change: Change,
  { questionId, card }: RequestCard,
  { user, closed }: { user: string; closed: string },
): Promise<void> {
  const { tx, campaign, at } = change;
  await closeOpenCard(change, 'rejected', closed);
  const slot = `brief:${campaign.id}:${questionId}`;
  await updateCampaign(tx, campaign.id, { openCard: { slot, payload: card } });
  await recordChange(change, 'start.rejected', { request: questionId }, user);
  await say(tx, campaign, { key: slot, slot, payload: card, at });
}
