import type { CostLimit } from '../brief.ts';
import type { ShipKind } from '../shipment.ts';
import type { Wish } from '../steering.ts';

/** The period that a question about spending covers. */
export const periods = ['today', 'yesterday', 'week', 'month', 'ever'] as const;
export type Period = (typeof periods)[number];

/** How a budget changes. Exactly one side of a limit is not null; a factor is above 0. */
export type BudgetChange =
  | { change: 'set'; limit: CostLimit }
  | { change: 'add'; limit: CostLimit }
  | { change: 'subtract'; limit: CostLimit }
  | { change: 'scale'; factor: number };

/** A request to the bot. Node numbers are as shown (`#8`); null where none was given. */
export type Command =
  | { kind: 'status' }
  | { kind: 'pause' }
  /** Continues after a pause or after the end. `more` null: with the budget as it is. */
  | {
      kind: 'continue';
      more: CostLimit | null /** A new deadline in the person's words; unset: none. */;
      until?: string;
    }
  | { kind: 'stop' }
  /** Finishes early: the best node is confirmed and the report written. */
  | { kind: 'wrap_up' }
  | { kind: 'help' }
  /** A link to the page of the campaign; in a channel, to the page of its campaigns. */
  | { kind: 'page' }
  | { kind: 'summary' }
  /** Why this node was tried; `against` is the one to compare with, null for its parent. `node` null: the best. */
  | { kind: 'why'; node: number | null; against: number | null }
  /** `node` null: the best. */
  | { kind: 'show'; node: number | null }
  | ({ kind: 'budget' } & BudgetChange)
  /** The price of an hour, of one GPU or of a slot. */
  | { kind: 'price'; usd: number; perGpu: boolean }
  /** The gain of more compute, estimated from the gains of this tree. */
  | { kind: 'forecast'; more: CostLimit }
  | { kind: 'steer'; wish: Wish }
  /** Which steering is in force. */
  | { kind: 'steering' }
  /** Published work about the task. */
  | { kind: 'findings' }
  | { kind: 'approve'; node: number | null; cheaper: boolean }
  | { kind: 'reject'; node: number | null }
  /** `node` null: the winner. `target` null: the only one there is. */
  | { kind: 'ship'; node: number | null; target: ShipKind | null }
  | { kind: 'hello' }
  | { kind: 'thanks' }
  /** The options that a request can choose from. */
  | { kind: 'tasks' | 'models' | 'metrics' }
  /** `mine`: of the person who asks, else of everybody here. */
  | { kind: 'spend'; mine: boolean; period: Period }
  /** The person's own campaigns, with links. */
  | { kind: 'mine' };

/**
 * Commands with consequences: they start, stop, pay, decide or send weights away. Only the rule parser may produce
 * them, from a person's own words; never a model.
 */
export const orders = [
  'pause',
  'continue',
  'stop',
  'wrap_up',
  'budget',
  'price',
  'approve',
  'reject',
  'ship',
] as const;
export type Order = (typeof orders)[number];

/** Read-only commands and steering: the ones that a language model's reading may produce. */
export type FreeCommand = Exclude<Command, { kind: Order }>;

export const isOrder = (command: Command): command is Extract<Command, { kind: Order }> =>
  (orders as readonly string[]).includes(command.kind);

/** Whether it changes anything: an order, or steering of the search. */
export const changesSomething = (command: Command): boolean => isOrder(command) || command.kind === 'steer';
