import type { NanoTraining } from './job.ts';
import type { Network } from './network.ts';
import type { Pause } from './pause.ts';
import type { Sequence } from './sequences.ts';
import { trainStep } from './train-step.ts';
import { batchOrder, stepSettings } from './training.ts';

/** V8 runs new WebAssembly in its baseline compiler for about 0.3 s at a third of the speed (measured). */
const warmUpMs = 350;

/** Tokens a second (padding not counted, wall time) of a few real steps at a rate that changes nothing. */
export async function measureSpeed(
  network: Network,
  sequences: readonly Sequence[],
  training: NanoTraining,
  steps: number,
  pause: Pause,
): Promise<number> {
  const batches = batchOrder(sequences.length, training.batchSize, training.order, 0);
  const step = async (): Promise<number> => {
    await pause();
    const batch = batches.next().value.map((index) => sequences[index]!);
    return trainStep(network, batch, stepSettings(training, 0)).read;
  };
  for (const startedMs = performance.now(); performance.now() - startedMs < warmUpMs; ) await step();
  const startedMs = performance.now();
  let tokens = 0;
  for (let done = 0; done < steps; done++) tokens += await step();
  return Math.round((tokens * 1000) / (performance.now() - startedMs));
}
