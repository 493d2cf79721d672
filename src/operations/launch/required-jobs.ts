import type { JobRow } from '../../store/jobs.ts';
import type { TrialRow } from '../../store/trials.ts';

/** So often a job is handed over until its end counts, whatever was the cause. */
export const mostAttempts = 3;

/** Without these answers there is no campaign: the untrained model's, and those to the test rows. */
export const isNeeded = (job: Pick<JobRow, 'kind'>, trial: Pick<TrialRow, 'spec'>): boolean =>
  job.kind === 'test' || trial.spec.training === null;
