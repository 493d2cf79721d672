import { expect, test } from 'vitest';
import { parseThreadCommand } from './commands/parse-command.ts';
import { orders, orderWords } from './thread-reading.ts';

test.each(orders.flatMap((order) => [null, 7].map((node) => [order, node] as const)))(
  'the words told for %s %j are that order to the rules',
  (order, node) => {
    for (const words of orderWords(order, node)) expect(parseThreadCommand(words).kind).toBe(order);
  },
);
