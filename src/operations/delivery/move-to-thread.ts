import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import { isFinalCampaign } from '../../campaign/states.ts';
import { getApproval } from '../../store/approvals.ts';
import { lockCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { recordEvent } from '../../store/events.ts';
import { getShipment } from '../../store/shipments.ts';
import { changeThread, listShown } from '../../store/threads.ts';
import { say } from '../say.ts';

/**
 * Moves the campaign under a message that was posted for it, in the transaction that records the post, so that a
 * crash in between posts nothing twice. Open things are shown there again: progress, questions, undecided cards, the
 * report.
 */
export async function moveToThread(
  tx: DbOrTx,
  campaignId: string,
  to: { channel: string; ts: string; at: Date },
): Promise<void> {
  const campaign = await lockCampaign(tx, campaignId);
  const shown = await listShown(tx, campaign);
  const { at } = to;
  await changeThread(tx, campaign, { channel: to.channel, threadTs: to.ts, at });
  await recordEvent(tx, {
    ...{ campaignId, name: 'thread.moved', actor: 'system', at },
    data: {
      from: { channel: campaign.channel, threadTs: campaign.threadTs },
      to: { channel: to.channel, threadTs: to.ts },
    },
  });
  const moved = { ...campaign, channel: to.channel, threadTs: to.ts };
  for (const { slot, payload, state } of shown) {
    // Messages that are not sent yet go to the new thread by themselves.
    if (slot === null || state === 'pending' || state === 'sending') continue;
    if (await isOpen(tx, payload, isFinalCampaign(campaign.state)))
      await say(tx, moved, { key: `moved:${to.ts}:${slot}`, slot, payload, at });
  }
}

/** Whether people still need to see it: what can be decided, and what is kept up to date. */
async function isOpen(tx: DbOrTx, payload: OutboxPayload, isOver: boolean): Promise<boolean> {
  if ('closed' in payload) return payload.closed === null;
  switch (payload.kind) {
    case 'question':
    case 'report':
      return true;
    case 'progress':
      return !isOver;
    case 'approval':
      return (await getApproval(tx, payload.approvalId)).state === 'pending';
    case 'shipment':
      return (await getShipment(tx, payload.shipmentId)).endedAt === null;
    default:
      return false;
  }
}
