import type { Conversation, ToolCall } from '../scoring/types.ts';

/**
 * One training example: an answer to a prompt, or to a conversation. `source` is the id of the input it came from.
 * Prompt and completion are always set, as text: steps, metrics and decontamination read them.
 */
export interface Row {
  prompt: string;
  completion: string;
  source?: string;
  /** An answer that is worse than the completion, for learning preferences (DPO). */
  rejected?: string;
  /** The turns before the answer, where they are more than one user turn; the prompt is their text. */
  conversation?: Conversation;
  /** The calls that the answer makes; the completion holds their text. */
  answerCalls?: ToolCall[];
  /** Set when the file itself keeps this row for evaluation; unset: it trains. */
  split?: 'evaluation';
}

/**
 * Runs the code of a `python_map` over rows in a sandbox. Input and output are JSONL; an output line is the list of rows
 * made of the row on the same line. The output is untrusted: the caller checks it. `seed` is for the code's own draws.
 * @throws TrexError when the code may not run, cannot run, or ends badly; the message names the row where it is known
 */
export type RunPython = (job: { code: string; seed: number; rows: string }) => Promise<string>;

/** A source of rows that a recipe may name: an attached file or a pool of the data catalogue. */
export interface DataSource {
  /** `attached:<sha256 prefix>` or a pool id such as `date/noisy`. */
  id: string;
  title: string;
  /** Its known quality, in a few words. */
  note: string;
  rows: number;
}

/** A task of the embedded catalogue: evaluation items and pools of differing quality. */
export interface CatalogTask {
  name: string;
  title: string;
  metric: 'exact_match' | 'accuracy';
  example: Row;
  keywords: string[];
  pools: DataSource[];
}

/** Sources of rows. Loading is deterministic: the same id gives the same rows in the same order. */
export interface DataCatalog {
  tasks(): CatalogTask[];
  /** @throws NotFoundError when the id is unknown. */
  load(sourceId: string): Promise<Row[]>;
  /** Held-out items of a task, never in any pool. @throws NotFoundError */
  evaluation(task: string): Promise<Row[]>;
}

export const datasetFormats = ['jsonl', 'json', 'csv', 'tsv', 'parquet'] as const;

/** A column (or key) of a file. */
export interface FoundColumn {
  name: string;
  /** Characters of its values on average, over the first rows; other values than text count as they are written. */
  characters: number;
  /** Its first value that is not empty, cut to 80 characters. */
  example: string;
}

/** The result of reading an attached file, without its rows. Line numbers are 1-based. */
export interface DatasetReport {
  name: string;
  sha256: string;
  bytes: number;
  /** `json` is a file that holds lists of objects. Of several files in a zip, the first one's. */
  format: (typeof datasetFormats)[number];
  /** The kind of archive around the rows; unset: none. */
  container?: 'gzip' | 'zip';
  /**
   * Names of the columns (or keys) that became prompt, completion, rejected answer and system turn. Null: a person must
   * choose them; `rows` then counts the rows of the file, and none has been read.
   */
  columns: { prompt: string; completion: string; rejected?: string; system?: string } | null;
  /** All columns of the file, in its order; unset in reports of version 0.1. */
  found?: FoundColumn[];
  /** Names of those that are not used, the longest texts first. */
  leftOut?: string[];
  /** Usable rows. */
  rows: number;
  badRows: number;
  /** Usable rows with a `rejected` answer; unset is none. */
  pairs?: number;
  /** Usable rows that the file itself keeps for evaluation; unset is none. */
  evaluationRows?: number;
  /** Usable rows that are conversations of several turns or with tools, which not every engine reads; unset is none. */
  conversations?: number;
  /** Rows that the file marks as not to be trained on, by the column or key that says so; unset is none. */
  heldBack?: Record<string, number>;
  /** The first three bad rows. */
  badExamples: { line: number; reason: string; text: string }[];
  /** First three usable rows, cut to 200 characters. */
  examples: Row[];
  /** Longest prompt + completion, in characters. */
  longestCharacters: number;
  /** Distinct completions, most frequent first, when at most 50 and used twice on average (a classification task), else null. */
  labels: string[] | null;
  /** Warnings for the person, each a sentence ("14 prompts appear with two different completions"). */
  warnings: string[];
}
