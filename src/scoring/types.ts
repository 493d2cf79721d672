/** Metrics we can compute per item; every one is in [0, 1] and higher is better. */
export const metricNames = ['exact_match', 'accuracy', 'token_f1', 'rouge_l', 'contains'] as const;
export type MetricName = (typeof metricNames)[number];

/** The four parts of the evaluation and training data. The Researcher sees items of `train` and `search` only. */
export const splitNames = ['train', 'search', 'select', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

/** A tool call of an assistant turn. `arguments` is the JSON text of an object, numbers as the file has them. */
export interface ToolCall {
  id?: string;
  name: string;
  arguments: string;
}

export const turnRoles = ['system', 'user', 'assistant', 'tool'] as const;
export type TurnRole = (typeof turnRoles)[number];

/** One turn of a conversation. */
export interface Turn {
  role: TurnRole;
  /** May be empty where the turn only calls. */
  content: string;
  /** Calls of an assistant turn, in order. */
  toolCalls?: ToolCall[];
  /** Id of the call that a tool turn answers, and the tool's name. */
  toolCallId?: string;
  name?: string;
  /** 0: an assistant turn that is context only, and not trained on. */
  weight?: 0;
}

/**
 * The turns before an answer, as a model's chat template takes them. `tools` is the JSON text of the list of tools that
 * the model may call.
 */
export interface Conversation {
  turns: Turn[];
  tools?: string;
}

/** One row to be scored. `id` is the hash of its normalised prompt and completion. */
export interface EvalItem {
  id: string;
  prompt: string;
  completion: string;
  /** Set where a single prompt cannot hold the conversation; `prompt` is then its text. */
  conversation?: Conversation;
}

/** One scored row, in the order of the items; `score` in [0, 1]. */
export interface ItemResult {
  id: string;
  score: number;
  prediction: string;
}

/** A metric on a split. `low` and `high` bound the 95 % interval; `n` is the number of items. */
export interface Score {
  metric: MetricName;
  value: number;
  low: number;
  high: number;
  n: number;
}

/** How two systems differ on the same items. `difference` = b - a; `pValue` two-sided; wins and losses count items. */
export interface PairedDifference {
  difference: number;
  low: number;
  high: number;
  pValue: number;
  /** Items b gets better than a. */
  wins: number;
  /** Items b gets worse than a. */
  losses: number;
  n: number;
}
