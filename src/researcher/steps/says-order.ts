import { isOrder } from '../../campaign/commands/command.ts';
import { readCommands } from '../../campaign/commands/read-commands.ts';

/**
 * True when a part of a text is an order as the rules read it (`approve 4`): a model must not suggest one to people.
 */
export const saysOrder = (text: string): boolean =>
  text.split(/[.!?;:,`"'\u2018-\u201d()\n]+/).some((part) => {
    const { commands, unheard } = readCommands(part);
    return [...commands, ...unheard].some(isOrder);
  });
