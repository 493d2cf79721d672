import type { Content } from '../campaign/messages.ts';

/** `private` is shown to the clicking person only; null when the thread says it all. */
export interface Reply {
  private: string | null;
  /** A message with buttons for that person, instead of the sentence. */
  content?: Content;
}

export interface IncomingMessage {
  teamId: string;
  channel: string;
  ts: string;
  threadTs: string | null;
  user: string;
  /** Plain text: the mention of the bot removed, links and entities decoded. */
  text: string;
  files: { id: string; name: string; bytes: number; download: () => Promise<Uint8Array> }[];
  mentioned: boolean;
  direct: boolean;
}

/** A message that a person has edited or deleted since. */
export interface RevisedMessage {
  teamId: string;
  channel: string;
  /** Of the message as it was sent. */
  ts: string;
  threadTs: string | null;
  user: string;
  /** Plain text as in `IncomingMessage`; null: deleted. */
  text: string | null;
  /** Names of the files that are still attached. */
  files: string[];
  eventTs: string;
}

/** A posted list of what runs, to be brought up to date. `ids` are the campaigns that stand on it. */
export interface ShownList {
  list: string;
  ids: string[];
  channel: string;
  threadTs: string | null;
}

export interface EditField {
  field: string;
  label: string;
  value: string;
  hint: string;
  options?: { label: string; value: string }[];
}

/** Everything people can do with the bot, whatever surface they use. */
export interface Bot {
  /** Every message of a person. @returns true when the bot takes it as addressed to it */
  message(input: IncomingMessage): Promise<boolean>;
  /** An edit or a deletion of an earlier message. */
  revise(input: RevisedMessage): Promise<void>;
  answerQuestion(input: {
    campaignId: string;
    field: string;
    value: string;
    user: string;
    messageTs: string;
  }): Promise<Reply>;
  start(input: { campaignId: string; user: string }): Promise<Reply>;
  /** A decision about a Start that waits for approval. */
  decideStart(input: {
    campaignId: string;
    request: string;
    decision: 'approve' | 'reject';
    user: string;
  }): Promise<Reply>;
  cancel(input: { campaignId: string; user: string }): Promise<Reply>;
  /** Fields of the Edit form, filled with what is understood so far. */
  editValues(input: { campaignId: string; user: string }): Promise<EditField[]>;
  edit(input: {
    campaignId: string;
    user: string;
    values: Record<string, string>;
  }): Promise<{ errors: Record<string, string> } | Reply>;
  /** The button of a brief card that raises its budget; `value` is the amount that stands on it. */
  raiseBriefBudget(input: { campaignId: string; value: string; user: string }): Promise<Reply>;
  decide(input: {
    approvalId: string;
    decision: 'approve' | 'cheaper' | 'reject';
    user: string;
  }): Promise<Reply>;
  /** Takes a node whose runs wait on the cluster out of the search. */
  withdraw(input: { campaignId: string; node: number; user: string }): Promise<Reply>;
  why(input: { campaignId: string; node: number; user: string }): Promise<Reply>;
  /** `value` is an amount that stands on the card of this question. */
  raiseBudget(input: { campaignId: string; question: string; value: string; user: string }): Promise<Reply>;
  /** A button under a command that was to be confirmed. */
  confirm(input: {
    campaignId: string;
    confirmationId: string;
    choice: string;
    user: string;
  }): Promise<Reply>;
  /** Stop buttons of a list of what runs; `shown` null where the list cannot be edited. */
  stopListed(input: { campaignIds: string[]; user: string; shown: ShownList | null }): Promise<Reply>;
  /** Under the report of an end: `value` is the amount on the button, empty for going on with what is left. */
  continueFromReport(input: { campaignId: string; user: string; end: number; value: string }): Promise<Reply>;
  /** Asks for approval to ship the winner's weights; `kind` is that of a button: hub or folder. */
  ship(input: { campaignId: string; kind: string; user: string }): Promise<Reply>;
  decideShipment(input: {
    shipmentId: string;
    decision: 'approve' | 'decline';
    user: string;
  }): Promise<Reply>;
  campaigns(input: {
    teamId: string;
    user: string;
  }): Promise<{ id: string; line: string; link: string | null }[]>;
  command(input: { teamId: string; channel: string; user: string; text: string }): Promise<Reply>;
}
