import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOfferDue, waitAfterRefusal } from '../../campaign/job-wait.ts';
import { runSpecHash } from '../../campaign/run-spec.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import { TurnedAwayError } from '../../cluster/port.ts';
import type { EngineJob } from '../../executor/engine.ts';
import { asError, DataDamagedError, isDiskFull, isSystemError, TrexError } from '../../lib/errors.ts';
import { writeAtomically } from '../../lib/write-atomically.ts';
import { fromJsonl } from '../../recipe/jsonl.ts';
import type { Row } from '../../recipe/types.ts';
import { asActive, type CampaignRow, getCampaign } from '../../store/campaigns.ts';
import { isDatabaseOutage } from '../../store/db.ts';
import { findJob, type JobRow, listJobsInStates, moveJob } from '../../store/jobs.ts';
import { LeaseLost } from '../../store/leases.ts';
import { getTrial, moveTrial, type TrialRow } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { loadItems } from '../data/load-rows.ts';
import { probeRoom } from '../health/check-health.ts';
import { holdForDamage } from '../hold-campaign.ts';
import { earlierAttempts } from '../launch/job-key.ts';
import { runFolder } from '../launch/run-folder.ts';
import { waitsForCanary } from './canary.ts';
import { cancelJob } from './reap-jobs.ts';

/**
 * Submits recorded intents to the cluster, each campaign up to its own number of parallel runs. Safe to repeat: the
 * cluster knows a job by our key, so one that was submitted before a crash is adopted.
 */
export async function submitJobs({ ctx }: { ctx: Context }): Promise<number> {
  const open = await listJobsInStates(ctx.db, ['intent', 'live']);
  const live = new Map<string, number>();
  for (const job of open)
    if (job.state === 'live') live.set(job.campaignId, (live.get(job.campaignId) ?? 0) + 1);
  let submitted = 0;
  for (const job of open) {
    if (job.state !== 'intent') continue;
    const campaign = await getCampaign(ctx.db, job.campaignId);
    if (campaign.paused || !isActiveCampaign(campaign.state)) continue;
    const running = live.get(campaign.id) ?? 0;
    if (running >= asActive(campaign).brief.parallel) continue;
    const trial = await getTrial(ctx.db, job.trialId);
    // Its slot is free for other nodes meanwhile.
    if (!isOfferDue(job.wait, ctx.clock.now()) || (await waitsForCanary(ctx.db, job, trial))) continue;
    if (await submitJob(ctx, campaign, job, trial)) {
      live.set(campaign.id, running + 1);
      submitted++;
    }
  }
  return submitted;
}

async function submitJob(
  ctx: Context,
  campaign: CampaignRow,
  job: JobRow,
  trial: TrialRow,
): Promise<boolean> {
  const dir = runFolder(ctx, job.key);
  try {
    if (runSpecHash(trial.spec) !== trial.specHash)
      throw new TrexError(
        'spec_changed',
        'ours',
        'Its settings are not the ones that were priced and agreed to.',
      );
    const rendered = ctx.engine.render({
      spec: trial.spec,
      trainRows: job.kind === 'test' ? null : await trainRows(ctx, trial),
      weightsPath: job.kind === 'test' ? weightsPath(ctx, trial) : null,
      resumeFrom: earlierAttempts(job.key).map((key) => join('..', key)),
      predict: await predictions(ctx, campaign, trial, job),
      ...standardOf(trial, job),
      ...(job.kind === 'probe' ? { probe: true } : {}),
    });
    await mkdir(dir, { recursive: true });
    await probeRoom(dir);
    for (const file of rendered.files) await writeUnlessSame(join(dir, file.name), file.text);
    await ctx.confirmLease();
    await ctx.cluster.submit({
      key: job.key,
      dir,
      argv: rendered.argv,
      env: rendered.env,
      limitSeconds: job.limitSeconds,
      ...(rendered.gpus === undefined ? {} : { gpus: rendered.gpus }),
    });
  } catch (error) {
    if (error instanceof LeaseLost || isDatabaseOutage(error)) throw error;
    if (error instanceof DataDamagedError) {
      // Submitted once the data are restored and somebody writes `resume`.
      await holdForDamage(ctx, campaign.id, error);
      return false;
    }
    const known = error instanceof TrexError ? error : null;
    const message = isDiskFull(error) ? fullText : asError(error).message;
    ctx.log.error({ err: asError(error), job: job.key }, 'job.submit_failed');
    if (isPassing(error)) {
      const wait = waitAfterRefusal(job.wait, error instanceof TurnedAwayError, ctx.clock.now());
      await moveJob(ctx.db, job.key, 'intent', 'intent', { reason: message, wait });
      return false;
    }
    await moveJob(ctx.db, job.key, 'intent', 'ended', {
      clusterState: 'unknown',
      reason: message,
      stop: known === null ? null : { code: known.code, fault: known.fault, message },
      wait: null,
      endedAt: ctx.clock.now(),
    });
    return false;
  }
  // The thread says that it waits, and is to say that it starts.
  const wait = job.wait?.isTold === true ? { ...job.wait, needsPeople: false, offers: null } : null;
  const accepted = { submittedAt: ctx.clock.now(), reason: null, wait };
  if (!(await moveJob(ctx.db, job.key, 'intent', 'live', accepted))) {
    // The campaign was stopped between our read and the cluster's answer: the submitted job has to go.
    if ((await findJob(ctx.db, job.key))?.state === 'harvested')
      await cancelJob(ctx, job, 'withdrawn before it began');
    return false;
  }
  await moveTrial(ctx.db, trial.id, ['planned', 'submitted'], 'running');
  return true;
}

/** The job is submitted again after a pause: the cluster is away or refuses it now, or this machine has trouble. */
function isPassing(error: unknown): boolean {
  if (error instanceof TrexError) return error.fault === 'cluster' || error.fault === 'provider';
  return isSystemError(error);
}

const fullText = 'There is no room on the disk of this machine for the files of the run.';

/**
 * The baseline tries the standard tasks, the test measures them: missing parts are noticed before anything is
 * trained.
 */
function standardOf(trial: TrialRow, job: JobRow): Pick<EngineJob, 'standard'> {
  if (job.kind === 'test') return { standard: 'measure' };
  return trial.spec.training === null ? { standard: 'try' } : {};
}

async function trainRows(ctx: Context, trial: TrialRow): Promise<Row[] | null> {
  const { rowsHash } = trial.spec;
  return rowsHash === null
    ? null
    : fromJsonl<Row>(await ctx.blobs.get(rowsHash, 'the rows of a training run'));
}

/**
 * The path of a trained model's weights, in the folder of its run; the base model has none of its own. It is relative
 * to the folder of this run: wherever the cluster keeps run folders, they are side by side.
 */
function weightsPath(ctx: Context, trial: TrialRow): string | null {
  const runKey = trial.outcome?.runKey;
  if (trial.spec.training === null || runKey === undefined) return null;
  return join('..', runKey, ctx.engine.weightsFile);
}

async function predictions(ctx: Context, campaign: CampaignRow, trial: TrialRow, job: JobRow) {
  if (job.kind === 'probe') return [];
  const split = splitOf(trial, job);
  const items = await loadItems(ctx, campaign, split);
  return [{ split, items: items.map(({ completion, ...asked }) => asked) }];
}

/** The one split a job answers: search while searching, select to confirm, test at the very end. */
export function splitOf(trial: TrialRow, job: Pick<JobRow, 'kind'>): 'search' | 'select' | 'test' {
  if (job.kind === 'test') return 'test';
  return trial.purpose === 'confirm' ? 'select' : 'search';
}

/** An adopted job may be reading its files: the same content is not written again. */
async function writeUnlessSame(path: string, text: string): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => null);
  if (before !== text) await writeAtomically(path, text);
}
