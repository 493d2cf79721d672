import { parseThreadCommand } from '../../campaign/commands/parse-command.ts';
import { findCampaignByThread } from '../../store/campaigns.ts';
import { enqueue } from '../../store/outbox.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { hearMessage } from '../intake/hear-message.ts';
import { openCampaign } from '../intake/open-campaign.ts';
import { channelStatus, channelSummary, helpText } from './list-campaigns.ts';
import { runThreadCommand } from './run-thread-command.ts';

/**
 * Everything people say where the bot can hear it. In a thread of its own it listens to all before Start, and after
 * that answers what it understands; elsewhere it only speaks when spoken to.
 * @returns true when the message was for the bot; the surface then shows that it was read
 */
export async function receiveMessage({
  ctx,
  input,
}: {
  ctx: Context;
  input: IncomingMessage;
}): Promise<boolean> {
  const spokenTo = input.mentioned || input.direct;
  const threadTs = input.threadTs ?? input.ts;
  const known = await findCampaignByThread(ctx.db, {
    teamId: input.teamId,
    channel: input.channel,
    threadTs,
  });
  if (known === undefined) {
    if (!spokenTo) return false;
    if (input.files.length === 0 && (await answerInChannel(ctx, input))) return true;
    const opened = await openCampaign({ ctx, input });
    await hearMessage({ ctx, campaign: opened, input });
    return true;
  }
  if (known.state === 'intake' || known.state === 'ready') {
    // Others may talk in the thread; the person who asked is listened to without a mention.
    if (!spokenTo && input.user !== known.createdBy) return false;
    await hearMessage({ ctx, campaign: known, input });
    return true;
  }
  return runThreadCommand({ ctx, campaign: known, input, spokenTo });
}

/** `@trex status`, `@trex summary` and `@trex help` outside a campaign's thread. */
async function answerInChannel(ctx: Context, input: IncomingMessage): Promise<boolean> {
  const command = parseThreadCommand(input.text);
  if (command.kind !== 'status' && command.kind !== 'summary' && command.kind !== 'help') return false;
  const where = { teamId: input.teamId, channel: input.channel };
  const at = ctx.clock.now();
  const payload =
    command.kind === 'summary'
      ? await channelSummary(ctx, where)
      : {
          kind: 'text' as const,
          text: command.kind === 'help' ? helpText : await channelStatus(ctx, where),
        };
  await enqueue(ctx.db, {
    key: `answer:${input.channel}:${input.ts}`,
    campaignId: null,
    channel: input.channel,
    threadTs: input.threadTs ?? input.ts,
    payload,
    at,
  });
  return true;
}
