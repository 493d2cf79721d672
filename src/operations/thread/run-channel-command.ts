import { parseThreadCommand } from '../../campaign/commands/parse-command.ts';
import { contentText } from '../../report/transcript.ts';
import type { Reply } from '../bot.ts';
import type { Context } from '../context.ts';
import { channelStatus, channelSummary, helpText } from './list-campaigns.ts';

/** `/trex status|summary|help`: answered to the person alone. */
export async function runChannelCommand({
  ctx,
  input,
}: {
  ctx: Context;
  input: { teamId: string; channel: string; user: string; text: string };
}): Promise<Reply> {
  const command = parseThreadCommand(input.text);
  if (command.kind === 'status' || input.text.trim() === '')
    return { private: await channelStatus(ctx, input) };
  if (command.kind === 'summary') {
    const payload = await channelSummary(ctx, input);
    return { private: payload.kind === 'summary' || payload.kind === 'text' ? contentText(payload) : null };
  }
  if (command.kind === 'help') return { private: helpText };
  return {
    private: `I do not know \`${input.text.slice(0, 80)}\` here. To start something, mention me in a channel. I know \`status\`, \`summary\` and \`help\`.`,
  };
}
