import type { Command } from '../../campaign/commands/command.ts';
import { readCommands, readSetWord } from '../../campaign/commands/read-commands.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import { noWish } from '../../campaign/steering.ts';
import type { ThreadReading } from '../../campaign/thread-reading.ts';
import { TrexError } from '../../lib/errors.ts';
import { orderText } from '../../report/sentences/order.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { say } from '../say.ts';
import { answerOf } from './answer-of.ts';
import { answerQuestion } from './answer-question.ts';
import { carryOut } from './carry-out.ts';
import { notUnderstoodText } from './help-text.ts';
import { channelSummary } from './list-campaigns.ts';
import { readThreadMessage } from './read-thread-message.ts';
import { showNode } from './show-node.ts';

/**
 * Handles a message in the thread of a started campaign. People talk to each other here: only messages addressed to
 * the bot can change, cost or stop anything; without that it answers a few set words that only read.
 * @returns true when it was for the bot
 */
export async function runThreadCommand({
  ctx,
  campaign,
  input,
  isAddressed,
}: {
  ctx: Context;
  campaign: CampaignRow;
  input: IncomingMessage;
  isAddressed: boolean;
}): Promise<boolean> {
  const setWord = isAddressed ? null : readSetWord(input.text);
  if (!isAddressed && (setWord === null || input.files.length > 0)) return false;
  const work = setWord === null ? hear(ctx, campaign, input) : doAll(ctx, campaign, [setWord], input);
  const payloads = await work.catch((error: unknown) => {
    // Other errors are reported, and retried, by the surface.
    if (error instanceof TrexError && (error.fault === 'user' || error.fault === 'data'))
      return [answerOf(ctx, campaign, error.message)];
    throw error;
  });
  // A message may arrive without its files first, and with them under a second event.
  const event = input.files.length > 0 ? `${input.ts}:files` : input.ts;
  for (const [place, payload] of payloads.entries()) {
    const key = `reply:${event}${place === 0 ? '' : `:${place}`}`;
    await say(ctx.db, campaign, { key, payload, at: ctx.clock.now() });
  }
  return true;
}

/** A message to the bot: commands, or free words, which change nothing but steering. */
async function hear(ctx: Context, campaign: CampaignRow, message: IncomingMessage): Promise<OutboxPayload[]> {
  const { commands, problem } = readCommands(message.text);
  if (commands.length > 0) return doAll(ctx, campaign, commands, message);
  if (problem !== null) return [answerOf(ctx, campaign, problem)];
  // Rows attached for the bot are data to try, whatever the message says.
  if (message.files.length > 0)
    return doAll(ctx, campaign, [{ kind: 'steer', wish: { ...noWish, source: 'this' } }], message);
  const reading = await readThreadMessage(ctx, campaign, message);
  if (reading?.kind === 'command') return doAll(ctx, campaign, [reading.command], message);
  return [answerOf(ctx, campaign, await answerReading(ctx, campaign, reading, message))];
}

/** Each command in its order; sentences become one message. */
async function doAll(
  ctx: Context,
  campaign: CampaignRow,
  commands: readonly Command[],
  message: IncomingMessage,
): Promise<OutboxPayload[]> {
  const sentences: string[] = [];
  const cards: OutboxPayload[] = [];
  for (const [place, command] of commands.entries()) {
    if (command.kind === 'summary') cards.push(await channelSummary(ctx, campaign));
    else if (command.kind === 'show') cards.push(await showNode(ctx, campaign, command.node));
    else sentences.push((await carryOut(ctx, campaign, command, { message, place })) ?? '');
  }
  const text = sentences.filter((sentence) => sentence !== '').join('\n');
  return [...(text === '' ? [] : [answerOf(ctx, campaign, text)]), ...cards];
}

/** A language model's reading of words that the rules cannot read. It gives no order, whatever it contains. */
async function answerReading(
  ctx: Context,
  campaign: CampaignRow,
  reading: Exclude<ThreadReading, { kind: 'command' }> | null,
  { text }: IncomingMessage,
): Promise<string> {
  switch (reading?.kind) {
    case 'order':
      return orderText(reading.order, reading.node);
    case 'question':
      return answerQuestion({ ctx, campaign, question: text });
    case 'unclear':
      return `${reading.askBack} Nothing was changed.`;
    case 'talk':
      return 'There is nothing in that for me to do. `help` says what I understand.';
    case undefined:
      return notUnderstoodText;
  }
}
