import { createHash } from 'node:crypto';
import { asError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { IncomingEvent } from '../../operations/inbox/store-event.ts';
import { threadKey } from '../../operations/inbox/thread-key.ts';
import { isSpoken, readRevision, type SlackMessageEvent } from '../message-event.ts';

/**
 * Receives an event before it is acknowledged to Slack. With `onEvent`, the event is only stored and a worker passes it
 * to `Slack.handleEvent` later; a failure to store means no 200, so Slack sends it again. Unset: the event is handled
 * in this process after the answer, and lost if the process dies (development, tests).
 */
export type OnEvent = (event: IncomingEvent) => Promise<'stored' | 'duplicate'>;

/** Marks a click as used under its name; false when it was used before. Unset: every click counts. */
export type OnClick = (key: string) => Promise<boolean>;

/** Slack gives up on an answer after 3 s; a refusal before that makes it send again. */
const storeTimeoutMs = 2500;

/** Runs work in the background, logs its failure, and lets a shutdown wait for it. */
export interface InFlight {
  run(name: string, work: () => Promise<void>): void;
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way or after `timeoutMs`; false when something still was. */
  drain(timeoutMs: number): Promise<boolean>;
}

export function createInFlight(log: Log): InFlight {
  const running = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    const settled: Promise<unknown> = work.then(
      () => running.delete(settled),
      () => running.delete(settled),
    );
    running.add(settled);
    return work;
  };
  return {
    track,
    run: (name, work) => {
      track(work()).catch((error: unknown) =>
        log.error({ err: asError(error), name }, 'slack.listener_failed'),
      );
    },
    drain: async (timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      while (running.size > 0) {
        const leftMs = deadline - performance.now();
        if (leftMs <= 0) return false;
        let timer: NodeJS.Timeout | undefined;
        const timeout = new Promise((resolve) => {
          timer = setTimeout(resolve, leftMs);
        });
        await Promise.race([Promise.allSettled(running), timeout]);
        clearTimeout(timer);
      }
      return true;
    },
  };
}

/** True for payloads of the Events API; false for clicks, modals, shortcuts and commands. */
export function isEventBody(body: Record<string, unknown>): boolean {
  return body.type === 'event_callback';
}

/**
 * The event as the inbox stores it. Null for messages that no listener handles: all messages and edits by bots. Our own
 * progress edits come back as such events every few seconds, for as long as a campaign runs.
 */
export function readEvent(body: Record<string, unknown>, raw: string): IncomingEvent | null {
  const event = (body.event ?? {}) as SlackMessageEvent & { event_ts?: string };
  const revision = event.type === 'message' ? readRevision(event) : null;
  if (event.type === 'message' && !isSpoken(event) && revision === null) return null;
  const teamId = text(body.team_id) ?? text(body.enterprise_id) ?? '';
  const ts = text(event.ts) ?? text(event.event_ts) ?? '';
  return {
    key: messageKey(teamId, event) ?? `${teamId}:${text(body.event_id) ?? sha256(raw)}`,
    thread: threadKey({
      teamId,
      channel: text(event.channel) ?? text(event.user) ?? '',
      threadTs: revision === null ? (text(event.thread_ts) ?? ts) : (revision.threadTs ?? revision.ts),
    }),
    ts,
    payload: raw,
  };
}

/**
 * The key of a message. A mention may arrive as `app_mention`, as `message` or as both, each under an id of its own, so
 * channel and time stamp form the key. Only one of the two may bring the files: an event with files counts beside one
 * without, and the verbs treat the second as the same message. Null for events without a human author.
 */
function messageKey(teamId: string, event: SlackMessageEvent): string | null {
  if (event.type !== 'message' && event.type !== 'app_mention') return null;
  const [channel, ts] = [text(event.channel), text(event.ts)];
  if (!isSpoken(event) || channel === undefined || ts === undefined) return null;
  const hasFiles = Array.isArray(event.files) && event.files.length > 0;
  return `${teamId}:${channel}:${ts}${hasFiles ? ':files' : ''}`;
}

const sha256 = (raw: string): string => createHash('sha256').update(raw).digest('hex');

/** The identity of a click: a repeated request has the same name. Null for anything but a click. */
export function clickKey(body: Record<string, unknown>): string | null {
  if (body.type !== 'block_actions') return null;
  const { container, message, view, user, actions, trigger_id } = body as {
    container?: { message_ts?: string; view_id?: string };
    message?: { ts?: string };
    view?: { id?: string };
    user?: { id?: string };
    actions?: { action_id?: string; action_ts?: string }[];
    trigger_id?: string;
  };
  const where = message?.ts ?? container?.message_ts ?? view?.id ?? container?.view_id ?? '';
  const [action] = actions ?? [];
  const when = action?.action_ts ?? trigger_id;
  return when === undefined ? null : `click:${where}:${when}:${action?.action_id ?? ''}:${user?.id ?? ''}`;
}

/** Waits for the store, but not longer than Slack waits for us. @throws when the outcome is unknown by then */
export async function storeInTime<T>(storing: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not stored after ${storeTimeoutMs} ms`)), storeTimeoutMs);
  });
  try {
    return await Promise.race([storing, late]);
  } finally {
    clearTimeout(timer);
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
