import type { Command } from '../../campaign/commands/command.ts';
import type { Context } from '../context.ts';
import { helpText } from './help-text.ts';
import { listMine } from './list-campaigns.ts';
import { listMetrics, listModels, listTasks } from './list-choices.ts';
import { tellSpend } from './tell-spend.ts';

export type TalkCommand = Extract<
  Command,
  { kind: 'hello' | 'thanks' | 'help' | 'tasks' | 'models' | 'metrics' | 'spend' | 'mine' }
>;

/**
 * Questions with the same answer in a campaign's thread, in a channel, in a direct message and to the slash command.
 */
export async function answerAnywhere({
  ctx,
  command,
  input,
}: {
  ctx: Context;
  command: TalkCommand;
  input: { teamId: string; channel: string; user: string };
}): Promise<string> {
  switch (command.kind) {
    case 'hello':
      return 'Hello. Tell me what a model should learn and what it may cost, with rows attached or one of my tasks; `help` says more.';
    case 'thanks':
      return 'You are welcome.';
    case 'help':
      return helpText;
    case 'tasks':
      return listTasks(ctx);
    case 'models':
      return listModels(ctx);
    case 'metrics':
      return listMetrics();
    case 'spend':
      return tellSpend({ ctx, input: { ...input, mine: command.mine, period: command.period } });
    case 'mine':
      return listMine({ ctx, input });
  }
}
