import type { Command } from '../../campaign/commands/command.ts';
import { readCommands } from '../../campaign/commands/read-commands.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import type { Context } from '../context.ts';
import { linkToChannel, tellPage } from '../page-address.ts';
import { answerAnywhere } from './answer-anywhere.ts';
import { channelStatus, channelSummary } from './list-campaigns.ts';
import { listRunning } from './list-running.ts';

/** The place of a message to the bot: a channel, a direct message, or the slash command. */
export interface Place {
  teamId: string;
  channel: string;
  user: string;
  /** Names a list in the answer, for its buttons; empty where the answer cannot be edited. */
  list: string;
}

/**
 * Answers a message to the bot outside of a campaign's thread.
 * @returns null where it is no command: it may be a request for a campaign
 */
export async function answerOutside({
  ctx,
  input,
}: {
  ctx: Context;
  input: Place & { text: string };
}): Promise<OutboxPayload[] | null> {
  const { commands, unheard, problem } = readCommands(input.text);
  if (problem !== null && unheard.some(isForThread)) return [{ kind: 'text', text: problem }];
  if (commands.length === 0 || commands.some(({ kind }) => mayBeRequest.has(kind))) return null;
  return Promise.all(commands.map((command) => answerOne(ctx, command, input)));
}

/** Words that are also part of a request: `budget 10 min`, `train on dataset lab/dates`, `LoRA only`. */
const mayBeRequest: ReadonlySet<Command['kind']> = new Set(['budget', 'price', 'steer']);

const isForThread = ({ kind }: Command): boolean => !mayBeRequest.has(kind);

async function answerOne(ctx: Context, command: Command, input: Place): Promise<OutboxPayload> {
  const text = (said: string): OutboxPayload => ({ kind: 'text', text: said });
  switch (command.kind) {
    case 'summary':
      return channelSummary(ctx, input);
    case 'status':
      return text(await channelStatus(ctx, input));
    case 'page':
      return text(tellPage(linkToChannel(ctx, input)));
    case 'stop':
      return listRunning({ ctx, input });
    case 'hello':
    case 'thanks':
    case 'help':
    case 'tasks':
    case 'models':
    case 'metrics':
    case 'spend':
    case 'mine':
      return text(await answerAnywhere({ ctx, command, input }));
    default:
      return text(`That is about one campaign: say it in its thread. ${await channelStatus(ctx, input)}`);
  }
}
