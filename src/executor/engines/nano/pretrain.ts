/**
 * Reproduces the base weights: `npm run nano:base` (about 20 minutes of one core). Reads packed text from the general
 * generator, writes base/nano-154k.f16.bin and base/nano-154k.json, and a checkpoint every 1,000 steps.
 * Options: --steps N stops early, after the same first steps as the whole run; --out DIR writes elsewhere.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sha256 } from '../../../lib/hash.ts';
import { writeAtomicallySync } from '../../../lib/write-atomically.ts';
import { countParameters, nano154k, parameterShapes } from './architecture.ts';
import { documentSequence, generalLoss } from './general-loss.ts';
import { toHalf } from './half.ts';
import { createNetwork, type Network, readWeights } from './network.ts';
import type { Sequence } from './sequences.ts';
import { createDocumentStream, generalTextHash } from './text/general-text.ts';
import { trainStep } from './train-step.ts';

const seed = 1;
const batchSize = 16;
const steps = 8_000;
const peakRate = 3e-3;
const warmupSteps = 200;
/** The rate is constant for this share of the steps and then falls linearly to 1 % of the peak. */
const constantShare = 0.6;

/** Documents one after another, cut every `length` tokens: no padding, and a document may begin anywhere. */
function createPackedStream(length: number): () => Sequence {
  const nextDocument = createDocumentStream(seed);
  let pending: number[] = [];
  return () => {
    while (pending.length < length + 1) {
      pending.push(...documentSequence(nextDocument()).ids);
    }
    const ids = pending.slice(0, length + 1);
    pending = pending.slice(length);
    return { ids, firstTarget: 1 };
  };
}

function save(network: Network, folder: string, step: number, startedCpu: NodeJS.CpuUsage): void {
  const weights = readWeights(network);
  const bytes = toHalf(weights);
  const cpu = process.cpuUsage(startedCpu);
  const description = {
    architecture: nano154k,
    parameters: countParameters(parameterShapes(nano154k)),
    seed,
    steps: step,
    tokens: step * batchSize * nano154k.context,
    generalLoss: Number(generalLoss(weights).toFixed(4)),
    generalTextSha256: generalTextHash(),
    sha256: sha256(bytes),
    cpuSeconds: Math.round((cpu.user + cpu.system) / 1e6),
    command: 'npm run nano:base',
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of [
    ['nano-154k.f16.bin', bytes],
    ['nano-154k.json', `${JSON.stringify(description, null, 2)}\n`],
  ] as const) {
    writeAtomicallySync(join(folder, name), content);
  }
  process.stdout.write(`${JSON.stringify(description)}\n`);
}

const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: String(steps) },
    out: { type: 'string', default: fileURLToPath(new URL('./base', import.meta.url)) },
  },
});
const lastStep = Number(options.steps);
const startedCpu = process.cpuUsage();
const network = createNetwork(
  { architecture: nano154k, training: true, batchSize, sequenceTokens: nano154k.context, decodeRows: 0 },
  seed,
);
const nextSequence = createPackedStream(nano154k.context);
let smoothed = Number.NaN;
let step = 0;
while (step < lastStep) {
  const fall = Math.min(1, Math.max(0.01, (1 - step / steps) / (1 - constantShare)));
  const learningRate = peakRate * Math.min(1, (step + 1) / warmupSteps) * fall;
  const batch = Array.from({ length: batchSize }, nextSequence);
  const { loss } = trainStep(network, batch, { learningRate, weightDecay: 0.02, maxGradNorm: 1 });
  smoothed = Number.isNaN(smoothed) ? loss : 0.98 * smoothed + 0.02 * loss;
  step++;
  if (step % 100 === 0) process.stdout.write(`step ${step} loss ${smoothed.toFixed(4)}\n`);
  if (step % 1000 === 0) save(network, options.out, step, startedCpu);
}
if (step % 1000 !== 0) save(network, options.out, step, startedCpu);
