import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'undici';
import { TrexError } from '../lib/errors.ts';

/** A message as local-slack keeps it; the parts that the demo and tests read. */
export interface LocalMessage {
  ts: string;
  channel: string;
  user?: string;
  text: string;
  thread_ts?: string;
  subtype?: string;
  /** Set on ephemeral messages: the one person who sees it. */
  ephemeral_to?: string;
  bot_id?: string;
  blocks?: LocalBlock[];
  files?: { id: string; name: string; mimetype: string; size: number }[];
  reactions?: { name: string; users: string[]; count: number }[];
}

interface LocalBlock {
  type: string;
  block_id?: string;
  text?: { text: string };
  image_url?: string;
  elements?: LocalElement[];
  accessory?: LocalElement;
  element?: LocalElement & { initial_value?: string };
  label?: { text: string };
}

interface LocalElement {
  type: string;
  action_id?: string;
  value?: string;
  text?: { text: string } | string;
  style?: string;
}

interface LocalView {
  id: string;
  callback_id?: string;
  title: { text: string };
  blocks: LocalBlock[];
}

/** Acts as a person in the local workspace, as the page in the browser does. */
export interface LocalControl {
  say(input: { channel: string; user: string; text: string; threadTs?: string }): Promise<LocalMessage>;
  upload(input: {
    channel: string;
    user: string;
    text?: string;
    threadTs?: string;
    files: { name: string; bytes: Uint8Array }[];
  }): Promise<LocalMessage>;
  /** Presses the button whose action id is, or starts with, `action`; resolves once the bot acknowledged. */
  click(input: { channel: string; messageTs: string; user: string; action: string }): Promise<void>;
  command(input: { channel: string; user: string; command: string; text: string }): Promise<void>;
  openHome(user: string): Promise<void>;
  /** The bot's latest App Home for this person. */
  home(user: string): Promise<LocalView | null>;
  /** The modal on top; the local workspace has one stack for everybody. */
  modal(): Promise<LocalView | null>;
  /** Fills fields by block id and submits the modal; null when it closed. */
  submitModal(input: {
    user: string;
    values: Record<string, string>;
  }): Promise<Record<string, string> | null>;
  messages(channel: string): Promise<LocalMessage[]>;
  /** The first message that matches, as soon as there is one. @throws TrexError after `timeoutMs`. */
  waitForMessage(
    channel: string,
    matches: (message: LocalMessage) => boolean,
    timeoutMs: number,
  ): Promise<LocalMessage>;
}

interface Snapshot {
  modalStack: LocalView[];
  homeViews: Record<string, Record<string, LocalView>>;
}

export function createLocalControl(baseUrl: string): LocalControl {
  const call = async (path: string, init: RequestInit): Promise<Record<string, unknown>> => {
    const response = await fetch(`${baseUrl}/_control/${path}`, {
      ...init,
      signal: AbortSignal.timeout(30_000),
    });
    const body = (await response.json()) as Record<string, unknown>;
    if (!response.ok || body.ok === false) {
      throw new TrexError(
        'local_workspace',
        'config',
        `The local workspace refused ${path}: ${String(body.error)}`,
      );
    }
    return body;
  };
  const send = (path: string, body: object): Promise<Record<string, unknown>> =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const messages = async (channel: string): Promise<LocalMessage[]> =>
    (await call(`messages/${channel}`, {})).messages as LocalMessage[];

  const control: LocalControl = {
    say: async ({ channel, user, text, threadTs }) =>
      (await send('message', { channel, user, text, ...(threadTs ? { thread_ts: threadTs } : {}) }))
        .message as LocalMessage,
    upload: async ({ channel, user, text, threadTs, files }) => {
      const form = new FormData();
      form.set('channel', channel);
      form.set('user', user);
      if (text) form.set('text', text);
      if (threadTs) form.set('thread_ts', threadTs);
      for (const file of files)
        form.append('file', new Blob([file.bytes as Uint8Array<ArrayBuffer>]), file.name);
      return (await call('upload', { method: 'POST', body: form })).message as LocalMessage;
    },
    click: async ({ channel, messageTs, user, action }) => {
      const message = (await messages(channel)).find((m) => m.ts === messageTs);
      for (const block of message?.blocks ?? []) {
        const elements = [...(block.elements ?? []), ...(block.accessory ? [block.accessory] : [])];
        const button = elements.find((e) => e.action_id?.startsWith(action));
        if (!button) continue;
        await send('interact', { channel, messageTs, user, action: { ...button, block_id: block.block_id } });
        return;
      }
      throw new TrexError(
        'local_workspace',
        'config',
        `No button ${action} in message ${messageTs} of ${channel}.`,
      );
    },
    command: async (input) => {
      await send('command', input);
    },
    openHome: async (user) => {
      await send('open-home', { user });
    },
    home: async (user) => Object.values((await withPage(baseUrl, null)).homeViews[user] ?? {})[0] ?? null,
    modal: async () => (await withPage(baseUrl, null)).modalStack.at(-1) ?? null,
    submitModal: async ({ user, values }) => {
      const view = await control.modal();
      if (!view) throw new TrexError('local_workspace', 'config', 'No modal is open.');
      const filled: Record<string, Record<string, object>> = {};
      for (const { block_id, element } of view.blocks) {
        const value = block_id === undefined ? undefined : values[block_id];
        if (value === undefined || !block_id || !element?.action_id) continue;
        filled[block_id] = {
          [element.action_id]:
            element.type === 'static_select'
              ? { type: element.type, selected_option: { value, text: { type: 'plain_text', text: value } } }
              : { type: element.type, value },
        };
      }
      return withPage(baseUrl, { t: 'view_submit', user, values: filled });
    },
    messages,
    waitForMessage: async (channel, matches, timeoutMs) => {
      const startedMs = performance.now();
      for (;;) {
        const found = (await messages(channel)).find(matches);
        if (found) return found;
        if (performance.now() - startedMs > timeoutMs) {
          throw new TrexError(
            'local_workspace',
            'config',
            `Waited ${timeoutMs / 1000} s for a message in ${channel}.`,
          );
        }
        await sleep(30);
      }
    },
  };
  return control;
}

/**
 * The channel of local-slack's own page, the only way to submit a modal. Without `action` it returns the first
 * snapshot; with one it returns the errors of the bot's answer, or null once the stack of modals changed.
 */
function withPage(baseUrl: string, action: null): Promise<Snapshot>;
function withPage(baseUrl: string, action: object): Promise<Record<string, string> | null>;
function withPage(baseUrl: string, action: object | null): Promise<Snapshot | Record<string, string> | null> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${baseUrl.replace(/^http/, 'ws')}/ui`);
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      socket.close();
      settle();
    };
    const fail = (message: string): void =>
      finish(() => reject(new TrexError('local_workspace', 'config', message)));
    const timer = setTimeout(() => fail('The page of the local workspace did not answer for 10 s.'), 10_000);
    socket.addEventListener('error', () => fail('The page of the local workspace cannot be reached.'));
    socket.addEventListener('message', (event) => {
      const frame = JSON.parse(String(event.data)) as {
        t: string;
        state: Snapshot;
        errors?: Record<string, string>;
      };
      if (frame.t === 'init' && action === null) finish(() => resolve(frame.state));
      else if (frame.t === 'init') socket.send(JSON.stringify(action));
      else if (frame.t === 'view_errors' && action !== null) finish(() => resolve(frame.errors ?? {}));
      else if (frame.t === 'view' && action !== null) finish(() => resolve(null));
    });
  });
}
