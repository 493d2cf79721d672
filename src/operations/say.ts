import type { CampaignRow } from '../store/campaigns.ts';
import type { DbOrTx } from '../store/db.ts';
import { enqueue } from '../store/outbox.ts';
import type { OutboxPayload } from '../store/outbox-types.ts';

/**
 * Queues a message to a campaign's thread, in the transaction of the change that it tells of. `key` names the
 * message within the campaign and counts once; `slot` names what is shown, for messages that are edited later.
 */
export async function say(
  tx: DbOrTx,
  campaign: Pick<CampaignRow, 'id' | 'channel' | 'threadTs'>,
  message: { key: string; payload: OutboxPayload; slot?: string; at: Date },
): Promise<void> {
  await enqueue(tx, {
    key: `${campaign.id}:${message.key}`,
    campaignId: campaign.id,
    channel: campaign.channel,
    threadTs: campaign.threadTs,
    ...(message.slot === undefined ? {} : { slot: message.slot }),
    payload: message.payload,
    at: message.at,
  });
}

/** A sentence for one person alone, beside what they said or pressed. */
export async function sayPrivately(
  tx: DbOrTx,
  campaign: Pick<CampaignRow, 'id' | 'channel' | 'threadTs'>,
  { key, user, text, at }: { key: string; user: string; text: string; at: Date },
): Promise<void> {
  await say(tx, campaign, { key: `private:${key}`, payload: { kind: 'private', user, text }, at });
}

/** Asks for the progress message to be brought up to date; many requests become one edit. */
export async function showProgress(
  tx: DbOrTx,
  campaign: Pick<CampaignRow, 'id' | 'channel' | 'threadTs'>,
  at: Date,
): Promise<void> {
  await say(tx, campaign, {
    key: `progress:${at.getTime()}`,
    slot: progressSlot(campaign.id),
    payload: { kind: 'progress', campaignId: campaign.id },
    at,
  });
}

const progressSlot = (campaignId: string): string => `progress:${campaignId}`;
export const approvalSlot = (approvalId: string): string => `approval:${approvalId}`;
export const shipmentSlot = (shipmentId: string): string => `shipment:${shipmentId}`;

/** Posts the report of the campaign's last end, or brings it up to date: each end has a message of its own. */
export async function sayReport(
  tx: DbOrTx,
  campaign: Pick<CampaignRow, 'id' | 'channel' | 'threadTs' | 'ends'>,
  at: Date,
  why = '',
): Promise<void> {
  const own = campaign.ends <= 1 ? '' : `:${campaign.ends}`;
  await say(tx, campaign, {
    key: `report${own}${why}`,
    slot: `report:${campaign.id}${own}`,
    payload: { kind: 'report', campaignId: campaign.id, end: campaign.ends },
    at,
  });
}
