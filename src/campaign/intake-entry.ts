import type { DatasetReport } from '../recipe/types.ts';
import type { BriefField } from './brief.ts';

/** What people said in the thread, in order. A click is an answer to the question it stood under. */
export type IntakeEntry = (
  | {
      kind: 'message';
      text: string;
      files: { report: DatasetReport | null; name: string; problem: string | null }[];
      /** What a language model made of the text, kept with it; unset: the rules read it. */
      reading?: MessageReading;
    }
  | { kind: 'answer'; field: BriefField; value: string }
  | { kind: 'edit'; values: Partial<Record<BriefField, string>> }
) & {
  /** Id of the person; unset where nobody asks for it. */
  by?: string;
};

/** A message, field by field in the words of the Edit form: `budget: 15 min`. The rules check every value again. */
export interface MessageReading {
  /** The message says something about what the model is to learn; its own words then join the goal. */
  saysGoal: boolean;
  values: Partial<Record<BriefField, string>>;
  /** An answer to what the person asked, at most 600 characters; null when nothing was asked. */
  reply: string | null;
  cancelled: boolean;
}

/**
 * An edit or deletion of a message that was read already. The message stays as it was, and this is read in its place.
 */
export interface Revision {
  kind: 'revision';
  /** Source of the entry that it replaces. */
  of: string;
  /** Null: deleted. */
  text: string | null;
  /** Names of the files that are still attached. */
  files: string[];
}

/** Files of a message that came under a second event, after the message had been heard without them. */
export interface LateFiles {
  kind: 'files';
  /** Source of the entry that they belong to. */
  of: string;
  files: Extract<IntakeEntry, { kind: 'message' }>['files'];
}

export type StoredEntry = IntakeEntry | Revision | LateFiles;
