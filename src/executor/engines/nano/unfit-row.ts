import type { Row } from '../../../recipe/types.ts';
import { isSinglePrompt } from '../../../scoring/conversation.ts';
import { rowTokens } from './sequences.ts';
import { isReadable, unknownCharacters } from './vocabulary.ts';

/** A prompt may hold a few characters that the model cannot tell apart; above this share it is another language. */
const maxUnknownShare = 0.1;

/** Implements `Engine.unfit`. An answer must be readable as a whole: the model has no other characters to write. */
export function unfitRow(row: Row, maxSequenceTokens: number): string | null {
  const { prompt, completion, conversation } = row;
  if (conversation !== undefined && !isSinglePrompt(conversation))
    return 'that are conversations of several turns or with tools (it reads one prompt; TREX_ENGINE=gpu with a chat model reads them)';
  if (!isReadable(completion) || unknownCharacters(prompt) > maxUnknownShare * prompt.length)
    return 'with characters that it cannot read (it reads ASCII)';
  if (rowTokens(row) > maxSequenceTokens)
    return `longer than the ${maxSequenceTokens} characters that it reads at once`;
  return null;
}
