import type { Order } from '../../campaign/thread-reading.ts';

/** Words that give an order, as a person would write them. `node` null: none was named. */
export function orderWords(order: Order, node: number | null): string[] {
  switch (order) {
    case 'budget':
      return ['raise the budget to 20 min', 'raise the budget by 5 min'];
    case 'approve':
    case 'reject':
      return [node === null ? order : `${order} ${node}`];
    default:
      return [order];
  }
}

/** The answer to words that a language model takes for an order. */
export function orderText(order: Order, node: number | null): string {
  const words = orderWords(order, node)
    .map((w) => `\`${w}\``)
    .join(' or ');
  const how = order === 'budget' ? 'Say it in such words, with your amount' : 'Say it in these words';
  return `Did you mean: ${words}? ${how}; until then nothing changes.`;
}
