import { nano154k } from './architecture.ts';
import type { PromptRow } from './data-files.ts';
import { decodeGreedy } from './decode.ts';
import { createNetwork, loadWeights, type Network } from './network.ts';
import type { Pause } from './pause.ts';
import { promptIds } from './sequences.ts';
import { decode } from './vocabulary.ts';

/** 64 prompts at a time: speed is flat beyond (measured: see the README), memory is not. */
const decodeRows = 64;

/** A network for reading only: greedy decoding and the retention guard. About 30 MB. */
export function createReader(weights: Float32Array): Network {
  const settings = { training: false, batchSize: 16, sequenceTokens: nano154k.context, decodeRows };
  const network = createNetwork({ architecture: nano154k, ...settings }, 0);
  loadWeights(network, weights);
  return network;
}

/** Greedy answers, in the order of the rows. */
export async function predictRows(
  reader: Network,
  rows: readonly PromptRow[],
  maxNewTokens: number,
  pause: Pause,
): Promise<string[]> {
  const requests = rows.map(({ prompt }) => ({
    ids: promptIds(prompt, nano154k.context, maxNewTokens),
    maxNewTokens,
  }));
  const outputs = await decodeGreedy(reader, requests, pause);
  return outputs.map(decode);
}
