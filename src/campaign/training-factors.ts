import { methodOf, type TrainingSettings } from './run-spec.ts';

/** Settings that the system owns are no factors. */
const owned = new Set(['memoryLimitBytes', 'maxSequenceTokens', 'method', 'lora', 'objective']);

/**
 * Differences between two settings, as factor keys for the evidence: `learningRate 0.001→0.0005`, `method full→lora`,
 * `lora.rank 8→16`. Empty when either side is untrained.
 */
export function trainingFactors(from: TrainingSettings | null, to: TrainingSettings | null): string[] {
  if (from === null || to === null) return [];
  const factors: string[] = [];
  const [before, after] = [methodOf(from), methodOf(to)];
  if (before !== after) factors.push(`method ${before}→${after}`);
  for (const [name, value] of Object.entries(to)) {
    const before = from[name as keyof TrainingSettings];
    if (!owned.has(name) && before !== value) factors.push(`${name} ${String(before)}→${String(value)}`);
  }
  factors.push(...objectiveFactors(from.objective, to.objective));
  if (from.lora !== null && to.lora !== null && from.lora.rank !== to.lora.rank) {
    factors.push(`lora.rank ${from.lora.rank}→${to.lora.rank}`);
  }
  return factors;
}

function objectiveFactors(from: TrainingSettings['objective'], to: TrainingSettings['objective']): string[] {
  if (from?.kind !== to?.kind) return [`objective ${from?.kind ?? 'sft'}→${to?.kind ?? 'sft'}`];
  if (from === undefined || to === undefined) return [];
  const factors = from.beta === to.beta ? [] : [`objective.beta ${from.beta}→${to.beta}`];
  if (from.kind === 'grpo' && to.kind === 'grpo' && from.generations !== to.generations)
    factors.push(`objective.generations ${from.generations}→${to.generations}`);
  return factors;
}
