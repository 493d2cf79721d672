import { createRng, type Rng } from '../../../../lib/rng.ts';
import type { Example, PoolRow, TaskFamily } from './family.ts';
import { isHeldOut } from './held-out.ts';

const wrongShare = 0.35;
const duplicateRows = 4000;
const duplicateUnique = 120;
export const offTopicRows = 4000;

/** A pool row with its right answer beside the completion. */
export interface LabelledRow extends PoolRow {
  right: string;
}

/** Draws until the example is on the wanted side. */
function drawExample(family: TaskFamily, form: number, rng: Rng, side: 'pools' | 'evaluation'): Example {
  for (;;) {
    const example = family.forms[form]!(rng);
    if (isHeldOut(family.name, example.key) === (side === 'evaluation')) return example;
  }
}

/** Few rows of the easy forms, all right, no prompt twice. */
export function buildClean(family: TaskFamily, seed: number): PoolRow[] {
  const rng = createRng(seed);
  const rows = new Map<string, PoolRow>();
  while (rows.size < family.cleanRows) {
    const { prompt, completion, key } = drawExample(family, rng.pick(family.cleanForms), rng, 'pools');
    if (family.keepClean && !family.keepClean(rng, { prompt, completion, key })) continue;
    rows.set(prompt, { prompt, completion });
  }
  return [...rows.values()];
}

/** Many rows of all forms, about a third of them wrong. */
export function buildNoisy(family: TaskFamily, seed: number): LabelledRow[] {
  const rng = createRng(seed);
  return Array.from({ length: family.noisyRows }, () => {
    const example = drawExample(family, rng.int(family.forms.length), rng, 'pools');
    const completion = rng.next() < wrongShare ? mistake(family, example, rng) : example.completion;
    return { prompt: example.prompt, completion, right: example.completion };
  });
}

function mistake(family: TaskFamily, example: Example, rng: Rng): string {
  for (;;) {
    const wrong = rng.pick(family.mistakes)(rng, example);
    if (wrong !== example.completion && wrong !== '') return wrong;
  }
}

/** 120 right rows of the first two easy forms, each some 33 times. */
export function buildDuplicates(family: TaskFamily, seed: number): PoolRow[] {
  const rng = createRng(seed);
  const unique = Array.from({ length: duplicateUnique }, () => {
    const { prompt, completion } = drawExample(family, rng.pick(family.cleanForms.slice(0, 2)), rng, 'pools');
    return { prompt, completion };
  });
  return Array.from({ length: duplicateRows }, () => ({ ...rng.pick(unique) }));
}

/** Right rows of the other families. */
export function buildOffTopic(others: readonly TaskFamily[], seed: number): PoolRow[] {
  const rng = createRng(seed);
  return Array.from({ length: offTopicRows }, () => {
    const family = rng.pick(others);
    const { prompt, completion } = drawExample(family, rng.int(family.forms.length), rng, 'pools');
    return { prompt, completion };
  });
}

/**
 * Right rows on held-out values, no prompt twice, the forms in turn; a shorter list is the start of a longer one.
 * @throws RangeError when the family has fewer than `count`.
 */
export function buildEvaluation(family: TaskFamily, count: number, seed: number): PoolRow[] {
  const rng = createRng(seed);
  const rows = new Map<string, PoolRow>();
  for (let turn = 0; rows.size < count; turn++) {
    if (turn > 50 * count + 1000)
      throw new RangeError(`${family.name} has no ${count} different evaluation items.`);
    const { prompt, completion } = drawExample(family, turn % family.forms.length, rng, 'evaluation');
    rows.set(prompt, { prompt, completion });
  }
  return [...rows.values()];
}

export const duplicatePoolSize = { rows: duplicateRows, unique: duplicateUnique };
