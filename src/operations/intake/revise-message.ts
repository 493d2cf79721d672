import type { Revision } from '../../campaign/intake-entry.ts';
import { isFinalCampaign } from '../../campaign/states.ts';
import { findCampaignByThread } from '../../store/campaigns.ts';
import { appendIntakeEntry, listIntakeEntries } from '../../store/intake-entries.ts';
import type { RevisedMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { sayPrivately } from '../say.ts';
import { advanceIntake } from './advance-intake.ts';

/**
 * A person has edited or deleted a message. Before Start the brief follows; after it, the person learns that the
 * campaign does not. Messages that were no part of a brief are ignored.
 */
export async function reviseMessage({ ctx, input }: { ctx: Context; input: RevisedMessage }): Promise<void> {
  const { teamId, channel, ts, user, text, files, eventTs } = input;
  const threadTs = input.threadTs ?? ts;
  const campaign = await findCampaignByThread(ctx.db, { teamId, channel, threadTs });
  if (campaign === undefined || isFinalCampaign(campaign.state)) return;
  const of = `message:${ts}`;
  const heard = (await listIntakeEntries(ctx.db, campaign.id)).find(({ source }) => source === of);
  if (heard === undefined || heard.userId !== user) return;
  const at = ctx.clock.now();
  if (campaign.state !== 'intake' && campaign.state !== 'ready') {
    const what = text === null ? 'Deleting' : 'Editing';
    const said = `${what} your request changes nothing any more: this campaign has started. Mention me with what you want instead, for example \`raise the budget to 20 min\` or \`stop\`.`;
    await sayPrivately(ctx.db, campaign, { key: `revised:${eventTs}`, user, text: said, at });
    return;
  }
  const entry: Revision = { kind: 'revision', of, text, files };
  await appendIntakeEntry(ctx.db, {
    campaignId: campaign.id,
    source: `revision:${eventTs}`,
    userId: user,
    entry,
    at,
  });
  // Also when it was there already: the turn may have been interrupted.
  await advanceIntake({ ctx, campaignId: campaign.id });
}
