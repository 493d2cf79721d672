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
}

/** Messages a person wrote; every other subtype is about an edit, a deletion or the channel itself. */
const spokenSubtypes = new Set([undefined, 'file_share', 'thread_broadcast', 'me_message']);

/** False when no person said it: bots, edits, deletions, joins. */
export const isSpoken = (event: SlackMessageEvent): boolean =>
  spokenSubtypes.has(event.subtype) && !event.hidden && !event.edited && !event.bot_id;
