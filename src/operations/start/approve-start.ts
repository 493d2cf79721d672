import {
  askersOf,
  costOfBudget,
  possibleApprovers,
  type Refusal,
  ruleOn,
  yesesNeeded,
} from '../../campaign/approval-policy.ts';
import type { Cost } from '../../campaign/brief.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import { priceOf } from '../../campaign/price.ts';
import { listText } from '../../lib/text.ts';
import { startTerms } from '../../report/sentences/start-request.ts';
import { type CampaignRow, getCampaign, moveCampaign, updateCampaign } from '../../store/campaigns.ts';
import { recordEvent } from '../../store/events.ts';
import { committed, decidedAlone } from '../budget/decided-alone.ts';
import { closeOpenCard } from '../cards.ts';
import { type ActiveChange, type Change, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { lookUpNames } from '../people.ts';
import { say, sayCard, showProgress } from '../say.ts';

export type RequestCard = Extract<OutboxPayload, { kind: 'start_request' }>;

/** The result of a person's approval of a Start. */
export type StartOutcome =
  | { kind: 'started' }
  /** A card asks people who may approve; this person's own approval is counted where they may. */
  | { kind: 'asked' }
  | { kind: 'counted'; before: boolean }
  /** This person may not approve, and a card asks others already. */
  | { kind: 'waits' }
  /** This person may not approve, and nobody else could. */
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'too_few' };

/** The card about a Start that waits; null when none is open. */
export function openRequest(campaign: Pick<CampaignRow, 'openCard'>): RequestCard | null {
  const payload = campaign.openCard?.payload;
  return payload?.kind === 'start_request' ? payload : null;
}

/** Names of everybody who may be mentioned, looked up outside of the transaction. */
export async function namesAroundStart(
  ctx: Context,
  campaignId: string,
  user: string,
): Promise<(id: string) => string> {
  const campaign = await getCampaign(ctx.db, campaignId);
  const voters = openRequest(campaign)?.votes.map((vote) => vote.user) ?? [];
  return lookUpNames(ctx, [user, campaign.createdBy, ...ctx.settings.approvers, ...voters]);
}

/**
 * Approves the start of a campaign whose brief is shown. The start commits everything in the brief that costs, so it
 * is held to the approval rules; where this person may not approve alone, a card asks people who may. The campaign is
 * ready.
 */
export async function approveStart(
  change: ActiveChange,
  { user, nameOf }: { user: string; nameOf: (id: string) => string },
): Promise<StartOutcome> {
  const { ctx, tx, campaign } = change;
  const policy = ctx.settings;
  const request = openRequest(campaign);
  const commits = costOfBudget(campaign.brief.budget, priceOf(policy, campaign));
  const alone = await decidedAlone(ctx, tx, { campaignId: campaign.id, user });
  const askedBy = [campaign.createdBy];
  const earlier = request?.votes ?? [];
  const ruling = ruleOn(policy, { user, earlier, askedBy, commits, alone });
  if (ruling.kind === 'granted') {
    const asker = request?.asker ?? user;
    await begin(change, { user, asker, commits, yeses: ruling.yeses, nameOf });
    return { kind: 'started' };
  }
  if (ruling.kind === 'refused' && request !== null) return { kind: 'waits' };
  const possible = possibleApprovers(policy, askedBy);
  const needed = ruling.kind === 'one_more' ? 2 : yesesNeeded(policy, commits);
  if (possible !== null && possible.length < needed)
    return ruling.kind === 'refused' && needed === 1 ? ruling : { kind: 'too_few' };
  if (earlier.some((vote) => vote.user === user)) return { kind: 'counted', before: true };
  const approved = ruling.kind === 'one_more' ? ruling.yeses : [];
  const votes = approved.length === 0 ? [...earlier] : [...earlier, { user, decision: 'approve' as const }];
  const note =
    approved.length === 0
      ? null
      : `Approved by ${listText(approved.map(nameOf))}; one more person has to approve.`;
  if (request !== null) {
    await showRequest(change, { ...request, votes, note }, user);
    return { kind: 'counted', before: false };
  }
  await ask(change, { user, votes, note, who: whoText(possible, needed, nameOf), nameOf });
  return { kind: 'asked' };
}

/** A sentence about whose approval is needed. */
function whoText(possible: string[] | null, needed: 1 | 2, nameOf: (id: string) => string): string {
  if (possible === null)
    return needed === 2 ? 'Two people have to approve it.' : 'Somebody else here has to approve it.';
  const names = possible.map(nameOf);
  if (needed === 1) return `${names.join(' or ')} can approve it.`;
  return names.length === 2
    ? `${listText(names)} have to approve it.`
    : `Two of ${listText(names)} have to approve it.`;
}

async function ask(
  change: ActiveChange,
  asked: Pick<RequestCard, 'votes' | 'note' | 'who'> & { user: string; nameOf: (id: string) => string },
): Promise<void> {
  const { ctx, campaign } = change;
  const { user, votes, note, who, nameOf } = asked;
  const card = campaign.openCard?.payload;
  if (card?.kind !== 'brief') throw new Error(`the campaign ${campaign.id} is ready and shows no brief`);
  const brief = campaign.brief;
  const questionId = ctx.newId('s');
  const closed = `${nameOf(user)} asked for the start. It waits for approval below.`;
  await closeOpenCard(change, questionId, closed);
  await recordChange(change, 'start.requested', { request: questionId, brief, votes }, user);
  await showRequest(
    change,
    {
      kind: 'start_request',
      campaignId: campaign.id,
      questionId,
      asker: user,
      askedBy: nameOf(user),
      title: brief.title,
      terms: startTerms(brief),
      who,
      votes,
      note,
      closed: null,
      card,
    },
    null,
  );
}

/** @param voter the person whose vote is new on the card; null when the card itself is new */
async function showRequest(
  { ctx, tx, campaign, at }: Change,
  payload: RequestCard,
  voter: string | null,
): Promise<void> {
  const slot = `start:${payload.questionId}`;
  await updateCampaign(tx, campaign.id, { openCard: { slot, payload } });
  if (voter !== null)
    await recordEvent(tx, {
      campaignId: campaign.id,
      name: 'start.voted',
      actor: voter,
      data: { request: payload.questionId, votes: payload.votes },
      at,
    });
  const message = { key: voter === null ? slot : `${slot}:${voter}`, slot, payload, at };
  await sayCard(tx, campaign, message, ctx.settings.approvers);
}

async function begin(
  change: Change,
  how: { user: string; asker: string; commits: Cost; yeses: string[]; nameOf: (id: string) => string },
): Promise<void> {
  const { user, asker, commits, yeses, nameOf } = how;
  const { ctx, tx, campaign, at } = change;
  const names = listText(yeses.map(nameOf));
  const closed = openRequest(campaign) === null ? `Started by ${names}` : `Approved by ${names}. Started.`;
  await closeOpenCard(change, 'start', closed);
  await moveCampaign(tx, campaign.id, 'ready', 'searching', { startedAt: at, openCard: null });
  await recordChange(
    change,
    'campaign.started',
    {
      brief: campaign.brief,
      askedBy: askersOf(ctx.settings, campaign.createdBy, asker),
      ...committed(commits, yeses),
    },
    user,
  );
  await say(tx, campaign, {
    key: 'started',
    payload: {
      kind: 'text',
      text: 'Started. First I measure the untrained model, then I train. You can write `status`, `pause`, `stop`, `show 3` or `why 3` here at any time.',
    },
    at,
  });
  await showProgress(tx, campaign, at);
}
