import type { Failure } from '../../campaign/failure.ts';
import { openTrialStates } from '../../campaign/states.ts';
import type { EngineOutcome } from '../../executor/engine.ts';
import { learnFrom } from '../../executor/estimate-cost.ts';
import { probedText, unprobedText } from '../../report/sentences/probe.ts';
import { updateCalibration } from '../../store/calibrations.ts';
import { moveTrial } from '../../store/trials.ts';
import { type Change, recordChange } from '../change-campaign.ts';
import { calibrationNames } from '../plan/price-run.ts';
import { say, showProgress } from '../say.ts';
import type { EndedJob } from './repeat-run.ts';

/** The measured time of its steps corrects the price of every run of its kind. */
export async function keepProbe(
  change: Change,
  probe: EndedJob,
  outcome: Extract<EngineOutcome, { ok: true }>,
): Promise<void> {
  const { ctx, tx, campaign, at } = change;
  const { trial, job } = probe;
  const { pace } = outcome;
  const predicted = trial.predictedSeconds;
  if (pace === undefined || predicted === null) {
    const message = 'It did not say how long its steps took.';
    return endProbe(change, probe, { code: 'internal', fault: 'ours', message, log: [] });
  }
  const { trainLoss, generalLoss, baseGeneralLoss, tokensPerSecond } = outcome;
  const kept = { trainLoss, generalLoss, baseGeneralLoss, tokensPerSecond, weightsSha256: null };
  const values = { finishedAt: at, progress: 1, outcome: { ...kept, pace, runKey: job.key } };
  if (!(await moveTrial(tx, trial.id, openTrialStates, 'scored', values))) return;
  await updateCalibration(
    tx,
    calibrationNames(ctx, trial.spec).step,
    (before) => learnFrom(before, predicted, pace.secondsPerStep),
    at,
  );
  await recordChange(change, 'probe.measured', { job: job.key, ...pace, predictedSeconds: predicted });
  const text = probedText(pace, predicted);
  await say(tx, campaign, { key: `probed:${job.key}`, payload: { kind: 'text', text }, at });
  await showProgress(tx, campaign, at);
}

/** It measured nothing: the search goes on with its estimate, and says so. */
export async function endProbe(
  { ctx, tx, campaign, at }: Change,
  { trial, job }: EndedJob,
  failure: Failure,
): Promise<void> {
  const isWanted = job.cancelBecause === null;
  const state = isWanted ? 'failed' : 'withdrawn';
  if (!(await moveTrial(tx, trial.id, openTrialStates, state, { failure, finishedAt: at })) || !isWanted)
    return;
  ctx.log.warn({ job: job.key, code: failure.code }, 'probe.failed');
  await say(tx, campaign, {
    key: `probed:${job.key}`,
    payload: { kind: 'text', text: unprobedText(failure) },
    at,
  });
  await showProgress(tx, campaign, at);
}
