import { ownsBrief } from '../../campaign/approval-policy.ts';
import { getCampaign, moveCampaign } from '../../store/campaigns.ts';
import { findSlot } from '../../store/outbox.ts';
import type { Reply } from '../bot.ts';
import { closeOpenCard } from '../cards.ts';
import { asActiveChange, changeCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { nameOf, notYoursText, refusalText } from '../people.ts';
import { approveStart, namesAroundStart, type StartOutcome } from './approve-start.ts';

type Outcome = StartOutcome | { kind: 'said'; text: string } | { kind: 'stranger' };

/**
 * Start on the brief card, or a message that says so. It starts at once where the rules let this person commit the
 * budget, and asks others for approval where they do not. A second press, or one on an old card, changes nothing and
 * says so.
 */
export async function startCampaign({
  ctx,
  input,
}: {
  ctx: Context;
  input: {
    campaignId: string;
    user: string;
    /** When it was said, as the chat counts; unset for a button, which can only be pressed on a card that is seen. */
    saidAt?: string;
  };
}): Promise<Reply> {
  const { user, campaignId, saidAt } = input;
  const nameOf = await namesAroundStart(ctx, campaignId, user);
  const { createdBy } = await getCampaign(ctx.db, campaignId);
  const outcome = await changeCampaign(ctx, campaignId, async (change): Promise<Outcome> => {
    const { tx, campaign } = change;
    const said = (text: string): Outcome => ({ kind: 'said', text });
    if (campaign.state === 'intake') return said('There is still a question open above.');
    if (campaign.state !== 'ready') return said('This campaign has already been started.');
    if (!ownsBrief(ctx.settings, campaign.createdBy, user)) return { kind: 'stranger' };
    const card = saidAt === undefined ? undefined : await findSlot(tx, campaign.openCard?.slot ?? '');
    if (saidAt !== undefined && (card === undefined || card.ts > saidAt))
      return said('The card came up after you wrote that. Look at it, please, and say it once more.');
    return approveStart(asActiveChange(change), { user, nameOf });
  });
  return { private: await answerTo(ctx, createdBy, outcome) };
}

/** The answer to the person alone; null when the thread says it. */
export async function answerTo(ctx: Context, requester: string, outcome: Outcome): Promise<string | null> {
  switch (outcome.kind) {
    case 'started':
    case 'asked':
      return null;
    case 'said':
      return outcome.text;
    case 'stranger':
      return notYoursText(ctx, requester, 'start this campaign');
    case 'counted':
      return outcome.before
        ? 'You have approved this start already, and nobody counts twice: one more person has to approve it.'
        : 'Your approval counts. It is so much that one more person has to approve it.';
    case 'waits':
      return 'This start waits for approval already; the card in the thread says whose.';
    case 'refused':
      return refusalText(ctx, { refusal: outcome.refusal, askedBy: [requester], about: 'money' });
    case 'too_few':
      return 'This start takes the approval of two people, and fewer than two of those who may decide about money are not its requester. A smaller budget takes one; TREX_APPROVERS names who may decide.';
  }
}

/** Cancel on the brief card: nothing was started, nothing is spent. */
export async function cancelCampaign({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; user: string };
}): Promise<Reply> {
  const name = await nameOf(ctx, input.user);
  const { state, createdBy } = await getCampaign(ctx.db, input.campaignId);
  if (state !== 'ready' && state !== 'intake')
    return { private: 'It has started already. Write `stop` to end it.' };
  if (!ownsBrief(ctx.settings, createdBy, input.user))
    return { private: await notYoursText(ctx, createdBy, 'cancel this') };
  return changeCampaign(ctx, input.campaignId, async (change) => {
    const { tx, campaign, at } = change;
    if (campaign.state !== 'ready' && campaign.state !== 'intake')
      return { private: 'It has started already.' };
    await closeOpenCard(change, 'cancel', `Cancelled by ${name}. Nothing was spent.`);
    await moveCampaign(tx, campaign.id, campaign.state, 'stopped', { finishedAt: at, openCard: null });
    await recordChange(change, 'campaign.cancelled', {}, input.user);
    return { private: null };
  });
}
