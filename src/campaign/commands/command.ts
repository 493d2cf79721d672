import type { CostLimit } from '../brief.ts';
import type { ShipKind } from '../shipment.ts';
import type { Wish } from '../steering.ts';

/** The days that a question about money is about. */
export const periods = ['today', 'yesterday', 'week', 'month', 'ever'] as const;
export type Period = (typeof periods)[number];

/** How a budget changes. Exactly one side of a limit is not null; a factor is above 0. */
export type BudgetChange =
  | { change: 'set'; limit: CostLimit }
  | { change: 'add'; limit: CostLimit }
  | { change: 'subtract'; limit: CostLimit }
  | { change: 'scale'; factor: number };

/** What a person asks of the bot. Node numbers are as shown (`#8`); null where none was said. */
export type Command =
  | { kind: 'status' }
  | { kind: 'pause' }
  /** Goes on: after a pause, or after the end. `more` null: with the budget as it is. */
  | {
      kind: 'continue';
      more: CostLimit | null /** A new deadline in the person's words; unset: none. */;
      until?: string;
    }
  | { kind: 'stop' }
  /** Ends early: the best is confirmed and the report written. */
  | { kind: 'wrap_up' }
  | { kind: 'help' }
  /** A link to the page: of the campaign, or in a channel of its campaigns. */
  | { kind: 'page' }
  | { kind: 'summary' }
  /** Why this node; `against` is the one to compare with, null for its parent. `node` null: the best. */
  | { kind: 'why'; node: number | null; against: number | null }
  /** `node` null: the best. */
  | { kind: 'show'; node: number | null }
  | ({ kind: 'budget' } & BudgetChange)
  /** What an hour costs, of one GPU or of a slot. */
  | { kind: 'price'; usd: number; perGpu: boolean }
  /** What more compute would buy, by what this tree has gained. Both sides null: no amount was said. */
  | { kind: 'forecast'; more: CostLimit }
  | { kind: 'steer'; wish: Wish }
  /** Which wishes stand. */
  | { kind: 'steering' }
  /** What others have published about the task. */
  | { kind: 'findings' }
  | { kind: 'approve'; node: number | null; cheaper: boolean }
  | { kind: 'reject'; node: number | null }
  /** `node` null: the winner. `target` null: the only one there is. */
  | { kind: 'ship'; node: number | null; target: ShipKind | null }
  | { kind: 'hello' }
  | { kind: 'thanks' }
  /** What there is to choose from. */
  | { kind: 'tasks' | 'models' | 'metrics' }
  /** `mine`: of the person who asks, else of everybody here. */
  | { kind: 'spend'; mine: boolean; period: Period }
  /** Where the person's own campaigns are. */
  | { kind: 'mine' };

/** Commands that start, stop, pay, decide or send weights away. Only a person's own words give them, as the rules read those. */
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

/** Commands that look, and wishes: what may be taken from a language model's reading. */
export type FreeCommand = Exclude<Command, { kind: Order }>;

export const isOrder = (command: Command): command is Extract<Command, { kind: Order }> =>
  (orders as readonly string[]).includes(command.kind);

/** Whether it changes anything: an order, or a wish about where the search goes. */
export const changesSomething = (command: Command): boolean => isOrder(command) || command.kind === 'steer';
