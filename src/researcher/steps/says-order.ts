import { parseThreadCommand } from '../../campaign/commands/parse-command.ts';
import { orders } from '../../campaign/thread-reading.ts';

/** Whether a part of a text is an order as the rules read it (`approve 4`): words that a model must not hand to people. */
export const saysOrder = (text: string): boolean =>
  text
    .split(/[.!?;:,`"'\u2018-\u201d()\n]+/)
    .some((part) => (orders as readonly string[]).includes(parseThreadCommand(part).kind));
