import { findCampaignByThread } from '../../store/campaigns.ts';
import { enqueue } from '../../store/outbox.ts';
import type { OutboxPayload } from '../../store/outbox-types.ts';
import type { IncomingMessage } from '../bot.ts';
import { runningSlot } from '../confirm/stop-listed.ts';
import type { Context } from '../context.ts';
import { hearMessage } from '../intake/hear-message.ts';
import { openCampaign } from '../intake/open-campaign.ts';
import { answerOutside } from './answer-outside.ts';
import { runThreadCommand } from './run-thread-command.ts';

/**
 * Everything people say where the bot can hear it. Elsewhere than in threads of its own it only speaks when spoken to.
 * @returns true when the message was for the bot; the surface then shows that it was read
 */
export async function receiveMessage({
  ctx,
  input,
}: {
  ctx: Context;
  input: IncomingMessage;
}): Promise<boolean> {
  const isAddressed = input.mentioned || input.direct;
  const threadTs = input.threadTs ?? input.ts;
  const known = await findCampaignByThread(ctx.db, {
    teamId: input.teamId,
    channel: input.channel,
    threadTs,
  });
  if (known === undefined) {
    if (!isAddressed) return false;
    const answers =
      input.files.length > 0
        ? null
        : await answerOutside({ ctx, input: { ...input, list: listName(input) } });
    if (answers !== null) {
      await answerInThread(ctx, input, answers);
      return true;
    }
    const opened = await openCampaign({ ctx, input });
    await hearMessage({ ctx, campaign: opened, input });
    return true;
  }
  if (known.state === 'intake' || known.state === 'ready') {
    // Others may talk in the thread; the person who asked is listened to without a mention.
    if (!isAddressed && input.user !== known.createdBy) return false;
    await hearMessage({ ctx, campaign: known, input });
    return true;
  }
  return runThreadCommand({ ctx, campaign: known, input, isAddressed });
}

const listName = ({ channel, ts }: IncomingMessage): string => `${channel}-${ts}`;

async function answerInThread(
  ctx: Context,
  { channel, ts, threadTs }: IncomingMessage,
  payloads: readonly OutboxPayload[],
): Promise<void> {
  for (const [place, payload] of payloads.entries()) {
    await enqueue(ctx.db, {
      key: `answer:${channel}:${ts}${place === 0 ? '' : `:${place}`}`,
      campaignId: null,
      channel,
      threadTs: threadTs ?? ts,
      payload,
      ...(payload.kind === 'running' ? { slot: runningSlot(payload.list) } : {}),
      at: ctx.clock.now(),
    });
  }
}
