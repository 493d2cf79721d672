import { ceilingScale, costOf, isAbove, secondsOf } from '../../campaign/cost.ts';
import { isWithdrawnByEnd } from '../../campaign/failure.ts';
import type { PlannedNode, PlannedTrial } from '../../campaign/planned-node.ts';
import { priceOf } from '../../campaign/price.ts';
import { runSpecHash } from '../../campaign/run-spec.ts';
import type { Estimate } from '../../executor/engine.ts';
import { fromJsonl, toJsonl } from '../../recipe/jsonl.ts';
import { spreadRows } from '../../recipe/spread-rows.ts';
import type { Row } from '../../recipe/types.ts';
import { probingText } from '../../report/sentences/probe.ts';
import { budgetLeft, ledgerTotals } from '../../store/ledger.ts';
import { insertTrial, listTrialsOfNode, type TrialRow } from '../../store/trials.ts';
import { changeActiveCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { calibrationNames, correctionOf } from '../plan/price-run.ts';
import { say, showProgress } from '../say.ts';
import type { Tree } from '../view/load-tree.ts';
import { rootOf } from '../view/load-tree.ts';
import { launchJob } from './launch-node.ts';

/** A probe may take at most this share of what is left; what takes longer to measure is reported as an estimate. */
const share = 0.1;
const minSeconds = 60;
/** A probe that is stopped while it starts would measure nothing. */
const startSlack = 1.5;

/** The probe of runs of this kind; undefined when there was none, or an end of the campaign withdrew it. */
export function probeOf(
  ctx: Context,
  tree: Tree,
  { spec }: Pick<PlannedTrial, 'spec'>,
): TrialRow | undefined {
  const { own } = calibrationNames(ctx, spec);
  return tree.trials.find(
    (t) => t.purpose === 'probe' && !isWithdrawnByEnd(t) && calibrationNames(ctx, t.spec).own === own,
  );
}

/**
 * Measures a few real steps of a node that is too expensive by a formula alone, before anything is refused: a job of
 * its own, reserved and paid for like any other, once for each kind of run. Not where such an amount would need
 * approval.
 * @returns false where the price is measured, was tried to be, or measuring it is too expensive itself
 */
export async function launchProbe(ctx: Context, tree: Tree, planned: PlannedNode): Promise<boolean> {
  const { probeSteps } = ctx.engine;
  const [trial] = planned.trials;
  const root = rootOf(tree);
  if (probeSteps === undefined || trial === undefined || root === undefined) return false;
  if (trial.isMeasured !== false || planned.unseenCode !== null || probeOf(ctx, tree, trial)) return false;
  const probe = await planProbe(ctx, trial, probeSteps);
  if (probe === null) return false;

  return changeActiveCampaign(ctx, tree.campaign.id, async (change) => {
    const { tx, campaign, at } = change;
    if (campaign.state !== 'searching' || campaign.paused) return false;
    const { budget, askAbove } = campaign.brief;
    const usdPerHour = priceOf(ctx.settings, campaign);
    const left = budgetLeft(budget, await ledgerTotals(tx, campaign.id));
    const seconds = probeCeiling(secondsOf(left, usdPerHour));
    const ceiling = costOf(seconds, usdPerHour);
    if (seconds < probe.startSeconds * startSlack || isAbove(ceiling, askAbove)) return false;
    if (ceilingScale(ceiling, ceiling, left) !== 1) return false;
    const known = await listTrialsOfNode(tx, root.id);
    if (known.some((t) => t.specHash === probe.specHash && t.state !== 'withdrawn')) return false;
    const expected = costOf(Math.min(probe.seconds, seconds), usdPerHour);
    const probing = await insertTrial(tx, {
      campaignId: campaign.id,
      nodeId: root.id,
      index: known.length,
      purpose: 'probe',
      state: 'planned',
      spec: probe.spec,
      specHash: probe.specHash,
      changes: [],
      predictedSeconds: probe.stepSeconds,
      expectedSeconds: expected.computeSeconds,
      ceilingSeconds: seconds,
      expectedUsd: expected.usd,
      ceilingUsd: ceiling.usd,
      createdAt: at,
    });
    await launchJob(change, {
      node: root.number,
      trial: probing,
      kind: 'probe',
      attempt: 1,
      ceilingSeconds: seconds,
    });
    await recordChange(change, 'probe.launched', { specHash: probe.specHash, ceiling });
    const text = probingText(planned.expected, probeSteps, ceiling);
    await say(tx, campaign, { key: `probe:${probe.specHash}`, payload: { kind: 'text', text }, at });
    await showProgress(tx, campaign, at);
    return true;
  });
}

/** Ceiling of a probe: a tenth of what is left, and a minute at least where there is one. */
const probeCeiling = (left: number): number => Math.min(left, Math.max(minSeconds, left * share));

/** The same training on as many of its rows as fill a few batches; null where the run itself is no longer than that. */
async function planProbe(ctx: Context, { spec }: PlannedTrial, steps: number) {
  const { training, rowsHash } = spec;
  if (training === null || rowsHash === null) return null;
  const rows = fromJsonl<Row>(await ctx.blobs.get(rowsHash, 'the rows of a plan'));
  const answersARow = training.objective?.kind === 'grpo' ? training.objective.generations : 1;
  const wanted = Math.ceil((training.batchSize * steps) / answersARow);
  const epochs = wanted / Math.min(rows.length, wanted);
  if (rows.length * training.epochs <= wanted) return null;
  const chosen = spreadRows(rows, wanted);
  const probeSpec = {
    ...spec,
    rowsHash: await ctx.blobs.put(toJsonl(chosen)),
    training: { ...training, epochs },
  };
  const estimate: Estimate = ctx.engine.estimate(probeSpec, chosen, { prompts: 0 });
  if (estimate.parts === undefined) return null;
  const { factor } = await correctionOf(ctx, probeSpec, estimate);
  const { startSeconds, stepSeconds } = estimate.parts;
  return {
    spec: probeSpec,
    specHash: runSpecHash(probeSpec),
    seconds: estimate.seconds * factor,
    startSeconds: startSeconds * factor,
    stepSeconds,
  };
}
