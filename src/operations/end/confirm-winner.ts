import { ceilingScale, costOf, scaleCost, secondsOf, without } from '../../campaign/cost.ts';
import { isWithdrawnByEnd } from '../../campaign/failure.ts';
import { priceOf } from '../../campaign/price.ts';
import { type RunSpec, runSpecHash } from '../../campaign/run-spec.ts';
import { isFinalTrial } from '../../campaign/states.ts';
import { freshSeeds } from '../../executor/ending-cost.ts';
import { existing } from '../../lib/errors.ts';
import { listText } from '../../lib/text.ts';
import { updateCampaign } from '../../store/campaigns.ts';
import { budgetLeft, ledgerTotals } from '../../store/ledger.ts';
import type { NodeRow } from '../../store/nodes.ts';
import { findSplitResult, insertTrial, listTrialsOfNode } from '../../store/trials.ts';
import { answerCeiling, finishingCost, repeatCost, testCost } from '../budget/confirmation-reserve.ts';
import { changeActiveCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { BudgetExceeded, launchJob } from '../launch/launch-node.ts';
import { say } from '../say.ts';
import { nodeOf, rootOf, scoredTrialOf, type Tree } from '../view/load-tree.ts';
import { pickFinalists } from '../view/pick-finalists.ts';
import { askOrEnd, endUnconfirmed } from './end-unconfirmed.ts';
import { finishCampaign, type Winner } from './finish-campaign.ts';

/**
 * One step of finishing: repeat the finalists with fresh seeds on select, as many as the budget holds, pick the
 * winner, open test, report. Each pass looks at the tree and does the next thing.
 */
export async function confirmWinner(ctx: Context, tree: Tree): Promise<void> {
  const { testing } = tree.campaign;
  if (testing !== null) return await awaitTests(ctx, tree, testing);
  const candidates = await pickFinalists(ctx, tree);
  if (candidates.length === 0) {
    if (tree.campaign.wrapUp === null) await finishCampaign(ctx, tree, null);
    else await endUnconfirmed(ctx, tree, () => 'There was nothing to confirm.');
    return;
  }
  const repeats = tree.trials.filter((t) => t.purpose === 'confirm' && !isWithdrawnByEnd(t));
  const open = repeats.filter((t) => !isFinalTrial(t.state)).length;
  if (open >= tree.campaign.brief.parallel) return;
  if (await launchNextRepeat(ctx, tree, candidates)) return;
  if (open > 0) return;
  if (!repeats.some((t) => candidates.some((node) => node.id === t.nodeId))) {
    const usdPerHour = priceOf(ctx.settings, tree.campaign);
    const testing = testCost(tree, usdPerHour);
    const need = finishingCost(tree, candidates, usdPerHour);
    await askOrEnd(ctx, tree, {
      what: `a second run of ${listText(candidates.map((n) => `#${n.number}`))} with a fresh seed`,
      ceiling: costOf(need.computeSeconds - testing.computeSeconds, usdPerHour),
      kept: { cost: testing, purpose: 'to open the test rows' },
      note: 'Without one I announce no winner.',
      need,
    });
    return;
  }
  const winner = await pickWinner(ctx, tree, candidates);
  // It has won before and has answered the test rows already.
  if (tree.tested.has(scoredTrialOf(tree, winner.node).id)) await finishCampaign(ctx, tree, winner);
  else await launchTests(ctx, tree, winner.node);
}

/** The test split is open for the winner: nothing is decided any more. */
async function awaitTests(ctx: Context, tree: Tree, testing: number): Promise<void> {
  if (tree.jobs.some((job) => job.kind === 'test' && job.state !== 'harvested')) return;
  const node = nodeOf(tree, testing);
  await finishCampaign(ctx, tree, { node, confirmations: await confirmationsOf(ctx, tree, node) });
}

/**
 * Repeats go seed by seed through the finalists, so that a budget that ends early still gave each as many.
 * @returns false when there is none left, or the next cannot be paid
 */
async function launchNextRepeat(ctx: Context, tree: Tree, candidates: NodeRow[]): Promise<boolean> {
  const { seed } = tree.campaign.brief;
  for (let k = 1; k <= freshSeeds; k++) {
    for (const node of candidates) {
      const original = scoredTrialOf(tree, node);
      const spec = { ...original.spec, seed: seed + 7919 * k };
      const hash = runSpecHash(spec);
      if (tree.trials.some((t) => t.specHash === hash && !isWithdrawnByEnd(t))) continue;
      return launchRepeat(ctx, tree, { node, spec, candidates });
    }
  }
  return false;
}

async function launchRepeat(
  ctx: Context,
  tree: Tree,
  { node, spec, candidates }: { node: NodeRow; spec: RunSpec; candidates: NodeRow[] },
): Promise<boolean> {
  return changeActiveCampaign(ctx, tree.campaign.id, async (change) => {
    const { tx, campaign, at } = change;
    if (campaign.state !== 'confirming') return false;
    const left = budgetLeft(campaign.brief.budget, await ledgerTotals(tx, campaign.id));
    const usdPerHour = priceOf(ctx.settings, campaign);
    const cost = repeatCost(tree, node, usdPerHour);
    const share = ceilingScale(cost.expected, cost.ceiling, without(left, testCost(tree, usdPerHour)));
    if (share === null) return false;
    const ceiling = scaleCost(cost.ceiling, share);
    const index = (await listTrialsOfNode(tx, node.id)).length;
    const trial = await insertTrial(tx, {
      campaignId: campaign.id,
      nodeId: node.id,
      index,
      purpose: 'confirm',
      state: 'planned',
      spec,
      specHash: runSpecHash(spec),
      changes: [`seed ${spec.seed}`],
      expectedSeconds: cost.expected.computeSeconds,
      ceilingSeconds: ceiling.computeSeconds,
      expectedUsd: cost.expected.usd,
      ceilingUsd: ceiling.usd,
      createdAt: at,
    });
    await launchJob(change, {
      node: node.number,
      trial,
      kind: 'run',
      attempt: 1,
      ceilingSeconds: ceiling.computeSeconds,
    });
    const names = candidates.map((n) => `#${n.number}`).join(' and ');
    await say(tx, campaign, {
      key: `confirming:${campaign.ends}`,
      payload: {
        kind: 'text',
        text: `The search is over. I repeat ${names} with fresh seeds on rows nobody has looked at, then open the test rows${campaign.openings === 0 ? ' once' : ''}.`,
      },
      at,
    });
    await recordChange(change, 'repeat.launched', { node: node.number, seed: spec.seed });
    return true;
  });
}

/** The finalist with the best mean on select over its fresh seeds; without any repeat, the best on search. */
export async function pickWinner(ctx: Context, tree: Tree, candidates: NodeRow[]): Promise<Winner> {
  const judged: (Winner & { mean: number })[] = [];
  for (const node of candidates) {
    const confirmations = await confirmationsOf(ctx, tree, node);
    const mean = confirmations.reduce((sum, c) => sum + c.score.value, 0) / Math.max(1, confirmations.length);
    judged.push({ node, confirmations, mean });
  }
  const confirmed = judged.filter((j) => j.confirmations.length > 0);
  const pool = confirmed.length > 0 ? confirmed : judged;
  return pool.reduce((best, next) => (next.mean > best.mean ? next : best));
}

export async function confirmationsOf(
  ctx: Context,
  tree: Tree,
  node: NodeRow,
): Promise<Winner['confirmations']> {
  const confirmations: Winner['confirmations'] = [];
  for (const trial of tree.trials) {
    if (trial.nodeId !== node.id || trial.purpose !== 'confirm' || trial.state !== 'scored') continue;
    const found = await findSplitResult(ctx.db, trial.id, 'select');
    if (found !== undefined) confirmations.push({ seed: trial.spec.seed, score: found.score });
  }
  return confirmations;
}

/** Opens the test split: the winner answers it, and the untrained baseline where it has not before. */
async function launchTests(ctx: Context, tree: Tree, winner: NodeRow): Promise<void> {
  const root = existing(rootOf(tree), 'The untrained model');
  try {
    await changeActiveCampaign(ctx, tree.campaign.id, async (change) => {
      const { tx, campaign } = change;
      if (campaign.state !== 'confirming' || campaign.testing !== null) return;
      const opening = campaign.openings + 1;
      const left = budgetLeft(campaign.brief.budget, await ledgerTotals(tx, campaign.id));
      const ceiling = answerCeiling(tree, secondsOf(left, priceOf(ctx.settings, campaign)));
      await updateCampaign(tx, campaign.id, { testing: winner.number, openings: opening });
      for (const node of [root, winner]) {
        const trial = scoredTrialOf(tree, node);
        if (tree.tested.has(trial.id)) continue;
        const attempt = lastAttempt(tree, trial.id) + 1;
        await launchJob(change, {
          node: node.number,
          trial,
          kind: 'test',
          attempt,
          ceilingSeconds: ceiling,
        });
      }
      await recordChange(change, 'test.opened', { winner: winner.number, end: campaign.ends + 1, opening });
    });
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    const ceiling = testCost(tree, priceOf(ctx.settings, tree.campaign));
    await askOrEnd(ctx, tree, {
      what: 'opening the test rows',
      ceiling,
      note: 'The winner is confirmed.',
      need: ceiling,
    });
  }
}

/** An end that was stopped may have begun to answer. */
const lastAttempt = (tree: Tree, trialId: number): number =>
  Math.max(0, ...tree.jobs.map((j) => (j.kind === 'test' && j.trialId === trialId ? j.attempt : 0)));
