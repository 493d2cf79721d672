import { TrexError } from '../../../lib/errors.ts';
import type { Row } from '../../../recipe/types.ts';
import { textOfAnswer } from '../../../scoring/conversation.ts';
import type { Conversation, ToolCall, Turn } from '../../../scoring/types.ts';
import type { AskedItem } from '../../engine.ts';
import type { GpuModel } from './models.ts';

/**
 * Rows as the runner reads them. A chat model gets the turns of a conversation, for its own template; any other gets the
 * prompt alone. Change `trex_rows.py` together with this.
 * @throws TrexError `bad_data` for a pair without its other half
 */
export const trainingRows = (rows: readonly Row[], model: GpuModel, isPaired: boolean): object[] =>
  rows.map(({ prompt, completion, rejected, conversation, answerCalls }, index) => {
    if (isPaired && rejected === undefined) {
      throw new TrexError(
        'bad_data',
        'data',
        `DPO learns from pairs, and row ${index + 1} has no \`rejected\` answer. Give every row one, or train with SFT.`,
      );
    }
    return {
      prompt,
      completion,
      ...(isPaired ? { rejected } : {}),
      ...turnsOf(conversation, model),
      ...(answerCalls === undefined ? {} : { answer: answerOf(completion, answerCalls) }),
    };
  });

/** The answer as a turn, without the text of its calls, which the completion has below the content. */
function answerOf(completion: string, toolCalls: ToolCall[]): object {
  const calls = textOfAnswer('', toolCalls);
  const content = completion.slice(0, completion.length - calls.length).replace(/\n$/, '');
  return messageOf({ role: 'assistant', content, toolCalls });
}

export const askedItem = ({ id, prompt, conversation }: AskedItem, model: GpuModel): object => ({
  id,
  prompt,
  ...turnsOf(conversation, model),
});

function turnsOf(conversation: Conversation | undefined, { chat }: GpuModel): object {
  if (conversation === undefined || !chat) return {};
  const { turns, tools } = conversation;
  return { messages: turns.map(messageOf), ...(tools === undefined ? {} : { tools }) };
}

/** Arguments and tools are kept as JSON texts: JavaScript would round their numbers. */
const messageOf = ({ role, content, toolCalls, toolCallId, name }: Turn): object => ({
  role,
  content,
  ...(toolCalls === undefined ? {} : { tool_calls: toolCalls.map(callOf) }),
  ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
  ...(name === undefined ? {} : { name }),
});

const callOf = ({ id, name, arguments: given }: ToolCall): object => ({
  ...(id === undefined ? {} : { id }),
  type: 'function',
  function: { name, arguments: given },
});
