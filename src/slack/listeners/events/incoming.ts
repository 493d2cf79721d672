import type { WebClient } from '@slack/web-api';
import { TrexError } from '../../../lib/errors.ts';
import type { Log } from '../../../lib/log.ts';
import type { IncomingMessage } from '../../../operations/bot.ts';
import type { Delivery } from '../../../operations/inbox/handle-inbox.ts';
import { downloadFile } from '../../files.ts';
import { isSpoken, type MessageRevision, readRevision, type SlackMessageEvent } from '../../message-event.ts';
import { decodeMessageText } from '../../mrkdwn.ts';
import { type ListenerContext, sentenceOf, tell } from '../answer.ts';

interface EventInput {
  event: object;
  teamId: string;
  client: WebClient;
  botUserId: string;
  /** Unset: a failure is not retried. */
  delivery: Delivery | undefined;
}

/**
 * A mention in a channel arrives as `app_mention`, as `message` or as both; the inbox stores each message once, by
 * channel and time stamp, so either event will do. A direct conversation is read from `message` alone: the local
 * workspace sends both there.
 */
export async function onAppMention(context: ListenerContext, input: EventInput): Promise<void> {
  const event = input.event as SlackMessageEvent;
  if (isDirect(event)) return;
  await take(context, input, event, true);
}

export async function onMessage(context: ListenerContext, input: EventInput): Promise<void> {
  const event = input.event as SlackMessageEvent;
  const revision = readRevision(event);
  if (revision !== null) return revise(context, input, event, revision);
  const mentioned = mentions(event, input.botUserId);
  // Outside of threads, a message in a channel without a mention is not for the bot.
  const isInThread = event.thread_ts !== undefined && event.thread_ts !== event.ts;
  if (!isDirect(event) && !mentioned && !isInThread) return;
  await take(context, input, event, mentioned);
}

/** An edit or deletion is handled like a message; a failure is retried. */
async function revise(
  { bot }: ListenerContext,
  { teamId, botUserId }: EventInput,
  { channel }: SlackMessageEvent,
  revision: MessageRevision,
): Promise<void> {
  if (channel === undefined || revision.user === botUserId) return;
  const text = revision.text === null ? null : decodeMessageText(revision.text, botUserId);
  await bot.revise({ ...revision, teamId, channel, text });
}

async function take(
  context: ListenerContext,
  input: EventInput,
  event: SlackMessageEvent,
  mentioned: boolean,
): Promise<void> {
  const { bot, log } = context;
  const { client } = input;
  const message = readMessage(context, input, event, mentioned);
  if (!message) return;
  const { channel, ts } = message;
  const audience = {
    client,
    user: message.user,
    channel,
    threadTs: message.threadTs ?? (message.direct ? null : ts),
  };
  if (input.delivery != null && input.delivery.deadly !== null) {
    const times = input.delivery.deadly;
    const sentence = `I broke down ${times} times over your message and leave it. Please say it another way; if it had a file, check that file. Everything else goes on.`;
    return tell(audience, sentence, log);
  }
  const eyes = async (): Promise<void> => {
    try {
      await client.reactions.add({ channel, timestamp: ts, name: 'eyes' });
    } catch (error) {
      log.debug({ channel, reason: String(error) }, 'slack.reaction_skipped');
    }
  };
  // When addressed, the bot shows at once that it read the message; in a thread only if the message turns out to be for
  // it.
  const addressed = mentioned || message.direct;
  const seen = addressed ? eyes() : null;
  try {
    const taken = await bot.message(message);
    if (taken && !addressed) await eyes();
  } catch (error) {
    const sentence = failureSentence(error, input.delivery, log);
    if (sentence !== null) await tell(audience, sentence, log);
    // A failure that the person can repair is final; any other is retried.
    if (!isTheirs(error)) throw error;
  }
  await seen;
}

const isTheirs = (error: unknown): boolean =>
  error instanceof TrexError && (error.fault === 'user' || error.fault === 'data');

/** A failure that is retried is announced at most twice: the first time, and when no attempt is left. */
function failureSentence(error: unknown, delivery: Delivery | undefined, log: Log): string | null {
  if (delivery === undefined || isTheirs(error)) return sentenceOf(error, log);
  if (delivery.isLast) {
    return sentenceOf(
      error,
      log,
      'I have tried several times and give up on this message; please send it again.',
    );
  }
  if (delivery.failures > 0) return null;
  return sentenceOf(error, log, 'I am trying again by myself, for about two minutes.');
}

/** Null for events without a human author: bots, edits, deletions, joins. */
function readMessage(
  context: ListenerContext,
  input: EventInput,
  event: SlackMessageEvent,
  mentioned: boolean,
): IncomingMessage | null {
  const { botToken, apiUrl } = context;
  const { teamId, client, botUserId } = input;
  if (!isSpoken(event)) return null;
  if (!event.user || event.user === botUserId || event.user === 'USLACKBOT' || !event.channel || !event.ts)
    return null;
  return {
    teamId,
    channel: event.channel,
    ts: event.ts,
    threadTs: event.thread_ts && event.thread_ts !== event.ts ? event.thread_ts : null,
    user: event.user,
    text: decodeMessageText(event.text ?? '', botUserId),
    files: (event.files ?? [])
      .filter((file) => file.mode !== 'tombstone' && file.mode !== 'hidden_by_limit')
      .map((file) => ({
        id: file.id,
        name: file.name ?? file.id,
        bytes: file.size ?? 0,
        download: () => downloadFile({ client, file, botToken, apiUrl }),
      })),
    mentioned,
    direct: isDirect(event),
  };
}

/** Ids of direct conversations start with D; `app_mention` carries no channel type. */
function isDirect(event: SlackMessageEvent): boolean {
  return event.channel_type === undefined
    ? event.channel?.startsWith('D') === true
    : event.channel_type === 'im';
}

function mentions(event: SlackMessageEvent, botUserId: string): boolean {
  return botUserId !== '' && new RegExp(`<@${botUserId}(\\|[^>]*)?>`).test(event.text ?? '');
}
