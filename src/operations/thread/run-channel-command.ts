import { contentText } from '../../report/transcript.ts';
import type { Reply } from '../bot.ts';
import type { Context } from '../context.ts';
import { loadRunning } from '../view/load-running.ts';
import { answerOutside, type Place } from './answer-outside.ts';
import { channelStatus } from './list-campaigns.ts';

/** `/trex status`, `/trex stop`, `/trex which models do you have?`: answered to the person alone. */
export async function runChannelCommand({
  ctx,
  input,
}: {
  ctx: Context;
  input: Omit<Place, 'list'> & { text: string };
}): Promise<Reply> {
  if (input.text.trim() === '') return { private: await channelStatus(ctx, input) };
  const payloads = await answerOutside({ ctx, input: { ...input, list: '' } });
  if (payloads === null)
    return {
      private: `I do not know \`${input.text.slice(0, 80)}\` here. To start something, mention me in a channel. I know \`status\`, \`stop\`, \`summary\`, \`tasks\`, \`models\` and \`help\`.`,
    };
  const running = payloads.find((payload) => payload.kind === 'running');
  if (running !== undefined) return { private: null, content: await loadRunning(ctx, running) };
  const said = payloads.flatMap((payload) =>
    payload.kind === 'text' || payload.kind === 'summary' ? [contentText(payload)] : [],
  );
  return { private: said.join('\n') };
}
