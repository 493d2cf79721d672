import { randomUUID } from 'node:crypto';
import type { RespondFn } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Content } from '../../campaign/messages.ts';
import { asError, TrexError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Bot, Reply } from '../../operations/bot.ts';
import type { Block } from '../limits.ts';
import { buildMessage, type MessageBlocks } from '../views/message.ts';
import { sentenceText } from '../views/text.ts';

/** The dependencies of every listener. */
export interface ListenerContext {
  bot: Bot;
  log: Log;
  botToken: string;
  apiUrl: string;
}

/** The person to answer and their place; `channel` null means no channel in particular (App Home). */
export interface Audience {
  client: WebClient;
  user: string;
  channel: string | null;
  threadTs: string | null;
  /** The alternative where the first way is closed to the bot (a channel that it was removed from). */
  respond?: RespondFn | undefined;
}

/**
 * The failure in a sentence: our own errors as written, any other as one fixed sentence with an id that the log
 * carries.
 * @param next what happens now, where the person need not try again
 */
export function sentenceOf(error: unknown, log: Log, next?: string): string {
  if (error instanceof TrexError) {
    if (error.fault === 'ours') log.error({ err: error }, 'slack.answer_failed');
    return next === undefined ? error.message : `${error.message} ${next}`;
  }
  const reference = randomUUID().slice(0, 8);
  log.error({ err: asError(error), reference }, 'slack.answer_failed');
  return `Something broke on my side (reference ${reference}). ${next ?? 'Nothing was changed by this; please try again.'}`;
}

/** Says something to one person; never throws, because failures are announced through it too. */
export async function tell(audience: Audience, sentence: string, log: Log): Promise<void> {
  const text = sentenceText(sentence);
  if (text.trim() !== '') await show(audience, { text }, log);
}

async function show(
  audience: Audience,
  message: { text: string; blocks?: Block[] },
  log: Log,
): Promise<void> {
  const { client, user, channel, threadTs, respond } = audience;
  try {
    if (channel === null) await client.chat.postMessage({ channel: user, ...message });
    else
      await client.chat.postEphemeral({
        channel,
        user,
        ...message,
        ...(threadTs ? { thread_ts: threadTs } : {}),
      });
  } catch (error) {
    try {
      if (!respond) throw error;
      await respond({ ...message, response_type: 'ephemeral', replace_original: false });
    } catch (cause) {
      log.warn({ err: asError(cause), user }, 'slack.person_not_told');
    }
  }
}

/** Carries out a request and announces the outcome to the person. */
export async function answer(audience: Audience, log: Log, work: () => Promise<Reply | null>): Promise<void> {
  let reply: Reply | null;
  try {
    reply = await work();
  } catch (error) {
    reply = { private: sentenceOf(error, log) };
  }
  if (reply?.content !== undefined) await show(audience, messageFor(reply.content), log);
  else if (reply != null && reply.private !== null) await tell(audience, reply.private, log);
}

/** A message that only one person sees: it has no key by which it could be found again. */
const messageFor = (content: Content): MessageBlocks =>
  buildMessage(content, { context: { pictureMode: 'none' }, key: '', pictureFileId: null });
