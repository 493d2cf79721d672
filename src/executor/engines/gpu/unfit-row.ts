import type { Row } from '../../../recipe/types.ts';
import { isSinglePrompt } from '../../../scoring/conversation.ts';
import type { RowUse } from '../../engine.ts';
import { countTokens } from '../../estimates/token-count.ts';
import type { GpuModel } from './models.ts';

/** Tokens are only estimated: a row above this multiple of the limit is too long in any vocabulary. The runner counts. */
const certainlyTooLong = 2;

/** Implements `Engine.unfit`. */
export function unfitRow(
  row: Row,
  { maxSequenceTokens, objective }: RowUse,
  model: GpuModel | undefined,
): string | null {
  const { prompt, completion, conversation, answerCalls } = row;
  const isSingle = conversation === undefined || isSinglePrompt(conversation);
  if (model !== undefined && !model.chat && (!isSingle || answerCalls !== undefined))
    return 'that are conversations of several turns or with tools (it is no chat model, so it has no template for them)';
  const isPlain = objective === undefined || objective === 'sft';
  if (!isPlain && (conversation?.tools !== undefined || answerCalls !== undefined))
    return `with tools, which ${objective.toUpperCase()} does not train on here (SFT does)`;
  if (countTokens(prompt) + countTokens(completion) > certainlyTooLong * maxSequenceTokens)
    return `far longer than the ${maxSequenceTokens} tokens that it reads at once`;
  return null;
}
