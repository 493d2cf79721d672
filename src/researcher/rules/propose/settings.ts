import type { Brief, TrainingMethod } from '../../../campaign/brief.ts';
import { loraTargets, methodOf, type TrainingSettings } from '../../../campaign/run-spec.ts';

type Scope = Brief['scope'];
type Objective = NonNullable<TrainingSettings['objective']>;

/**
 * LoRA needs five to ten times the rate of full fine-tuning. Five: on the small model ten times (1e-2) gains 8 points
 * over 3e-3, but forgets far beyond the retention guard (general loss +2.2 against +0.2).
 */
export const loraRateFactor = 5;

/** Fewer rows, more passes: about 6,000 examples seen in all, at most eight passes. */
export function epochsFor(rows: number): number {
  if (rows >= 4000) return 1;
  if (rows >= 2000) return 2;
  if (rows >= 1200) return 3;
  return rows >= 500 ? 4 : 8;
}

/** Sensible settings for a first run on `rows` rows: the engine's own, adapted to the agreed method and objective. */
export function firstTraining(
  defaults: TrainingSettings,
  { scope, metric }: Pick<Brief, 'scope' | 'metric'>,
  rows: number,
): TrainingSettings {
  const own = methodOf(defaults);
  const method = scope.methods.includes(own) ? own : (scope.methods[0] ?? own);
  const training = {
    ...withMethod(defaults, method),
    epochs: epochsFor(rows),
    maxSequenceTokens: scope.maxSequenceTokens,
  };
  return withObjective(training, firstObjective(scope, metric));
}

/** TRL's defaults; DPO's beta is also that of its paper (arXiv 2305.18290). */
function firstObjective({ objective }: Scope, metric: Brief['metric']): Objective | null {
  switch (objective) {
    case 'dpo':
      return { kind: 'dpo', beta: 0.1 };
    case 'grpo':
      return { kind: 'grpo', beta: 0, reward: metric, generations: 8 };
    default:
      return null;
  }
}

/** TRL's rate for both, full fine-tuning: learning from preferences fails at the rates for learning completions. */
const preferenceRate = 1e-6;

function withObjective(training: TrainingSettings, objective: Objective | null): TrainingSettings {
  if (objective === null) return training;
  const learningRate = roundRate(preferenceRate * (training.method === 'full' ? 1 : loraRateFactor));
  return fitBatch({ ...training, objective, learningRate, completionOnly: true });
}

/**
 * GRPO's batch counts answers, and must hold all answers to a prompt. The nearest batch that does, at least one
 * prompt's.
 */
export function fitBatch(training: TrainingSettings): TrainingSettings {
  if (training.objective?.kind !== 'grpo') return training;
  const { generations } = training.objective;
  const prompts = Math.max(1, Math.floor(training.batchSize / generations));
  return { ...training, batchSize: prompts * generations };
}

export const loraOf = (rank: number): NonNullable<TrainingSettings['lora']> => ({
  rank,
  alpha: rank * 2,
  targets: [...loraTargets],
});

/** The same settings with another method, its learning rate scaled to match; QLoRA uses that of LoRA. */
export function withMethod(training: TrainingSettings, method: TrainingMethod, rank = 8): TrainingSettings {
  const isLora = method !== 'full';
  const wasLora = training.method === 'lora';
  const factor = isLora === wasLora ? 1 : isLora ? loraRateFactor : 1 / loraRateFactor;
  const { quantized: _, ...adapters } = training.lora ?? loraOf(rank);
  return {
    ...training,
    method: isLora ? 'lora' : 'full',
    lora: isLora ? { ...adapters, ...(method === 'qlora' ? { quantized: true as const } : {}) } : null,
    learningRate: factor === 1 ? training.learningRate : roundRate(training.learningRate * factor),
  };
}

/** The same settings with another rank. */
export const withRank = (training: TrainingSettings, rank: number): TrainingSettings => ({
  ...training,
  lora: { ...training.lora, ...loraOf(rank) },
});

/** `LoRA rank 8`, `QLoRA rank 8`, `full` */
export const methodText = (training: TrainingSettings): string =>
  ({ full: 'full', lora: 'LoRA rank ', qlora: 'QLoRA rank ' })[methodOf(training)] +
  (training.method === 'lora' ? String(training.lora?.rank ?? 0) : '');

/** Two significant digits, so that equal settings are equal numbers. */
export const roundRate = (rate: number): number => Number(rate.toPrecision(2));

/** 1e-3 for 0.001, 5e-4 for 0.0005. */
export const formatRate = (rate: number): string =>
  rate.toExponential().replace('e+0', '').replace('e+', 'e');

type Knob = [title: string, read: (training: TrainingSettings) => string];

const knobs: Knob[] = [
  ['method', methodText],
  ['beta', ({ objective }) => (objective === undefined ? '' : String(objective.beta))],
  ['answers a prompt', ({ objective }) => (objective?.kind === 'grpo' ? String(objective.generations) : '')],
  ['learning rate', (t) => formatRate(t.learningRate)],
  ['schedule', (t) => t.schedule],
  ['warm-up', (t) => `${Math.round(t.warmupRatio * 100)}%`],
  ['weight decay', (t) => String(t.weightDecay)],
  ['gradient clip', (t) => (t.maxGradNorm === 0 ? 'off' : String(t.maxGradNorm))],
  ['batch', (t) => String(t.batchSize)],
  ['epochs', (t) => String(t.epochs)],
  ['loss on', (t) => (t.completionOnly ? 'the completion' : 'all tokens')],
  ['order', (t) => t.order.replace('_', ' ')],
  ['precision', (t) => t.precision],
];

/** The changes, for people: `learning rate 1e-3 → 5e-4`. Against the untrained model: the main settings. */
export function trainingChanges(from: TrainingSettings | null, to: TrainingSettings): string[] {
  if (from === null) {
    const method = to.method === 'lora' ? methodText(to) : 'full fine-tuning';
    const passes = `${to.epochs} epoch${to.epochs === 1 ? '' : 's'}`;
    return [
      `${objectiveText(to)}${method}, learning rate ${formatRate(to.learningRate)}, batch ${to.batchSize}, ${passes}`,
    ];
  }
  return knobs
    .filter(([, read]) => read(from) !== read(to))
    .map(([title, read]) => `${title} ${read(from)} → ${read(to)}`);
}

function objectiveText({ objective }: TrainingSettings): string {
  switch (objective?.kind) {
    case 'dpo':
      return `DPO with beta ${objective.beta}, `;
    case 'grpo':
      return `GRPO with ${objective.generations} answers a prompt, `;
    case undefined:
      return '';
  }
}
