import { readCommands } from '../../campaign/commands/read-commands.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import { findCampaignByThread } from '../../store/campaigns.ts';
import { enqueue } from '../../store/outbox.ts';
import type { IncomingMessage } from '../bot.ts';
import { runningSlot } from '../confirm/stop-listed.ts';
import type { Context } from '../context.ts';
import { addIntakeMessage } from '../intake/add-intake-message.ts';
import { asksForTraining, noRequestText } from '../intake/asks-for-training.ts';
import { changeOfRepeat, findLastRequest } from '../intake/copy-request.ts';
import { openCampaign } from '../intake/open-campaign.ts';
import { say } from '../say.ts';
import { answerAnywhere, type TalkCommand } from './answer-anywhere.ts';
import { answerOutside } from './answer-outside.ts';
import { runThreadCommand } from './run-thread-command.ts';

/**
 * Routes every message that the bot can read. Outside of its own threads it answers only when it is mentioned.
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
    const refusal = await whyNotOpened(ctx, input);
    if (refusal !== null) {
      await answerInThread(ctx, input, [{ kind: 'text', text: refusal }]);
      return true;
    }
    const opened = await openCampaign({ ctx, input });
    return addIntakeMessage({ ctx, campaign: opened, input, isAddressed });
  }
  if (known.state === 'intake' || known.state === 'ready') {
    // Others may talk in the thread; the requester needs no mention.
    if (!isAddressed && input.user !== known.createdBy) return false;
    const talk = isAddressed && input.files.length === 0 ? talkIn(input.text, known.state) : null;
    if (talk === null) return addIntakeMessage({ ctx, campaign: known, input, isAddressed });
    const text = talk === 'early' ? notStartedText : await answerAnywhere({ ctx, command: talk, input });
    await say(ctx.db, known, {
      key: `reply:${input.ts}`,
      payload: { kind: 'text', text },
      at: ctx.clock.now(),
    });
    return true;
  }
  return runThreadCommand({ ctx, campaign: known, input, isAddressed });
}

const notStartedText =
  'This has not started: the card above waits for Start, or for what is to be different. Nothing was changed.';

/**
 * The request of a message to the bot before Start, besides the brief: a command that only answers, or `early` for a
 * command that needs a started campaign. Null: it is about the brief. A short approval such as `ok` is for the card.
 */
function talkIn(text: string, state: 'intake' | 'ready'): TalkCommand | 'early' | null {
  const [command, ...others] = readCommands(text).commands;
  if (command === undefined || others.length > 0) return null;
  switch (command.kind) {
    case 'thanks':
      return /\b(?:thank|thx|cheers|ty)/i.test(text) ? command : null;
    case 'hello':
    case 'help':
    case 'tasks':
    case 'models':
    case 'metrics':
    case 'spend':
    case 'mine':
      return command;
    case 'status':
    case 'pause':
    case 'wrap_up':
      return state === 'ready' ? 'early' : null;
    default:
      return null;
  }
}

/** Why a message to the bot opens no campaign, as a sentence; null where it does. */
async function whyNotOpened(ctx: Context, input: IncomingMessage): Promise<string | null> {
  const change = changeOfRepeat(input.text);
  if (change !== null)
    return (await findLastRequest(ctx, input)) === undefined
      ? 'I know no earlier request of yours in this channel that I could repeat. Tell me what the model should learn.'
      : null;
  return (await asksForTraining({ ctx, input })) ? null : noRequestText;
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
