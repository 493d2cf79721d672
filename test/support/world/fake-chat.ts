import type { Content } from '../../../src/campaign/messages.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { type Chat, DeliveryError } from '../../../src/operations/chat.ts';

export interface PostedMessage {
  ts: string;
  channel: string;
  threadTs: string | null;
  /** Key of the first post; edits keep it. */
  key: string;
  content: Content;
  edits: number;
  /** The people mentioned when it was posted. */
  mention: readonly string[];
  /** Ids of the files that it shows. */
  files?: string[];
}

/** A Slack that keeps all messages. `posts` counts calls that made a message, so that duplicates show. */
export interface FakeChat extends Chat {
  messages: PostedMessage[];
  /** Deleted threads, as `channel:ts`: it accepts replies to them and shows them to nobody. */
  lostThreads: Set<string>;
  /** Messages that only one person sees. */
  privates: { channel: string; user: string; text: string }[];
  /** Called before every call with its name and channel; throw to fail it. */
  beforeCall:
    | ((
        name: 'post' | 'update' | 'find' | 'hasThread' | 'upload' | 'share',
        channel: string,
      ) => void | Promise<void>)
    | null;
  /** Called after a post has been kept and before its answer arrives; throw to lose the answer. */
  afterPost: (() => void) | null;
  last(kind: Content['kind']): PostedMessage | undefined;
  ofKind<K extends Content['kind']>(kind: K): Extract<Content, { kind: K }>[];
}

export function createFakeChat(clock: Clock): FakeChat {
  const messages: PostedMessage[] = [];
  const privates: FakeChat['privates'] = [];
  let sequence = 0;
  const chat: FakeChat = {
    messages,
    privates,
    lostThreads: new Set(),
    beforeCall: null,
    afterPost: null,
    post: async ({ channel, threadTs, key, content, mention = [] }) => {
      await chat.beforeCall?.('post', channel);
      const ts = `${Math.floor(clock.now().getTime() / 1000)}.${String(++sequence).padStart(6, '0')}`;
      messages.push({ ts, channel, threadTs, key, content, edits: 0, mention });
      chat.afterPost?.();
      return { ts };
    },
    update: async ({ channel, ts, content }) => {
      await chat.beforeCall?.('update', channel);
      const message = messages.find((m) => m.channel === channel && m.ts === ts);
      if (message === undefined) {
        throw new DeliveryError('message_not_found', { permanent: true, uncertain: false, gone: true });
      }
      message.content = content;
      message.edits++;
    },
    find: async ({ channel, key }) => {
      await chat.beforeCall?.('find', channel);
      const found = messages.find((m) => m.channel === channel && m.key === key);
      return found === undefined ? null : { ts: found.ts };
    },
    upload: async ({ name }) => {
      await chat.beforeCall?.('upload', '');
      return `F${++sequence}-${name}`;
    },
    share: async ({ channel, threadTs, key, content, uploaded }) => {
      await chat.beforeCall?.('share', channel);
      const ts = `${Math.floor(clock.now().getTime() / 1000)}.${String(++sequence).padStart(6, '0')}`;
      const files = uploaded.map(({ id }) => id);
      messages.push({ ts, channel, threadTs, key, content, edits: 0, mention: [], files });
      chat.afterPost?.();
    },
    findShared: async ({ channel, fileId }) => {
      await chat.beforeCall?.('find', channel);
      const found = messages.find((m) => m.channel === channel && m.files?.includes(fileId));
      return found === undefined ? null : { ts: found.ts };
    },
    react: async () => {},
    ephemeral: async ({ channel, user, text }) => {
      privates.push({ channel, user, text });
    },
    permalink: async ({ channel, ts }) => `https://chat.test/${channel}/${ts}`,
    userName: async (user) => (user === 'U1' ? 'Ana' : user === 'U2' ? 'Ben' : user),
    hasThread: async ({ channel, threadTs }) => {
      await chat.beforeCall?.('hasThread', channel);
      return !chat.lostThreads.has(`${channel}:${threadTs}`);
    },
    directChannel: async (user) => `D-${user}`,
    timeZoneOf: async () => 'Europe/Berlin',
    last: (kind) => messages.filter((m) => m.content.kind === kind).at(-1),
    ofKind: <K extends Content['kind']>(kind: K) =>
      messages.filter((m) => m.content.kind === kind).map((m) => m.content as Extract<Content, { kind: K }>),
  };
  return chat;
}
