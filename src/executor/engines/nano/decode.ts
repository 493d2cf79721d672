import { forwardStep } from './forward.ts';
import type { Network } from './network.ts';
import { tokens } from './vocabulary.ts';

export interface DecodeRequest {
  ids: number[];
  maxNewTokens: number;
}

/**
 * Greedy continuation of each prompt, without its end token, in the order of the requests. Prompts of similar length
 * are decoded together, settings.decodeRows at a time. `pause` is awaited after every position, so that the caller can
 * handle signals and stop by throwing.
 */
export async function decodeGreedy(
  network: Network,
  requests: readonly DecodeRequest[],
  pause: () => Promise<void> = async () => {},
): Promise<number[][]> {
  const rows = network.settings.decodeRows;
  const order = requests
    .map((_, index) => index)
    .sort((a, b) => requests[a]!.ids.length - requests[b]!.ids.length || a - b);
  const results: number[][] = requests.map(() => []);
  for (let start = 0; start < order.length; start += rows) {
    const chosen = order.slice(start, start + rows);
    const batch = chosen.map((index) => requests[index]!);
    const outputs = chosen.map((index) => results[index]!);
    await decodeTogether(network, batch, outputs, pause);
  }
  return results;
}

async function decodeTogether(
  network: Network,
  batch: readonly DecodeRequest[],
  outputs: number[][],
  pause: () => Promise<void>,
): Promise<void> {
  const { arena, ints, kernels } = network;
  const { context, vocabulary } = network.settings.architecture;
  const done = batch.map((request) => request.maxNewTokens <= 0);
  for (let position = 0; position < context && done.includes(false); position++) {
    batch.forEach(({ ids }, row) => {
      const known = position < ids.length ? ids[position] : outputs[row]![position - ids.length];
      ints[(arena.ids >> 2) + row] = known ?? tokens.padding;
    });
    forwardStep(network, batch.length, position);
    kernels.argmaxRows(batch.length, vocabulary, arena.logits, arena.targets);
    batch.forEach(({ ids, maxNewTokens }, row) => {
      if (done[row] || position < ids.length - 1) return;
      const next = ints[(arena.targets >> 2) + row]!;
      if (next === tokens.end) done[row] = true;
      else if (outputs[row]!.push(next) >= maxNewTokens) done[row] = true;
    });
    await pause();
  }
}
