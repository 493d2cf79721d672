import type { Content } from '../../src/campaign/messages.ts';
import type { Chat } from '../../src/operations/chat.ts';
import { contentText } from '../../src/report/transcript.ts';

export interface RecordedMessage {
  channel: string;
  threadTs: string | null;
  ts: string;
  /** Keys of the post and then of every edit. */
  keys: string[];
  /** The content after the last edit. */
  content: Content;
}

export interface RecordingChat extends Chat {
  /** Every post in order; an edit changes the message that was posted. */
  messages: RecordedMessage[];
  reactions: { channel: string; ts: string; name: string }[];
  /** The texts that a person would read, one a message. */
  texts(): string[];
}

/** A chat that delivers at once and keeps all messages; it outlives the bots that use it. */
export function createRecordingChat(): RecordingChat {
  const messages: RecordedMessage[] = [];
  const reactions: RecordingChat['reactions'] = [];
  return {
    messages,
    reactions,
    texts: () => messages.map(({ content }) => contentText(content)),
    post: async ({ channel, threadTs, key, content }) => {
      const ts = `${2_000_000_000 + messages.length}.000100`;
      messages.push({ channel, threadTs, ts, keys: [key], content });
      return { ts };
    },
    update: async ({ channel, ts, key, content }) => {
      const message = messages.find((m) => m.channel === channel && m.ts === ts);
      if (message === undefined) throw new Error(`no message ${ts} in ${channel}`);
      message.keys.push(key);
      message.content = content;
    },
    find: async ({ channel, key }) =>
      messages.find((m) => m.channel === channel && m.keys[0] === key) ?? null,
    upload: async ({ name }) => name,
    share: async ({ channel, threadTs, key, content }) => {
      const ts = `${2_000_000_000 + messages.length}.000100`;
      messages.push({ channel, threadTs, ts, keys: [key], content });
    },
    findShared: async () => null,
    react: async (reaction) => {
      reactions.push(reaction);
    },
    ephemeral: async () => {},
    permalink: async ({ channel, ts }) => `https://chat.test/${channel}/${ts}`,
    userName: async (user) => user,
    hasThread: async () => true,
    directChannel: async (user) => `D${user}`,
    timeZoneOf: async () => 'UTC',
  };
}
