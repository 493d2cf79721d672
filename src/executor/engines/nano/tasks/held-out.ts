import { unitHash } from '../../../../lib/hash.ts';

const heldOutShare = 0.12;

/**
 * Whether this underlying value (a date, a pair of numbers, a person) belongs to the evaluation side of a task. It
 * depends on the value alone, so that no wording of it can ever be in a pool, or aligned in the base's own text.
 */
export function isHeldOut(task: string, key: string): boolean {
  return unitHash(`nano ${task} ${key}`) < heldOutShare;
}

/** Order does not matter in a sum: 38+47 and 47+38 are on the same side. */
export function sumKey(...terms: number[]): string {
  return [...terms].sort((a, b) => a - b).join('+');
}
