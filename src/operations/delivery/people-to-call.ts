import { possibleApprovers } from '../../campaign/approval-policy.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import { getApproval, listVotes } from '../../store/approvals.ts';
import { getCampaign } from '../../store/campaigns.ts';
import { listAskers } from '../../store/events.ts';
import { getShipment } from '../../store/shipments.ts';
import type { Context } from '../context.ts';

/**
 * Ids of the people whose decision a new card asks for: approvers who may decide and have not, or the requester where
 * everybody may. Nobody for other messages, and for a card that was answered before it could be posted.
 */
export async function peopleToCall(ctx: Context, payload: OutboxPayload): Promise<string[]> {
  switch (payload.kind) {
    case 'start_request': {
      if (payload.closed !== null) return [];
      const { createdBy } = await getCampaign(ctx.db, payload.campaignId);
      return choose(ctx, createdBy, [createdBy], payload.votes);
    }
    case 'budget_reached': {
      if (payload.closed !== null) return [];
      const { createdBy } = await getCampaign(ctx.db, payload.campaignId);
      return choose(ctx, createdBy, [createdBy, ...(await listAskers(ctx.db, payload.campaignId, null))]);
    }
    case 'approval': {
      const { id, campaignId, state } = await getApproval(ctx.db, payload.approvalId);
      if (state !== 'pending') return [];
      const { createdBy } = await getCampaign(ctx.db, campaignId);
      const votes = (await listVotes(ctx.db, { approvalId: id })).map(({ userId }) => ({ user: userId }));
      return choose(ctx, createdBy, [createdBy, ...(await listAskers(ctx.db, campaignId, id))], votes);
    }
    case 'shipment': {
      const { requestedBy, state } = await getShipment(ctx.db, payload.shipmentId);
      return state === 'requested' ? choose(ctx, requestedBy, [requestedBy]) : [];
    }
    default:
      return [];
  }
}

function choose(
  { settings }: Context,
  requester: string,
  askedBy: readonly string[],
  votes: readonly { user: string }[] = [],
): string[] {
  const people = possibleApprovers(settings, askedBy) ?? [requester];
  return people.filter((id) => votes.every((vote) => vote.user !== id));
}
