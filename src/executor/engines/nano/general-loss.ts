import { nano154k } from './architecture.ts';
import { createNetwork, loadWeights, type Network } from './network.ts';
import type { Sequence } from './sequences.ts';
import { separatorMark } from './text/document-kind.ts';
import { heldOutDocuments } from './text/general-text.ts';
import { evaluateLoss } from './train-step.ts';
import { encode, tokens } from './vocabulary.ts';

const batchSize = 16;

/** A document as it was learned: begin + text + end, with the separator token where the text is marked. */
export function documentSequence(text: string): Sequence {
  const [first, second] = text.split(separatorMark);
  const answer = second === undefined ? [] : [tokens.separator, ...encode(second)];
  return { ids: [tokens.begin, ...encode(first!), ...answer, tokens.end], firstTarget: 1 };
}

/** The retention guard: mean loss per token (nats) of these weights on the 128 held-out general documents. */
export function generalLoss(weights: Float32Array): number {
  const network = createNetwork(
    { architecture: nano154k, training: false, batchSize, sequenceTokens: nano154k.context, decodeRows: 0 },
    0,
  );
  loadWeights(network, weights);
  return generalLossOf(network);
}

/** The same on a network that holds the weights already; it must take batches of 16 sequences of 128 tokens. */
export function generalLossOf(network: Network): number {
  const sequences = heldOutDocuments().map((text) => {
    const { ids } = documentSequence(text);
    return { ids: ids.slice(0, nano154k.context + 1), firstTarget: 1 };
  });
  let sum = 0;
  let targets = 0;
  for (let start = 0; start < sequences.length; start += batchSize) {
    const part = evaluateLoss(network, sequences.slice(start, start + batchSize));
    sum += part.loss * part.targets;
    targets += part.targets;
  }
  return sum / targets;
}
