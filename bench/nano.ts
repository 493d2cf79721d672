import { loadBaseModel } from '../src/executor/engines/nano/base-model.ts';
import { nanoDefaults, trainingArena } from '../src/executor/engines/nano/estimate.ts';
import type { NanoTraining } from '../src/executor/engines/nano/job.ts';
import type { Backend } from '../src/executor/engines/nano/kernels/kernels.ts';
import { createNetwork, loadWeights } from '../src/executor/engines/nano/network.ts';
import { createReader, predictRows } from '../src/executor/engines/nano/prediction.ts';
import { rowSequence } from '../src/executor/engines/nano/sequences.ts';
import { loadEvaluation, loadPool } from '../src/executor/engines/nano/tasks/tasks.ts';
import { trainStep } from '../src/executor/engines/nano/train-step.ts';
import { batchOrder, stepSettings } from '../src/executor/engines/nano/training.ts';
import type { BenchLine } from './line.ts';

const lora = {
  rank: 8,
  alpha: 16,
  targets: ['qkv' as const, 'out' as const, 'up' as const, 'down' as const],
};
const methods: Record<string, NanoTraining> = {
  full: nanoDefaults,
  lora: { ...nanoDefaults, method: 'lora', lora },
};

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Tokens (padding not counted) per CPU-second of real steps on date/noisy, after one CPU-second of warm-up. */
function trainingSpeed(training: NanoTraining, backend: Backend, measuredSeconds: number): number {
  const network = createNetwork(trainingArena(training), 1, backend);
  loadWeights(network, loadBaseModel().weights);
  const sequences = loadPool('date/noisy').map(
    (row) => rowSequence(row, training.maxSequenceTokens, true).sequence,
  );
  const batches = batchOrder(sequences.length, training.batchSize, training.order, 1);
  const runFor = (seconds: number): number => {
    const started = cpuSeconds();
    let tokens = 0;
    while (cpuSeconds() - started < seconds) {
      const batch = batches.next().value.map((index) => sequences[index]!);
      tokens += trainStep(network, batch, stepSettings(training, 1e-4)).read;
    }
    return tokens / (cpuSeconds() - started);
  };
  runFor(1);
  return Math.round(runFor(measuredSeconds));
}

async function decodingSpeed(): Promise<{ answers: number; tokens: number }> {
  const reader = createReader(loadBaseModel().weights);
  const rows = loadEvaluation('json', 512).map(({ prompt }, id) => ({ id: String(id), prompt }));
  const decodeAll = (): Promise<string[]> => predictRows(reader, rows, 40, async () => {});
  await decodeAll();
  const started = cpuSeconds();
  const answers = await decodeAll();
  const seconds = cpuSeconds() - started;
  const characters = answers.reduce((sum, answer) => sum + answer.length + 1, 0);
  return { answers: Math.round(rows.length / seconds), tokens: Math.round(characters / seconds) };
}

/** Training speed of the kernels against the plain JavaScript oracle in the same process, decoding, memory. About 20 s. */
export async function benchNano(): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  for (const [name, training] of Object.entries(methods)) {
    const fast = trainingSpeed(training, 'wasm', 4);
    const oracle = trainingSpeed(training, 'javascript', 3);
    const unit = 'tokens/CPU-s';
    lines.push({
      bench: 'nano',
      case: `train ${name}, wasm`,
      value: fast,
      unit,
      against: 'plain JavaScript',
      ratio: Number((fast / oracle).toFixed(2)),
    });
    lines.push({ bench: 'nano', case: `train ${name}, plain JavaScript`, value: oracle, unit });
  }
  const decoded = await decodingSpeed();
  lines.push({ bench: 'nano', case: 'decode json, new tokens', value: decoded.tokens, unit: 'tokens/CPU-s' });
  lines.push({ bench: 'nano', case: 'decode json, answers', value: decoded.answers, unit: 'answers/CPU-s' });
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  lines.push({ bench: 'nano', case: 'peak RSS of this process', value: peakMb, unit: 'MiB' });
  return lines;
}
