import type { CostLimit } from '../../campaign/brief.ts';
import type { Choice } from '../../campaign/messages.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';

/** The command to carry out once it is confirmed. `from` is the budget that the person saw when they wrote it. */
export type ToConfirm =
  | { kind: 'stop' }
  /** To a new total; the sides that change. */
  | { kind: 'budget'; from: CostLimit; to: CostLimit }
  | { kind: 'continue'; from: CostLimit; more: CostLimit };

/** A question to the person who gave a command, kept as the `data` of an event: its message asks once. */
export interface Asked {
  source: string;
  user: string;
  command: ToConfirm;
  card: Extract<OutboxPayload, { kind: 'confirmation' }>;
}

export const yes = 'yes';
export const no = 'no';
export const wrapUp = 'wrap_up';

export const cancelChoice: Choice = { label: 'Cancel', value: no };

export const confirmationSlot = (campaignId: string, id: string): string =>
  `confirmation:${campaignId}:${id}`;
export const askedSource = (id: string): string => `asked:${id}`;
export const answeredSource = (id: string): string => `answered:${id}`;
/** The source of the confirmed command: it counts once. */
export const confirmedSource = (id: string): string => `confirmed:${id}`;
