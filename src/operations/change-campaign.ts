import { type ActiveCampaign, asActive, type CampaignRow, lockCampaign } from '../store/campaigns.ts';
import type { DbOrTx } from '../store/db.ts';
import { recordEvent } from '../store/events.ts';
import type { Context } from './context.ts';

/** A campaign that a transaction has locked, and the moment that everything in the transaction is dated with. */
export interface Change<Campaign extends CampaignRow = CampaignRow> {
  ctx: Context;
  tx: DbOrTx;
  /** As it was when it was locked. */
  campaign: Campaign;
  at: Date;
}

/** A change of a campaign that has its brief and its splits. */
export type ActiveChange = Change<ActiveCampaign>;

/** @throws TrexError when the campaign has no brief or no splits yet */
export const asActiveChange = (change: Change): ActiveChange => ({
  ...change,
  campaign: asActive(change.campaign),
});

/** Runs `act` in a transaction that holds the lock of the campaign; what `act` throws rolls everything back. */
export function changeCampaign<T>(
  ctx: Context,
  campaignId: string,
  act: (change: Change) => Promise<T>,
): Promise<T> {
  const at = ctx.clock.now();
  return ctx.db.transaction(async (tx) => act({ ctx, tx, campaign: await lockCampaign(tx, campaignId), at }));
}

/** @throws TrexError when the campaign has no brief or no splits yet */
export const changeActiveCampaign = <T>(
  ctx: Context,
  campaignId: string,
  act: (change: ActiveChange) => Promise<T>,
): Promise<T> => changeCampaign(ctx, campaignId, (change) => act(asActiveChange(change)));

/** Records an event of the campaign in the transaction of the change. @param actor the id of a person, or the bot itself */
export const recordChange = (
  { tx, campaign, at }: Change,
  name: string,
  data: Record<string, unknown>,
  actor = 'system',
): Promise<void> => recordEvent(tx, { campaignId: campaign.id, name, actor, data, at });
