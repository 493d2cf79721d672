import { type ConversationsRepliesResponse, WebClient } from '@slack/web-api';
import type { Content } from '../campaign/messages.ts';
import type { Log } from '../lib/log.ts';
import { type Chat, DeliveryError, type RenderContext } from '../operations/chat.ts';
import { slackApiUrl, webClientOptions } from './create-slack.ts';
import { asDeliveryError, slackCodeOf } from './delivery-errors.ts';
import type { Block } from './limits.ts';
import { md } from './mrkdwn.ts';
import { shareFiles, uploadFile, uploadPicture } from './uploads.ts';
import { buildMessage, keyOfBlockId, type MessageBlocks } from './views/message.ts';
import { curvesAltText } from './views/node.ts';
import { sentenceText } from './views/text.ts';

export interface ChatOptions {
  botToken: string;
  /** Unset: slack.com. */
  apiUrl?: string;
  log: Log;
}

const personKeptMs = 10 * 60_000;

/**
 * The Slack calls of the delivery loop. Every method makes one attempt: pacing and retrying belong to the outbox, which
 * alone knows whether a message may be sent again.
 *
 * A message carries its key twice: as metadata, and in the id of its first block. The second is there because
 * local-slack drops metadata and keeps blocks; `find` accepts either.
 */
export function createChat(options: ChatOptions): Chat {
  const { botToken, apiUrl = slackApiUrl, log } = options;
  const client = new WebClient(botToken, webClientOptions(apiUrl, log, 0));
  const people = createPeople(client);
  const channelOf = createChannels(client);

  return {
    post: ({ channel, threadTs, key, content, context, mention }) =>
      delivering(async () => {
        const message = await render(client, log, { content, context, key, mention: mention ?? [] });
        return await withSimplerBlocks(log, message, async (blocks) => {
          const posted = await client.chat.postMessage({
            channel,
            text: message.text,
            blocks,
            metadata: metadataOf(key),
            unfurl_links: false,
            unfurl_media: false,
            ...(threadTs ? { thread_ts: threadTs } : {}),
          });
          return { ts: posted.ts as string };
        });
      }),

    update: ({ channel, ts, key, content, context }) =>
      delivering(async () => {
        const message = await render(client, log, { content, context, key, mention: [] });
        await withSimplerBlocks(log, message, async (blocks) => {
          // Text and blocks each time: Slack keeps an omitted one.
          await client.chat.update({
            channel: await channelOf(channel),
            ts,
            text: message.text,
            blocks,
            metadata: metadataOf(key),
          });
        });
      }),

    find: ({ key, channel, ...where }) =>
      delivering(async () => {
        const place = { ...where, channel: await channelOf(channel) };
        return findMessage(client, place, (message) => hasKey(message, key));
      }),

    upload: (file) => delivering(() => uploadFile(client, file)),

    share: ({ channel, threadTs, content, uploaded }) =>
      delivering(async () => {
        const place = { channel: await channelOf(channel), threadTs };
        await shareFiles(client, { ...place, text: md`${content.text}`.text, uploaded });
      }),

    findShared: ({ fileId, channel, ...where }) =>
      delivering(async () => {
        const place = { ...where, channel: await channelOf(channel) };
        return findMessage(client, place, ({ files = [] }) => files.some(({ id }) => id === fileId));
      }),

    react: ({ channel, ts, name }) =>
      delivering(async () => {
        try {
          await client.reactions.add({ channel, timestamp: ts, name });
        } catch (error) {
          const code = slackCodeOf(error);
          if (code === null || code === 'ratelimited') throw error;
          if (code !== 'already_reacted') log.debug({ code, channel }, 'slack.reaction_skipped');
        }
      }),

    ephemeral: ({ channel, user, text, threadTs }) =>
      delivering(async () => {
        await client.chat.postEphemeral({
          channel,
          user,
          text: sentenceText(text),
          ...(threadTs ? { thread_ts: threadTs } : {}),
        });
      }),

    permalink: ({ channel, ts }) =>
      delivering(async () => {
        try {
          return (await client.chat.getPermalink({ channel, message_ts: ts })).permalink ?? null;
        } catch (error) {
          if (slackCodeOf(error) !== null) return null;
          throw error;
        }
      }),

    hasThread: ({ channel, threadTs }) =>
      delivering(async () => {
        try {
          const { messages } = await client.conversations.replies({ channel, ts: threadTs, limit: 1 });
          // Slack answers with the first message, deleted or not; local-slack with none where it knows none.
          return (messages ?? []).some((message) => message.ts === threadTs);
        } catch (error) {
          if (slackCodeOf(error) === 'thread_not_found') return false;
          throw error;
        }
      }),

    directChannel: (user) =>
      delivering(async () => {
        const { channel } = await client.conversations.open({ users: user });
        if (channel?.id === undefined) throw new Error('Slack opened a conversation and did not name it');
        return channel.id;
      }),

    userName: async (user) => (await people(user)).name,
    timeZoneOf: async (user) => (await people(user)).timeZone,
  };
}

type Found = NonNullable<ConversationsRepliesResponse['messages']>[number];

/** The first matching message among the last ones in a thread or channel; reads 2,000 of them at most. */
async function findMessage(
  client: WebClient,
  { channel, threadTs, since }: { channel: string; threadTs: string | null; since: Date },
  isMeant: (message: Found) => boolean,
): Promise<{ ts: string } | null> {
  const sinceSeconds = since.getTime() / 1000 - 60; // clocks differ
  let cursor: string | undefined;
  for (let page = 0; page < 10; page++) {
    const input = {
      channel,
      include_all_metadata: true,
      oldest: sinceSeconds.toFixed(6),
      limit: 200,
      ...(cursor ? { cursor } : {}),
    };
    const answer = threadTs
      ? await client.conversations.replies({ ...input, ts: threadTs })
      : await client.conversations.history(input);
    for (const message of answer.messages ?? []) {
      if (message.ts !== undefined && Number(message.ts) >= sinceSeconds && isMeant(message as Found))
        return { ts: message.ts };
    }
    cursor = answer.response_metadata?.next_cursor;
    if (!cursor) break;
  }
  return null;
}

async function delivering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asDeliveryError(error);
  }
}

const metadataOf = (key: string): { event_type: string; event_payload: { key: string } } => ({
  event_type: 'trex',
  event_payload: { key },
});

function hasKey(
  message: { metadata?: { event_type?: string; event_payload?: unknown }; blocks?: { block_id?: string }[] },
  key: string,
): boolean {
  const payload = message.metadata?.event_payload as { key?: unknown } | undefined;
  if (message.metadata?.event_type === 'trex' && payload?.key === key) return true;
  return keyOfBlockId(message.blocks?.[0]?.block_id) === keyOfBlockId(buildMessage.blockId(key, null));
}

/** The picture that a message shows from an upload; null where it shows none. */
function pictureOf(content: Content): { name: string; bytes: Uint8Array; altText: string } | null {
  if (content.kind === 'progress' && content.picture)
    return { name: 'tree.png', bytes: content.picture, altText: 'Tree of experiments' };
  if (content.kind === 'node' && content.curves instanceof Uint8Array)
    return { name: 'curves.png', bytes: content.curves, altText: curvesAltText(content.number) };
  return null;
}

/** Uploads the picture first where the message shows an uploaded one; without it the text still holds everything. */
async function render(
  client: WebClient,
  log: Log,
  input: { content: Content; context: RenderContext; key: string; mention: readonly string[] },
): Promise<MessageBlocks> {
  const { content, context, key, mention } = input;
  let pictureFileId: string | null = null;
  const picture = context.pictureMode === 'upload' ? pictureOf(content) : null;
  if (picture !== null) {
    try {
      pictureFileId = await uploadPicture(client, picture);
    } catch (error) {
      const failure = asDeliveryError(error);
      if (failure.retryAfterMs !== null) throw failure;
      log.warn({ err: failure }, 'slack.picture_not_uploaded');
    }
  }
  return buildMessage(content, { context, key, pictureFileId, mention });
}

/**
 * Sends the blocks; when Slack refuses them, sends once more without pictures and at last as text. A message that looks
 * poor is better than none, and the refusal is logged as a bug of ours.
 */
async function withSimplerBlocks<T>(
  log: Log,
  message: MessageBlocks,
  send: (blocks: Block[]) => Promise<T>,
): Promise<T> {
  const withoutPictures = message.blocks.filter((b) => b.type !== 'image');
  const attempts = [message.blocks];
  if (withoutPictures.length < message.blocks.length) attempts.push(withoutPictures);
  attempts.push(buildMessage.asText(message));
  for (const [i, blocks] of attempts.entries()) {
    try {
      return await send(blocks);
    } catch (error) {
      const code = slackCodeOf(error);
      const refused =
        code === 'invalid_blocks' || code === 'invalid_blocks_format' || code === 'msg_blocks_too_long';
      if (!refused || i === attempts.length - 1) throw error;
      log.error({ err: asDeliveryError(error) }, 'slack.blocks_refused');
    }
  }
  throw new DeliveryError('Slack refused the message.', { permanent: true, uncertain: false });
}

/**
 * A person's id names their own conversation with the bot. Slack posts to it by that id, and edits and finds only by the
 * conversation's own, which is asked for once; any other channel is itself.
 */
function createChannels(client: WebClient): (channel: string) => Promise<string> {
  const opened = new Map<string, string>();
  return async (channel) => {
    if (!/^[UW]/.test(channel)) return channel;
    const known = opened.get(channel) ?? (await client.conversations.open({ users: channel })).channel?.id;
    if (known === undefined) return channel;
    opened.set(channel, known);
    return known;
  };
}

/** Names and time zones of people, kept for ten minutes and for at most 2,000 people. */
function createPeople(
  client: WebClient,
): (user: string) => Promise<{ name: string; timeZone: string | null }> {
  const known = new Map<string, { name: string; timeZone: string | null; untilMs: number }>();
  return async (user) => {
    const kept = known.get(user);
    if (kept && kept.untilMs > performance.now()) return kept;
    try {
      const { user: found } = await client.users.info({ user });
      const person = {
        name:
          found?.profile?.display_name ||
          found?.profile?.real_name ||
          found?.real_name ||
          found?.name ||
          user,
        timeZone: found?.tz ?? null,
        untilMs: performance.now() + personKeptMs,
      };
      if (known.size >= 2000) known.clear();
      known.set(user, person);
      return person;
    } catch {
      return kept ?? { name: user, timeZone: null };
    }
  };
}
