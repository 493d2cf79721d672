import type { JobRow } from '../../store/jobs.ts';
import type { TrialRow } from '../../store/trials.ts';

/** Attempts before the failure of a required job is final. */
export const maxAttempts = 3;

/** A job without whose answers there is no campaign: the untrained model, and the runs over the test rows. */
export const isRequiredJob = (job: Pick<JobRow, 'kind'>, trial: Pick<TrialRow, 'spec'>): boolean =>
  job.kind === 'test' || trial.spec.training === null;
