import { priceOf } from '../../campaign/price.ts';
import type { RunSpec } from '../../campaign/run-spec.ts';
import type { Engine, Estimate } from '../../executor/engine.ts';
import { type Calibration, type CostBand, costBand } from '../../executor/estimate-cost.ts';
import { kindOfTraining } from '../../executor/summarise-training.ts';
import { findCalibration } from '../../store/calibrations.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { checkRun, type PlannedRun } from './check-run.ts';

/** What a run is priced with. */
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
 * What was measured of this kind of run: runs as a whole, else a probe of its steps with the start and the answers of
 * the baseline. Before either, what other models took here, or the baseline: it has just run, and a loaded machine is slow
 * at everything.
 */
export async function correctionOf(
  ctx: Context,
  spec: RunSpec,
  { seconds, parts }: Estimate,
): Promise<Correction> {
  const names = calibrationNames(ctx, spec);
  const own = await findCalibration(ctx.db, names.own);
  if (own.runs > 0) return { ...own, isMeasured: true };
  const baseline = await findCalibration(ctx.db, calibrationNames(ctx, { ...spec, training: null }).own);
  const step = await findCalibration(ctx.db, names.step);
  if (parts !== undefined && step.runs > 0) {
    const { startSeconds, answerSeconds, stepSeconds, steps } = parts;
    const corrected = baseline.factor * (startSeconds + answerSeconds) + step.factor * stepSeconds * steps;
    return { ...own, factor: corrected / seconds, isMeasured: true };
  }
  const wide = await findCalibration(ctx.db, names.wide);
  if (wide.runs > 0) return { ...wide, runs: 0, isMeasured: false };
  return { ...own, factor: Math.min(3, Math.max(1, baseline.factor)), isMeasured: false };
}

/**
 * Times are learned per cluster, engine, hardware and method, for each model and for all together; the untrained base is
 * a method of its own. `step` is what probes have measured.
 */
export function calibrationNames(ctx: Context, spec: RunSpec): { own: string; wide: string; step: string } {
  const wide = [ctx.cluster.name, spec.engine, ctx.engine.hardware, kindOfTraining(spec.training)]
    .filter((part) => part !== undefined)
    .join('/');
  const own = `${wide}/${spec.baseModel}`;
  return { own, wide, step: `${own}/step` };
}
