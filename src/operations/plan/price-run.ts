import { priceOf } from '../../campaign/price.ts';
import type { RunSpec } from '../../campaign/run-spec.ts';
import type { Engine, Estimate } from '../../executor/engine.ts';
import { type Calibration, type CostBand, costBand } from '../../executor/estimate-cost.ts';
import { kindOfTraining } from '../../executor/summarise-training.ts';
import { findCalibration } from '../../store/calibrations.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { checkRun, type PlannedRun } from './check-run.ts';

/** Everything that the price of a run depends on besides the run. */
export interface Pricing {
  engine: Engine;
  /** 0 is no limit. */
  memoryLimitBytes: number;
  usdPerHour: number | null;
  correctionOf(spec: RunSpec, estimate: Estimate): Promise<Correction>;
}

export interface Correction extends Calibration {
  /** Runs of this kind, or a probe of one, have been measured; else it is a guess. */
  isMeasured: boolean;
}

export interface PricedRun extends CostBand {
  /** The engine's own, before what was measured corrects it. */
  predictedSeconds: number;
  isMeasured: boolean;
}

/** @throws TrexError when it could never train, with what to change */
export async function priceRun(pricing: Pricing, run: PlannedRun): Promise<PricedRun> {
  const estimate = checkRun(pricing.engine, run, pricing.memoryLimitBytes);
  const correction = await pricing.correctionOf(run.spec, estimate);
  return {
    predictedSeconds: estimate.seconds,
    isMeasured: correction.isMeasured,
    ...costBand(estimate.seconds, correction, pricing.usdPerHour),
  };
}

export const pricingOf = (ctx: Context, campaign: Pick<CampaignRow, 'brief'>): Pricing => ({
  engine: ctx.engine,
  memoryLimitBytes: ctx.settings.memoryLimitBytes,
  usdPerHour: priceOf(ctx.settings, campaign),
  correctionOf: (spec, estimate) => correctionOf(ctx, spec, estimate),
});

/**
 * The factor of a slow baseline is believed of steps up to this much: steps on a GPU are not slow because processes
 * start slowly.
 */
const slowestSteps = 3;

/**
 * The correction of the engine's estimate by measurements: whole runs of this kind, else a probe of its steps. Before
 * either, runs of other models here, or the baseline, which has just run: start and answers take what they took
 * there, and where an engine knows no parts, a machine that was slow at the baseline is as slow at all of it (at load
 * 11 on two cores the embedded engine took 12 times its processor time for both).
 */
export async function correctionOf(
  ctx: Context,
  spec: RunSpec,
  { seconds, parts }: Estimate,
): Promise<Correction> {
  const names = calibrationNames(ctx, spec);
  const own = await findCalibration(ctx.db, names.own);
  if (own.runs > 0) return { ...own, isMeasured: true };
  const step = await findCalibration(ctx.db, names.step);
  const isProbed = parts !== undefined && step.runs > 0;
  const wide = await findCalibration(ctx.db, names.wide);
  if (!isProbed && wide.runs > 0) return { ...wide, runs: 0, isMeasured: false };
  const baseline = await findCalibration(ctx.db, calibrationNames(ctx, { ...spec, training: null }).own);
  const slowed = Math.max(1, baseline.factor);
  if (parts === undefined) return { ...own, factor: slowed, isMeasured: false };
  const { startSeconds, answerSeconds, stepSeconds, steps } = parts;
  const stepFactor = isProbed ? step.factor : Math.min(slowestSteps, slowed);
  const corrected = baseline.factor * (startSeconds + answerSeconds) + stepFactor * stepSeconds * steps;
  return { ...own, factor: corrected / seconds, isMeasured: isProbed };
}

/**
 * Times are learned per cluster, engine, hardware and method, for each model and for all together; the untrained base
 * is a method of its own. `step` is measured by probes.
 */
export function calibrationNames(ctx: Context, spec: RunSpec): { own: string; wide: string; step: string } {
  const wide = [ctx.cluster.name, spec.engine, ctx.engine.hardware, kindOfTraining(spec.training)]
    .filter((part) => part !== undefined)
    .join('/');
  const own = `${wide}/${spec.baseModel}`;
  return { own, wide, step: `${own}/step` };
}
