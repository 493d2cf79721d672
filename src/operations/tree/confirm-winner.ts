import type { Brief } from '../../campaign/brief.ts';
import { priceOf } from '../../campaign/price.ts';
import { type RunSpec, runSpecHash } from '../../campaign/run-spec.ts';
import { isFinalTrial } from '../../campaign/states.ts';
import { costOf, shareOfCeiling } from '../../executor/estimate-cost.ts';
import { listText } from '../../report/format.ts';
import type { Score } from '../../scoring/types.ts';
import { lockCampaign } from '../../store/campaigns.ts';
import { recordEvent } from '../../store/events.ts';
import { budgetLeft, ledgerTotals } from '../../store/ledger.ts';
import type { NodeRow } from '../../store/nodes.ts';
import { findSplitResult, insertTrials, listTrialsOfNode, type TrialRow } from '../../store/trials.ts';
import { askForMoney } from '../campaign/budget-question.ts';
import type { Context } from '../context.ts';
import { say } from '../say.ts';
import { endingCost, freshSeeds, repeatCost, testCost } from './confirmation-need.ts';
import { finishCampaign } from './finish-campaign.ts';
import { BudgetExceeded, launchJob, scale, without } from './insert-node.ts';
import { bestTrialOf, type Tree } from './load-tree.ts';
import { pickFinalists } from './pick-finalists.ts';

/**
 * One step of the end: repeat the finalists with fresh seeds on select, as many as the money holds, pick the winner,
 * open test once, report. Each pass looks at what is there and does the next thing.
 */
export async function confirmWinner(ctx: Context, tree: Tree): Promise<void> {
  const candidates = await pickFinalists(ctx, tree);
  if (candidates.length === 0) {
    await finishCampaign(ctx, tree, null);
    return;
  }
  const repeats = tree.trials.filter((t) => t.purpose === 'confirm');
  const tests = tree.jobs.filter((j) => j.kind === 'test');
  if (tests.length === 0) {
    const open = repeats.filter((t) => !isFinalTrial(t.state)).length;
    if (open >= (tree.campaign.brief as Brief).parallel) return;
    if (await launchNextRepeat(ctx, tree, candidates)) return;
    if (open > 0) return;
    if (repeats.length === 0) {
      const usdPerHour = priceOf(ctx.settings, tree.campaign);
      const testing = testCost(tree, usdPerHour);
      const need = endingCost(tree, candidates, usdPerHour);
      await askForMoney(ctx, tree.campaign.id, {
        what: `a second run of ${listText(candidates.map((n) => `#${n.number}`))} with a fresh seed`,
        ceiling: costOf(need.computeSeconds - testing.computeSeconds, usdPerHour),
        kept: { cost: testing, purpose: 'to open the test rows' },
        note: 'Without one I announce no winner.',
        need,
      });
      return;
    }
  }
  const winner = await pickWinner(ctx, candidates, repeats);
  if (tests.length === 0) {
    await launchTests(ctx, tree, winner.node);
    return;
  }
  if (!tests.every((j) => j.state === 'harvested')) return;
  await finishCampaign(ctx, tree, winner);
}

export interface Winner {
  node: NodeRow;
  confirmations: { seed: number; score: Score }[];
}

/**
 * Repeats go seed by seed through the finalists, so that a budget that ends early still gave each as many.
 * @returns false when there is none left, or the next cannot be paid
 */
async function launchNextRepeat(ctx: Context, tree: Tree, candidates: NodeRow[]): Promise<boolean> {
  const { seed } = tree.campaign.brief as Brief;
  for (let k = 1; k <= freshSeeds; k++) {
    for (const node of candidates) {
      const original = bestTrialOf(tree, node) as TrialRow;
      const spec = { ...original.spec, seed: seed + 7919 * k };
      const hash = runSpecHash(spec);
      if (tree.trials.some((t) => t.specHash === hash)) continue;
      return launchRepeat(ctx, tree, node, spec, candidates);
    }
  }
  return false;
}

async function launchRepeat(
  ctx: Context,
  tree: Tree,
  node: NodeRow,
  spec: RunSpec,
  candidates: NodeRow[],
): Promise<boolean> {
  const at = ctx.clock.now();
  return ctx.db.transaction(async (tx) => {
    const campaign = await lockCampaign(tx, tree.campaign.id);
    if (campaign.state !== 'confirming') return false;
    const left = budgetLeft((campaign.brief as Brief).budget, await ledgerTotals(tx, campaign.id));
    const usdPerHour = priceOf(ctx.settings, campaign);
    const cost = repeatCost(tree, node, usdPerHour);
    const share = shareOfCeiling(cost.expected, cost.ceiling, without(left, testCost(tree, usdPerHour)));
    if (share === null) return false;
    const ceiling = scale(cost.ceiling, share);
    const index = (await listTrialsOfNode(tx, node.id)).length;
    const [row] = await insertTrials(tx, [
      {
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
      },
    ]);
    await launchJob(ctx, tx, campaign, node.number, row as TrialRow, 'run', 1, ceiling.computeSeconds);
    const names = candidates.map((n) => `#${n.number}`).join(' and ');
    await say(tx, campaign, {
      key: 'confirming',
      payload: {
        kind: 'text',
        text: `The search is over. I repeat ${names} with fresh seeds on rows nobody has looked at, then open the test rows once.`,
      },
      at,
    });
    await recordEvent(tx, {
      campaignId: campaign.id,
      name: 'repeat.launched',
      actor: 'system',
      data: { node: node.number, seed: spec.seed },
      at,
    });
    return true;
  });
}

/** The finalist with the best mean on select over its fresh seeds; without any repeat, the best on search. */
async function pickWinner(ctx: Context, candidates: NodeRow[], repeats: TrialRow[]): Promise<Winner> {
  const judged: (Winner & { mean: number })[] = [];
  for (const node of candidates) {
    const confirmations: Winner['confirmations'] = [];
    for (const trial of repeats.filter((t) => t.nodeId === node.id && t.state === 'scored')) {
      const found = await findSplitResult(ctx.db, trial.id, 'select');
      if (found !== undefined) confirmations.push({ seed: trial.spec.seed, score: found.score });
    }
    const mean = confirmations.reduce((sum, c) => sum + c.score.value, 0) / Math.max(1, confirmations.length);
    judged.push({ node, confirmations, mean });
  }
  const confirmed = judged.filter((j) => j.confirmations.length > 0);
  const pool = confirmed.length > 0 ? confirmed : judged;
  return pool.reduce((best, next) => (next.mean > best.mean ? next : best));
}

/** Opens the test split: the untrained baseline and the winner answer it, once. */
async function launchTests(ctx: Context, tree: Tree, winner: NodeRow): Promise<void> {
  const root = tree.nodes.find((n) => n.parentId === null) as NodeRow;
  const pairs = [root, winner].map((node) => ({ node, trial: bestTrialOf(tree, node) as TrialRow }));
  const at = ctx.clock.now();
  const ceilingSeconds = testCost(tree, null).computeSeconds / 2;
  try {
    await ctx.db.transaction(async (tx) => {
      const campaign = await lockCampaign(tx, tree.campaign.id);
      for (const { node, trial } of pairs)
        await launchJob(ctx, tx, campaign, node.number, trial, 'test', 1, ceilingSeconds);
      await recordEvent(tx, {
        campaignId: campaign.id,
        name: 'test.opened',
        actor: 'system',
        data: { winner: winner.number },
        at,
      });
    });
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    const ceiling = testCost(tree, priceOf(ctx.settings, tree.campaign));
    await askForMoney(ctx, tree.campaign.id, {
      what: 'opening the test rows',
      ceiling,
      note: 'The winner is confirmed.',
      need: ceiling,
    });
  }
}
