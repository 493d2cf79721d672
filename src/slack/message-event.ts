import type { SlackFile } from './files.ts';

/** The parts of `message` and `app_mention` that we read; Slack sends many more shapes than its types name. */
export interface SlackMessageEvent {
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
  event_ts?: string;
  /** Of edits and deletions. */
  message?: Omit<SlackMessageEvent, 'message' | 'previous_message'>;
  previous_message?: Omit<SlackMessageEvent, 'message' | 'previous_message'>;
  deleted_ts?: string;
}

/** Subtypes of messages that a person wrote; every other one is about an edit, a deletion or the channel itself. */
const spokenSubtypes = new Set([undefined, 'file_share', 'thread_broadcast', 'me_message']);

/** False for events without a human author: bots, edits, deletions, joins. */
export const isSpoken = (event: SlackMessageEvent): boolean =>
  spokenSubtypes.has(event.subtype) && !event.hidden && !event.edited && !event.bot_id;

/** A person's edit or deletion of a message. */
export interface MessageRevision {
  ts: string;
  threadTs: string | null;
  user: string;
  /** The new message as Slack sends it; null: it was deleted. */
  text: string | null;
  /** Names of the files that are still attached. */
  files: string[];
  /** Time stamp of the edit itself. */
  eventTs: string;
}

/**
 * An edit or a deletion by a person; null for anything else: edits by bots, previews of links, and replies that Slack
 * counts on the first message. A first message with replies is deleted by turning into a tombstone.
 */
export function readRevision(event: SlackMessageEvent): MessageRevision | null {
  const { message, previous_message: before } = event;
  const isDeleted = event.subtype === 'message_deleted' || message?.subtype === 'tombstone';
  if (event.subtype !== 'message_changed' && event.subtype !== 'message_deleted') return null;
  const now = isDeleted ? { ...before, text: undefined, files: [] } : message;
  const user = before?.user ?? now?.user;
  const ts = event.deleted_ts ?? message?.ts ?? before?.ts;
  const eventTs = event.event_ts ?? event.ts;
  if (!user || !ts || !eventTs || before?.bot_id || message?.bot_id) return null;
  const names = (files: SlackFile[] | undefined): string[] =>
    (files ?? []).filter(({ mode }) => mode !== 'tombstone').map(({ name, id }) => name ?? id);
  const isSame =
    before !== undefined &&
    before.text === now?.text &&
    String(names(before.files)) === String(names(now?.files));
  if (!isDeleted && isSame) return null;
  const threadTs = before?.thread_ts ?? message?.thread_ts;
  return {
    ts,
    threadTs: threadTs !== undefined && threadTs !== ts ? threadTs : null,
    user,
    text: isDeleted ? null : (now?.text ?? ''),
    files: names(now?.files),
    eventTs,
  };
}
