import { dirname, join } from 'node:path';
import type { CampaignView, FinalResult } from '../../campaign/view.ts';
import { existing } from '../../lib/errors.ts';
import { reproduceCommand, sentence } from '../../report/format.ts';
import { compareItems } from '../../scoring/paired.ts';
import { standardChanges } from '../../scoring/standard-tasks.ts';
import type { Score } from '../../scoring/types.ts';
import { type CampaignRow, moveCampaign, updateCampaign } from '../../store/campaigns.ts';
import type { NodeRow } from '../../store/nodes.ts';
import { findSplitResult, type TrialRow } from '../../store/trials.ts';
import { changeCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { say, sayFiles, sayReport, showProgress } from '../say.ts';
import { lastJobEnd, rootOf, scoredTrialOf, type Tree } from '../view/load-tree.ts';
import { loadView } from '../view/load-view.ts';
import { placeWeights } from '../weights/place-weights.ts';
import { endUnconfirmed } from './end-unconfirmed.ts';
import { endValues } from './end-work.ts';
import { makeResultDir, writeResultFiles } from './write-result-files.ts';

/** The node that a campaign ends with, and what its repeats with fresh seeds scored. */
export interface Winner {
  node: NodeRow;
  confirmations: { seed: number; score: Score }[];
}

/** Writes the report, the model card, the picture and the weights, and posts them in the thread. */
export async function finishCampaign(ctx: Context, tree: Tree, winner: Winner | null): Promise<void> {
  const final = winner === null ? null : await finalResult(ctx, tree, winner);
  if (final === 'later') return;
  if (winner === null || final === null) {
    await endWithoutResult(ctx, tree, winner);
    return;
  }
  const at = ctx.clock.now();
  const view = await loadView({ ctx, campaignId: tree.campaign.id });
  const finished: CampaignView = { ...view, state: 'finished', final, finishedAt: at.toISOString() };
  const subject = {
    node: final.winner,
    trial: scoredTrialOf(tree, winner.node),
    weightsSha256: final.weightsSha256,
    testValue: final.bestTest.value,
  };
  await writeResultFiles(ctx, tree, finished, { dir: dirname(final.reportPath), subject });
  await changeCampaign(ctx, tree.campaign.id, async (change) => {
    const { tx, campaign } = change;
    if (campaign.state !== 'confirming' || campaign.ends !== tree.campaign.ends) return;
    await moveCampaign(tx, campaign.id, 'confirming', 'finished', { ...endValues(campaign, at), final });
    await recordChange(change, 'campaign.finished', {
      winner: final.winner,
      test: final.bestTest.value,
      end: campaign.ends + 1,
    });
    await showProgress(tx, campaign, at);
    const ended = { ...campaign, ends: campaign.ends + 1 };
    await sayReport(tx, ended, at);
    await sayFiles(tx, ended, at);
  });
}

/** Null without test results; `later` while the cluster does not show the weights. */
async function finalResult(ctx: Context, tree: Tree, winner: Winner): Promise<FinalResult | 'later' | null> {
  const { campaign } = tree;
  const root = existing(rootOf(tree), 'The untrained model');
  const winnerTrial = scoredTrialOf(tree, winner.node);
  const rootTrial = scoredTrialOf(tree, root);
  const [before, after] = await Promise.all([
    findSplitResult(ctx.db, rootTrial.id, 'test'),
    findSplitResult(ctx.db, winnerTrial.id, 'test'),
  ]);
  if (before === undefined || after === undefined) return null;
  const dir = await makeResultDir(ctx, campaign.id, campaign.ends + 1);
  const { runKey = '', weightsSha256 = null } = winnerTrial.outcome ?? {};
  const weights = await placeWeights(ctx, { runKey, weightsSha256, dir, since: lastJobEnd(tree) });
  if (weights === null) {
    await noteWeightsPending(ctx, tree);
    return 'later';
  }
  return {
    winner: winner.node.number,
    winnerTrial: winnerTrial.index,
    baselineTest: before.score,
    bestTest: after.score,
    testDifference: compareItems(before.items, after.items),
    openings: campaign.openings,
    confirmations: winner.confirmations,
    ...standardTasks(rootTrial, winnerTrial),
    seedNoise: standardDeviation(winner.confirmations.map((c) => c.score.value)),
    weightsPath: weights.path,
    weightsSha256: weightsSha256 ?? '',
    weights,
    reportPath: join(dir, 'report.md'),
    modelCardPath: join(dir, 'model-card.md'),
    treePath: join(dir, 'tree.png'),
    reproduce: reproduceCommand(campaign.id, winner.node.number),
  };
}

function standardTasks(root: TrialRow, winner: TrialRow): Pick<FinalResult, 'standardTasks'> {
  const [before, after] = [root.outcome?.standard, winner.outcome?.standard];
  return before === undefined || after === undefined ? {} : { standardTasks: standardChanges(before, after) };
}

async function noteWeightsPending(ctx: Context, tree: Tree): Promise<void> {
  const heldBecause = 'the tests are done, and the cluster does not show the weights just now';
  if (tree.campaign.heldBecause === heldBecause) return;
  await changeCampaign(ctx, tree.campaign.id, async ({ tx, campaign, at }) => {
    if (campaign.state !== 'confirming') return;
    await updateCampaign(tx, campaign.id, { heldBecause });
    await showProgress(tx, campaign, at);
  });
}

/** Sample standard deviation; null for fewer than two values. */
function standardDeviation(values: number[]): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
}

/**
 * A confirmed winner whose test rows could not be answered is kept and reported as such; where nothing trained gave a
 * score, the campaign fails.
 */
async function endWithoutResult(ctx: Context, tree: Tree, winner: Winner | null): Promise<void> {
  if (winner === null) return await failCampaign(ctx, tree);
  const broken = tree.trials.find((t) => t.failure !== null && t.state === 'scored')?.failure?.message;
  const why = broken === undefined ? '' : ` ${sentence(broken)}`;
  await endUnconfirmed(ctx, tree, () => `The test rows could not be answered.${why}`);
}

/**
 * A run that is too expensive is asked about: a search that has trained nothing ends for want of time, or of
 * proposals.
 */
const endWithoutRun = ({ brief }: CampaignRow, at: Date): string =>
  brief?.deadline != null && at >= new Date(brief.deadline)
    ? 'The deadline came before a training run had ended.'
    : 'Nothing was left that I may try.';

async function failCampaign(ctx: Context, tree: Tree): Promise<void> {
  const at = ctx.clock.now();
  const failures = tree.nodes.filter((n) => n.state === 'failed');
  const reasons = [...new Set(failures.map((n) => n.failure?.message ?? ''))].filter((text) => text !== '');
  await changeCampaign(ctx, tree.campaign.id, async (change) => {
    const { tx, campaign } = change;
    if (campaign.state !== 'confirming' && campaign.state !== 'searching') return;
    await moveCampaign(tx, campaign.id, campaign.state, 'failed', endValues(campaign, at));
    const end = campaign.ends + 1;
    await recordChange(change, 'campaign.failed', { end });
    await showProgress(tx, campaign, at);
    const why =
      reasons.length > 0
        ? `What went wrong: ${reasons.slice(0, 3).join(' ')}`
        : endWithoutRun(tree.campaign, at);
    await say(tx, campaign, {
      key: 'failed',
      payload: {
        kind: 'problem',
        text: `I end this campaign without a model: no run gave a score that can be trusted. ${why}`,
      },
      at,
    });
  });
}
