/** Tokens of a campaign's prompts and expected answers, as its engine counts them. */
export interface TextLengths {
  /** Average of the prompts of the evaluation splits. */
  meanPrompt: number;
  longestPrompt: number;
  /** The longest expected answer of all splits and of the training rows. */
  longestAnswer: number;
}

/** A right answer may be worded at more length than the expected one. */
const roomFactor = 1.5;
const roomTokens = 8;

/**
 * Maximum number of new tokens of an answer: the longest expected answer with room. A trained model ends its answer
 * itself; one that never learned to stop ends here. Prompt and answer share the context: where the room would cut the
 * end of the longest prompt, there is less room, and where not even prompt and answer fit, an answer gets at most half
 * of the context.
 * @param lengths unset in campaigns of older versions: half of the context
 * @param context tokens of a prompt and its answer together, two marks included
 */
export function answerLimit(lengths: TextLengths | undefined, context: number): number {
  const half = Math.floor(context / 2);
  if (lengths === undefined) return half;
  const wanted = Math.ceil(lengths.longestAnswer * roomFactor) + roomTokens;
  const room = context - 2 - lengths.longestPrompt;
  if (wanted <= room) return wanted;
  return room > lengths.longestAnswer ? room : Math.max(1, Math.min(wanted, half));
}
