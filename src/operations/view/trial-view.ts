import type { TrialView } from '../../campaign/view.ts';
import { summariseTraining } from '../../executor/summarise-training.ts';
import type { TrialRow } from '../../store/trials.ts';

/** A trial as people and the Researcher see it, beside its cost and its score on the search split. */
export const trialView = (
  { outcome, spec, ...trial }: TrialRow,
  { cost, score }: Pick<TrialView, 'cost' | 'score'>,
): TrialView => ({
  index: trial.index,
  state: trial.state,
  specHash: trial.specHash,
  changes: trial.changes,
  summary: summariseTraining(spec.training),
  score,
  generalLoss: outcome?.generalLoss ?? null,
  baseGeneralLoss: outcome?.baseGeneralLoss ?? null,
  trainLoss: outcome?.trainLoss ?? null,
  ...(outcome?.answeredBy === undefined ? {} : { answeredBy: outcome.answeredBy }),
  failure: trial.failure,
  cost,
  progress: trial.progress,
});
