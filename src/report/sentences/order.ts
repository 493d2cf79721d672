import type { Order } from '../../campaign/commands/command.ts';
import { orderWords } from '../../campaign/thread-reading.ts';

/** The answer to words that a language model takes for an order. */
export function orderText(order: Order, node: number | null): string {
  const words = orderWords(order, node)
    .map((w) => `\`${w}\``)
    .join(' or ');
  const hasAmount = order === 'budget' || order === 'price';
  const how = hasAmount ? 'Say it in such words, with your amount' : 'Say it in these words';
  return `Did you mean: ${words}? ${how}; until then nothing changes.`;
}
