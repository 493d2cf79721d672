import type { FreeCommand, Order } from './commands/command.ts';

/** A language model's reading of a message that the rules cannot read. */
export type ThreadReading =
  | { kind: 'command'; command: FreeCommand }
  /** Never carried out; the bot answers with the exact words for it. */
  | { kind: 'order'; order: Order; node: number | null }
  | { kind: 'question' }
  /** Thanks, and talk among people. */
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
    case 'wrap_up':
      return ['wrap up'];
    default:
      return [order];
  }
}
