import type { ThreadCommand } from './commands/parse-command.ts';

/** Commands that start, stop, pay, decide or send weights away. Only a person's own words give them, as the rules read those. */
export const orders = ['pause', 'resume', 'stop', 'budget', 'price', 'approve', 'reject', 'ship'] as const;
export type Order = (typeof orders)[number];

/** Commands that look, and wishes: what may be taken from a reading. */
export type FreeCommand = Exclude<ThreadCommand, { kind: Order | 'unknown' }>;

/** What a language model makes of a message that the rules cannot read. */
export type ThreadReading =
  | { kind: 'command'; command: FreeCommand }
  /** Never carried out; the person is told the words for it. */
  | { kind: 'order'; order: Order; node: number | null }
  | { kind: 'question' }
  /** Thanks, and what people say to each other. */
  | { kind: 'talk' }
  | { kind: 'unclear'; askBack: string };

/** Words that give an order, as a person would write them. `node` null: none was named. */
export function orderWords(order: Order, node: number | null): string[] {
  switch (order) {
    case 'budget':
      return ['raise the budget to 20 min', 'raise the budget by 5 min'];
    case 'price':
      return ['price $2.50'];
    case 'approve':
    case 'reject':
      return [node === null ? order : `${order} ${node}`];
    case 'ship':
      return [node === null ? 'ship it' : `ship #${node}`];
    default:
      return [order];
  }
}
