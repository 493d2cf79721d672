import type { DatasetReport } from '../recipe/types.ts';
import type { BriefField } from './brief.ts';

/** A message or click of a person in the thread. A click answers the question under which it was. */
export type IntakeEntry = (
  | {
      kind: 'message';
      text: string;
      files: { report: DatasetReport | null; name: string; problem: string | null }[];
      /** A language model's reading of the text, stored with it; unset: the rules read it. */
      reading?: MessageReading;
    }
  | { kind: 'answer'; field: BriefField; value: string }
  | { kind: 'edit'; values: Partial<Record<BriefField, string>> }
) & {
  /** Id of the person; unset where it is not needed. */
  by?: string;
};

/** A message, field by field in the words of the Edit form: `budget: 15 min`. The rules check every value again. */
export interface MessageReading {
  /** The message describes the training goal; its own words then join the goal. */
  saysGoal: boolean;
  values: Partial<Record<BriefField, string>>;
  /** An answer to the person's question, at most 600 characters; null when nothing was asked. */
  reply: string | null;
  cancelled: boolean;
}

/**
 * An edit or deletion of a message that was read already. The message stays as it was, and this entry is read in its
 * place.
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

/** Files of a message that arrived under a second event, after the message had been read without them. */
export interface LateFiles {
  kind: 'files';
  /** Source of the entry that they belong to. */
  of: string;
  files: Extract<IntakeEntry, { kind: 'message' }>['files'];
}

export type StoredEntry = IntakeEntry | Revision | LateFiles;
