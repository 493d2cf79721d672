import { isActiveCampaign } from '../campaign/states.ts';
import type { DataDamagedError } from '../lib/errors.ts';
import { asError } from '../lib/errors.ts';
import { updateCampaign } from '../store/campaigns.ts';
import { changeCampaign, recordChange } from './change-campaign.ts';
import type { Context } from './context.ts';
import { say, showProgress } from './say.ts';

/** Pauses a campaign that cannot go on by itself, and says why and what to do. Once: one that is paused already stays so. */
async function holdCampaign(
  ctx: Context,
  campaignId: string,
  reason: { reference: string; because: string; text: string },
): Promise<void> {
  const { reference, because, text } = reason;
  await changeCampaign(ctx, campaignId, async (change) => {
    const { tx, campaign, at } = change;
    if (!isActiveCampaign(campaign.state) || campaign.paused) return;
    await updateCampaign(tx, campaignId, { paused: true, heldBecause: because });
    const data = { reference, because };
    await recordChange(change, 'campaign.held', data);
    await say(tx, campaign, { key: `error:${reference}`, payload: { kind: 'problem', text }, at });
    await showProgress(tx, campaign, at);
  });
}

/** Stored rows are not what they were: nothing is planned, trained or scored with them until somebody restores the file. */
export async function holdForDamage(
  ctx: Context,
  campaignId: string,
  damage: DataDamagedError,
): Promise<void> {
  const reference = ctx.newId('e');
  ctx.log.error({ err: damage, campaign: campaignId, reference }, 'data.damaged');
  await holdCampaign(ctx, campaignId, {
    reference,
    because: 'stored data are damaged',
    text: `${damage.message} I have paused this campaign, and nothing was scored with what is there now. When the file is back, write \`resume\`.`,
  });
}

/** An error of ours while planning: nothing was spent on it, and it is tried again after a person looks. */
export async function holdAfterError(ctx: Context, campaignId: string, error: unknown): Promise<void> {
  const reference = ctx.newId('e');
  ctx.log.error({ err: asError(error), campaign: campaignId, reference }, 'campaign.advance_failed');
  await holdCampaign(ctx, campaignId, {
    reference,
    because: `an error on my side (${reference})`,
    text: `Something broke on my side while I planned the next step (reference ${reference}). Nothing was spent on it. Running work goes on; I have paused this campaign. Write \`resume\` to try again.`,
  });
}
