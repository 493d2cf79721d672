import type { OutboxPayload } from '../campaign/outbox-payload.ts';
import type { CampaignRow } from '../store/campaigns.ts';
import type { DbOrTx } from '../store/db.ts';
import { copySlot, enqueue, listCopies } from '../store/outbox.ts';

/**
 * Queues a message to a campaign's thread, in the transaction of the change that it reports. `key` names the message
 * within the campaign and counts once; `slot` names a message that is edited later.
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
  if (message.slot === undefined || !isDirect(campaign)) return;
  for (const copy of await listCopies(tx, message.slot))
    await enqueue(tx, { ...copyOf(campaign, message, copy.channel), slot: copy.slot });
}

/** A conversation of the bot with one person: nobody else sees it, or could be mentioned there. */
const isDirect = ({ channel }: Pick<CampaignRow, 'channel'>): boolean => channel.startsWith('D');

/**
 * Posts a card that asks for a decision. Those who may decide are mentioned where they can see it (`peopleToCall`);
 * where the campaign is between the bot and one person, each approver gets the card directly, and that copy is kept
 * up to date.
 */
export async function sayCard(
  tx: DbOrTx,
  campaign: Pick<CampaignRow, 'id' | 'channel' | 'threadTs' | 'createdBy'>,
  message: { key: string; payload: OutboxPayload; slot: string; at: Date },
  approvers: readonly string[],
): Promise<void> {
  await say(tx, campaign, message);
  if (!isDirect(campaign)) return;
  for (const user of approvers)
    if (user !== campaign.createdBy)
      await enqueue(tx, { ...copyOf(campaign, message, user), slot: copySlot(message.slot, user) });
}

/** To a person's own conversation with the bot, which Slack opens by their id. */
const copyOf = (
  { id }: Pick<CampaignRow, 'id'>,
  { key, payload, at }: { key: string; payload: OutboxPayload; at: Date },
  user: string,
) => ({ key: `${id}:${key}:to:${user}`, campaignId: id, channel: user, threadTs: null, payload, at });

/** A sentence for one person alone, beside what they said or pressed. */
export async function sayPrivately(
  tx: DbOrTx,
  campaign: Pick<CampaignRow, 'id' | 'channel' | 'threadTs'>,
  { key, user, text, at }: { key: string; user: string; text: string; at: Date },
): Promise<void> {
  await say(tx, campaign, { key: `private:${key}`, payload: { kind: 'private', user, text }, at });
}

/** Queues an update of the progress message; many requests become one edit. */
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

/** Attaches the files of the campaign's last end: once an end. */
export async function sayFiles(
  tx: DbOrTx,
  campaign: Pick<CampaignRow, 'id' | 'channel' | 'threadTs' | 'ends'>,
  at: Date,
): Promise<void> {
  await say(tx, campaign, {
    key: `files:${campaign.ends}`,
    payload: { kind: 'files', campaignId: campaign.id, end: campaign.ends },
    at,
  });
}
