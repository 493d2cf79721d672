import { z } from 'zod';

/** A standard task as lm-eval measured it: untrusted, because a job wrote it. */
export const StandardScore = z.object({
  task: z.string().regex(/^[\w.:/-]{1,100}$/),
  metric: z.string().regex(/^[\w.:@/-]{1,60}$/),
  value: z.number(),
  /** Null where the metric has none. */
  standardError: z.number().nonnegative().nullable(),
  items: z.int().nonnegative(),
  higherIsBetter: z.boolean(),
});
export type StandardScore = z.infer<typeof StandardScore>;

/** At most this many scores are kept of one model. */
export const maxStandardScores = 40;

/** A standard task before and after training. */
export interface StandardChange {
  task: string;
  metric: string;
  before: Pick<StandardScore, 'value' | 'standardError' | 'items'>;
  after: Pick<StandardScore, 'value' | 'standardError' | 'items'>;
  /** Whether the difference is more than noise, and which way; null where no noise is known. */
  verdict: 'better' | 'worse' | 'even' | null;
}

const z95 = 1.96;

/**
 * Compares the tasks that were measured both times, as independent samples: on the same items the difference is known
 * better than that, so a verdict errs towards `even`.
 */
export function standardChanges(before: StandardScore[], after: StandardScore[]): StandardChange[] {
  return before.flatMap((one) => {
    const other = after.find(({ task, metric }) => task === one.task && metric === one.metric);
    if (other === undefined) return [];
    return [
      { task: one.task, metric: one.metric, before: one, after: other, verdict: verdictOf(one, other) },
    ];
  });
}

function verdictOf(before: StandardScore, after: StandardScore): StandardChange['verdict'] {
  if (before.standardError === null || after.standardError === null) return null;
  const gain = (after.value - before.value) * (after.higherIsBetter ? 1 : -1);
  const noise = z95 * Math.hypot(before.standardError, after.standardError);
  if (Math.abs(gain) <= noise) return 'even';
  return gain > 0 ? 'better' : 'worse';
}
