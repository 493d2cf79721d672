import { priceOf } from '../../campaign/price.ts';
import type { RunSpec } from '../../campaign/run-spec.ts';
import type { Engine } from '../../executor/engine.ts';
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
  /** What was measured of runs of this kind; `runs` 0 where nothing was. */
  calibrationOf(spec: RunSpec): Promise<Calibration>;
}

export interface PricedRun extends CostBand {
  /** The engine's own, before what was measured corrects it. */
  predictedSeconds: number;
  /** Runs of this kind have been measured; else the price is a formula. */
  isMeasured: boolean;
}

/** @throws TrexError when it could never train, with what to change */
export async function priceRun(pricing: Pricing, run: PlannedRun): Promise<PricedRun> {
  const { seconds } = checkRun(pricing.engine, run, pricing.memoryLimitBytes);
  const calibration = await pricing.calibrationOf(run.spec);
  return {
    predictedSeconds: seconds,
    isMeasured: calibration.runs > 0,
    ...costBand(seconds, calibration, pricing.usdPerHour),
  };
}

export const pricingOf = (ctx: Context, campaign: Pick<CampaignRow, 'brief'>): Pricing => ({
  engine: ctx.engine,
  memoryLimitBytes: ctx.settings.memoryLimitBytes,
  usdPerHour: priceOf(ctx.settings, campaign),
  calibrationOf: (spec) => calibrationOf(ctx, spec),
});

/**
 * What was measured of this kind of run. Before the first one, the baseline tells how busy the machine is: it has
 * just run, and a loaded machine is slow at everything.
 */
async function calibrationOf(ctx: Context, spec: RunSpec): Promise<Calibration> {
  const own = await findCalibration(ctx.db, calibrationName(ctx, spec));
  if (own.runs > 0) return own;
  const baseline = await findCalibration(ctx.db, calibrationName(ctx, { ...spec, training: null }));
  return { ...own, factor: Math.min(3, Math.max(1, baseline.factor)) };
}

/** Times are learned per cluster, engine, hardware and method; the untrained base is a method of its own. */
export const calibrationName = (ctx: Context, spec: RunSpec): string =>
  [ctx.cluster.name, spec.engine, ctx.engine.hardware, kindOfTraining(spec.training)]
    .filter((part) => part !== undefined)
    .join('/');
