import type { TrainingMethod } from '../../../campaign/brief.ts';
import { exceedsForgettingLimit } from '../../../campaign/guard.ts';
import { methodOf, type TrainingSettings } from '../../../campaign/run-spec.ts';
import type { NodeMemory, ProposalContext } from '../../port.ts';

/** Limits learned from failed runs. Null: none known. */
export interface Lessons {
  /** Rates at or above this diverged or forgot too much, by method. */
  rateBelow: Record<TrainingMethod, number | null>;
  /** Batches of this size or more ran out of memory. */
  batchBelow: number | null;
}

const unstable = /diverg|nan|overflow|forgot/;
const outOfMemory = /memory|oom/;

function settingsOf(summary: string): { method: TrainingMethod; rate: number | null; batch: number | null } {
  const rate = /\b(?:lr|learning rate) ([\d.]+(?:e-?\d+)?)/i.exec(summary)?.[1];
  const batch = /\bbatch (\d+)/i.exec(summary)?.[1];
  return {
    method: /\bqlora\b/i.test(summary) ? 'qlora' : /\blora\b/i.test(summary) ? 'lora' : 'full',
    rate: rate === undefined ? null : Number(rate),
    batch: batch === undefined ? null : Number(batch),
  };
}

const least = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

/** All nodes the context shows, each once. */
export function knownNodes(context: ProposalContext): NodeMemory[] {
  const all = [...context.path, context.parent, ...context.siblings, ...context.keyNodes];
  return [...new Map(all.map((n) => [n.view.number, n])).values()].sort(
    (a, b) => a.view.number - b.view.number,
  );
}

export function learnFromFailures(context: ProposalContext): Lessons {
  const lessons: Lessons = { rateBelow: { full: null, lora: null, qlora: null }, batchBelow: null };
  const note = (code: string, method: TrainingMethod, rate: number | null, batch: number | null): void => {
    if (unstable.test(code)) lessons.rateBelow[method] = least(lessons.rateBelow[method], rate);
    if (outOfMemory.test(code)) lessons.batchBelow = least(lessons.batchBelow, batch);
  };
  for (const { view, training } of knownNodes(context)) {
    for (const trial of view.trials) {
      const forgot = exceedsForgettingLimit(trial.generalLoss, trial.baseGeneralLoss)
        ? 'forgot_too_much'
        : null;
      const code = trial.failure?.code ?? forgot;
      if (code === null) continue;
      const said = settingsOf(trial.summary);
      const alone = view.trials.length === 1 ? training : null;
      note(
        code,
        said.method,
        said.rate ?? alone?.learningRate ?? null,
        said.batch ?? alone?.batchSize ?? null,
      );
    }
    if (view.failure && view.trials.length <= 1 && training)
      note(view.failure.code, methodOf(training), training.learningRate, training.batchSize);
  }
  return lessons;
}

/** True when no failure rules these settings out. */
export function isSafe(training: TrainingSettings, lessons: Lessons): boolean {
  const rate = lessons.rateBelow[methodOf(training)];
  if (rate !== null && training.learningRate >= rate * 0.999) return false;
  return lessons.batchBelow === null || training.batchSize < lessons.batchBelow;
}
