import type { TrainingSettings } from './run-spec.ts';

/** Settings that the system owns are no factors. */
const owned = new Set(['memoryLimitBytes', 'maxSequenceTokens', 'lora', 'objective']);

/**
 * What differs between two settings, as factor keys for the evidence: `learningRate 0.001→0.0005`,
 * `method full→lora`, `lora.rank 8→16`. Empty when either side is untrained.
 */
export function trainingFactors(from: TrainingSettings | null, to: TrainingSettings | null): string[] {
  if (from === null || to === null) return [];
  const factors: string[] = [];
  for (const [name, value] of Object.entries(to)) {
    const before = from[name as keyof TrainingSettings];
    if (!owned.has(name) && before !== value) factors.push(`${name} ${String(before)}→${String(value)}`);
  }
  const objective = ({ objective }: TrainingSettings): string => objective?.kind ?? 'sft';
  if (objective(from) !== objective(to)) factors.push(`objective ${objective(from)}→${objective(to)}`);
  if (from.lora !== null && to.lora !== null && from.lora.rank !== to.lora.rank) {
    factors.push(`lora.rank ${from.lora.rank}→${to.lora.rank}`);
  }
  return factors;
}
