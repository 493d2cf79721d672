import { expect, test } from 'vitest';
import { orders } from './commands/command.ts';
import { readCommands } from './commands/read-commands.ts';
import { orderWords } from './thread-reading.ts';

test.each(orders.flatMap((order) => [null, 7].map((node) => [order, node] as const)))(
  'the words told for %s %j are that order to the rules',
  (order, node) => {
    for (const words of orderWords(order, node))
      expect(readCommands(words).commands).toMatchObject([{ kind: order }]);
  },
);
