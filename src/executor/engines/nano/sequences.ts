import { roundTokens } from './arena.ts';
import type { Network } from './network.ts';
import { countCharacters, encode, tokens } from './vocabulary.ts';

/** Token ids of one training example; ids from `firstTarget` on are learned, those before are only read. */
export interface Sequence {
  ids: number[];
  firstTarget: number;
}

export interface TextRow {
  prompt: string;
  completion: string;
}

/** A batch that lies in the arena: `batch` x `tokens` positions, of which `targets` count and `read` are not padding. */
export interface PackedBatch {
  batch: number;
  tokens: number;
  targets: number;
  read: number;
}

/**
 * begin + prompt + separator + completion + end, cut to `maxTokens` positions: first the end of the prompt goes, then
 * (when the completion alone is too long) the end of the completion.
 */
export function rowSequence(
  row: TextRow,
  maxTokens: number,
  completionOnly: boolean,
): { sequence: Sequence; truncated: boolean } {
  const prompt = encode(row.prompt);
  const completion = encode(row.completion);
  const room = maxTokens - 2;
  const completionKept = Math.min(completion.length, room);
  const promptKept = Math.min(prompt.length, room - completionKept);
  const ids = [
    tokens.begin,
    ...prompt.slice(0, promptKept),
    tokens.separator,
    ...completion.slice(0, completionKept),
    tokens.end,
  ];
  return {
    sequence: { ids, firstTarget: completionOnly ? promptKept + 2 : 1 },
    truncated: promptKept < prompt.length || completionKept < completion.length,
  };
}

/** begin + prompt + separator, the prompt's end cut so that `maxNewTokens` still fit in the context. */
export function promptIds(prompt: string, context: number, maxNewTokens: number): number[] {
  const room = Math.max(0, context - 2 - maxNewTokens);
  return [tokens.begin, ...encode(prompt).slice(0, room), tokens.separator];
}

/** Positions a row of this prompt and completion takes, padding not counted. */
export function rowTokens(row: TextRow): number {
  return countCharacters(row.prompt) + countCharacters(row.completion) + 2;
}

/** Writes ids, next-token targets and equal weights 1 / targets into the arena. */
export function packBatch(network: Network, sequences: readonly Sequence[]): PackedBatch {
  const { arena, ints, floats } = network;
  const longest = Math.max(...sequences.map((sequence) => sequence.ids.length - 1));
  const width = Math.min(roundTokens(longest), roundTokens(network.settings.sequenceTokens));
  if (sequences.length > network.settings.batchSize)
    throw new Error('The batch is larger than the arena was made for.');
  let targets = 0;
  let read = 0;
  sequences.forEach(({ ids, firstTarget }, row) => {
    for (let t = 0; t < width; t++) {
      const position = row * width + t;
      const isRead = t + 1 < ids.length;
      const isTarget = isRead && t + 1 >= firstTarget;
      ints[(arena.ids >> 2) + position] = isRead ? ids[t]! : tokens.padding;
      ints[(arena.targets >> 2) + position] = isTarget ? ids[t + 1]! : -1;
      if (isTarget) targets++;
      if (isRead) read++;
    }
  });
  const weights = arena.weights >> 2;
  floats.fill(1 / Math.max(1, targets), weights, weights + sequences.length * width);
  return { batch: sequences.length, tokens: width, targets, read };
}
