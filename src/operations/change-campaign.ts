import { type CampaignRow, lockCampaign } from '../store/campaigns.ts';
import type { DbOrTx } from '../store/db.ts';
import { recordEvent } from '../store/events.ts';
import type { Context } from './context.ts';

/** A campaign that a transaction has locked, and the moment that everything in the transaction is dated with. */
export interface Change {
  ctx: Context;
  tx: DbOrTx;
  /** As it was when it was locked. */
  campaign: CampaignRow;
  at: Date;
}

/** Runs `act` in a transaction that holds the lock of the campaign; what `act` throws rolls everything back. */
export function changeCampaign<T>(
  ctx: Context,
  campaignId: string,
  act: (change: Change) => Promise<T>,
): Promise<T> {
  const at = ctx.clock.now();
  return ctx.db.transaction(async (tx) => act({ ctx, tx, campaign: await lockCampaign(tx, campaignId), at }));
}

/** Records what the bot itself did, in the transaction of the change. */
export const recordChange = (
  { tx, campaign, at }: Change,
  name: string,
  data: Record<string, unknown>,
): Promise<void> => recordEvent(tx, { campaignId: campaign.id, name, actor: 'system', data, at });
