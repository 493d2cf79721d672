import type { Rng } from '../../../../lib/rng.ts';

export interface PoolRow {
  prompt: string;
  completion: string;
}

/** One right row and the value it was made from. */
export interface Example extends PoolRow {
  /** The underlying value in one writing, whatever the form: decides its side (pools or evaluation). */
  key: string;
}

/**
 * A task family: draws right examples, and the mistakes that people make in them. A form is a way to ask; pools differ in
 * the forms they cover, evaluation has all of them in equal numbers.
 */
export interface TaskFamily {
  name: string;
  title: string;
  metric: 'exact_match' | 'accuracy';
  /** Words by which a request for this kind of task can be recognised. */
  keywords: string[];
  forms: readonly ((rng: Rng) => Example)[];
  /** Indices into forms. */
  cleanForms: readonly number[];
  cleanRows: number;
  noisyRows: number;
  /** The forms that `clean` leaves out, and the mistakes in `noisy`, in a few words each. */
  cleanNote: string;
  noisyNote: string;
  /** Wrong completions of an example; one that happens to be right is drawn again. */
  mistakes: readonly ((rng: Rng, example: Example) => string)[];
  /** Drops some examples from `clean`, to unbalance it. */
  keepClean?(rng: Rng, example: Example): boolean;
  /** Further pools of this family alone. */
  extraPools?: Record<string, { title: string; note: string; build(rng: Rng): PoolRow[] }>;
}
