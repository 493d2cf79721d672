import type { IntakeEntry } from '../../researcher/port.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { appendIntakeEntry } from '../../store/intake-entries.ts';
import type { IncomingMessage } from '../bot.ts';
import { startCampaign } from '../campaign/start-campaign.ts';
import type { Context } from '../context.ts';
import { readFiles } from './read-files.ts';
import { takeTurn } from './take-turn.ts';

const goWords =
  /^(start|go|go ahead|yes|yep|ok|okay|do it|run it|ship it|let'?s go|looks good|lgtm|start it)[.!]?$/i;

/** Takes a message of the conversation before Start. The same message counts once. */
export async function hearMessage({
  ctx,
  campaign,
  input,
}: {
  ctx: Context;
  campaign: CampaignRow;
  input: IncomingMessage;
}): Promise<void> {
  if (campaign.state === 'ready' && input.files.length === 0 && goWords.test(input.text.trim())) {
    await startCampaign({ ctx, input: { campaignId: campaign.id, user: input.user } });
    return;
  }
  const entry: IntakeEntry = {
    kind: 'message',
    text: input.text,
    files: await readFiles({ ctx, files: input.files }),
  };
  await appendIntakeEntry(ctx.db, {
    campaignId: campaign.id,
    source: `message:${input.ts}`,
    userId: input.user,
    entry,
    at: ctx.clock.now(),
  });
  // Also when it was there already: the turn may have been interrupted.
  await takeTurn({ ctx, campaignId: campaign.id });
}
