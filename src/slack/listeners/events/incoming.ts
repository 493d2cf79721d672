import type { WebClient } from '@slack/web-api';
import type { IncomingMessage } from '../../bot-port.ts';
import { downloadFile, type SlackFile } from '../../files.ts';
import { decodeMessageText } from '../../mrkdwn.ts';
import { type ListenerContext, sentenceOf, tell } from '../answer.ts';

/** The parts of `message` and `app_mention` that we read; Slack sends many more shapes than its types name. */
interface SlackMessageEvent {
  type: string;
  subtype?: string;
  hidden?: boolean;
  channel?: string;
  channel_type?: string;
  user?: string;
  bot_id?: string;
  text?: string;
  ts?: string;
  thread_ts?: string;
  edited?: unknown;
  files?: SlackFile[];
}

interface EventInput {
  event: object;
  teamId: string;
  client: WebClient;
  botUserId: string;
}

/** Messages a person wrote; every other subtype is about an edit, a deletion or the channel itself. */
const spokenSubtypes = new Set([undefined, 'file_share', 'thread_broadcast', 'me_message']);

/**
 * A mention in a channel arrives as `app_mention` and as `message`; in a direct conversation real Slack sends only
 * `message`, the local workspace both. So each is taken in one place: mentions in channels here, everything else in
 * `onMessage`. Nothing has to be remembered for that.
 */
export async function onAppMention(context: ListenerContext, input: EventInput): Promise<void> {
  const event = input.event as SlackMessageEvent;
  if (isDirect(event)) return;
  await take(context, input, event, true);
}

export async function onMessage(context: ListenerContext, input: EventInput): Promise<void> {
  const event = input.event as SlackMessageEvent;
  const mentioned = mentions(event, input.botUserId);
  if (!isDirect(event)) {
    if (mentioned) return;
    // Outside threads a channel talks to itself.
    if (!event.thread_ts || event.thread_ts === event.ts) return;
  }
  await take(context, input, event, mentioned);
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
  const eyes = async (): Promise<void> => {
    try {
      await client.reactions.add({ channel, timestamp: ts, name: 'eyes' });
    } catch (error) {
      log.debug({ channel, reason: String(error) }, 'slack.reaction_skipped');
    }
  };
  // Spoken to, it shows at once that it heard; in a thread only if it turns out to be for it.
  const addressed = mentioned || message.direct;
  const seen = addressed ? eyes() : null;
  try {
    const taken = await bot.message(message);
    if (taken && !addressed) await eyes();
  } catch (error) {
    const audience = {
      client,
      user: message.user,
      channel,
      threadTs: message.threadTs ?? (message.direct ? null : ts),
    };
    await tell(audience, sentenceOf(error, log), log);
  }
  await seen;
}

/** Null when no person said it: bots, edits, deletions, joins. */
function readMessage(
  context: ListenerContext,
  input: EventInput,
  event: SlackMessageEvent,
  mentioned: boolean,
): IncomingMessage | null {
  const { botToken, apiUrl } = context;
  const { teamId, client, botUserId } = input;
  if (!spokenSubtypes.has(event.subtype) || event.hidden || event.edited || event.bot_id) return null;
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
