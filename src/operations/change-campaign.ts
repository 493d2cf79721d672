import { isActiveCampaign, isFinalCampaign } from '../campaign/states.ts';
import { type ActiveCampaign, asActive, type CampaignRow, lockCampaign } from '../store/campaigns.ts';
import type { DbOrTx } from '../store/db.ts';
import { findEventBySource, recordEvent } from '../store/events.ts';
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

/** The answer to a message that was obeyed before, when its event was delivered again; null for a new one. */
export async function earlierAnswer(
  { tx, campaign }: Change,
  source: string | undefined,
): Promise<string | null> {
  const earlier = source === undefined ? undefined : await findEventBySource(tx, campaign.id, source);
  return earlier === undefined ? null : String(earlier.text);
}

/** Why a campaign cannot be changed now, as a sentence; null while it is under way. */
export function whyNotUnderWay({ state }: Pick<CampaignRow, 'state'>): string | null {
  if (isFinalCampaign(state)) return `This campaign is ${state}; there is nothing to change.`;
  return isActiveCampaign(state) ? null : 'It has not started yet.';
}
