import type { CampaignView, KeptResult } from '../../campaign/view.ts';
import { updateCampaign } from '../../store/campaigns.ts';
import type { NodeRow } from '../../store/nodes.ts';
import { changeCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { confirmationsOf, pickWinner } from '../end/confirm-winner.ts';
import { makeResultDir, writeResultFiles } from '../end/write-result-files.ts';
import { sayFiles, sayReport } from '../say.ts';
import { rankedNodes } from '../view/best-nodes.ts';
import { lastJobEnd, loadTree, scoredTrialOf, type Tree } from '../view/load-tree.ts';
import { loadView } from '../view/load-view.ts';
import { pickFinalists } from '../view/pick-finalists.ts';
import { placeWeights } from '../weights/place-weights.ts';
import { finishNodes } from './finish-nodes.ts';

/**
 * One step after a stop: once nothing of the campaign is under way, writes the report with the best weights and posts
 * it in the thread. Each pass looks at the rows and does the next thing, and a pass that died is repeated.
 */
export async function reportStopped(ctx: Context, before: Tree): Promise<void> {
  if (before.jobs.some((job) => job.state !== 'harvested')) return;
  const tree = (await finishNodes(ctx, before)) > 0 ? await loadTree(ctx, before.campaign.id) : before;
  const { campaign } = tree;
  const isMeasured = tree.nodes.some((node) => node.state === 'scored');
  const dir = await makeResultDir(ctx, campaign.id, campaign.ends);
  const best = isMeasured ? await keepBest(ctx, tree, dir) : null;
  if (best === 'later') return;
  const kept: KeptResult = { best, dir };
  if (isMeasured) await writeFiles(ctx, tree, kept);
  await changeCampaign(ctx, campaign.id, async (change) => {
    const { tx, campaign: now, at } = change;
    if (now.state !== 'stopped' || !now.reportDue || now.ends !== campaign.ends) return;
    await updateCampaign(tx, campaign.id, { kept: isMeasured ? kept : null, reportDue: false });
    if (!isMeasured) return;
    await recordChange(change, 'campaign.reported', { end: campaign.ends, best: best?.node ?? null });
    await sayReport(tx, now, at);
    await sayFiles(tx, now, at);
  });
}

/** The best trained node with its weights; null when none has a score, `later` while the cluster does not show them. */
async function keepBest(ctx: Context, tree: Tree, dir: string): Promise<KeptResult['best'] | 'later'> {
  const node = await bestOf(ctx, tree);
  if (node === undefined) return null;
  const trial = scoredTrialOf(tree, node);
  const { runKey = '', weightsSha256 = null } = trial.outcome ?? {};
  const weights = await placeWeights(ctx, { runKey, weightsSha256, dir, since: lastJobEnd(tree) });
  if (weights === null) return 'later';
  const confirmations = await confirmationsOf(ctx, tree, node);
  return { node: node.number, trial: trial.index, confirmations, weightsSha256, weights };
}

/** The finalist that fresh seeds favour, where there are repeats; else the best on search. */
async function bestOf(ctx: Context, tree: Tree): Promise<NodeRow | undefined> {
  const candidates = await pickFinalists(ctx, tree);
  if (candidates.length === 0) return rankedNodes(tree)[0];
  return (await pickWinner(ctx, tree, candidates)).node;
}

async function writeFiles(ctx: Context, tree: Tree, kept: KeptResult): Promise<void> {
  const view: CampaignView = { ...(await loadView({ ctx, campaignId: tree.campaign.id })), kept };
  const { best, dir } = kept;
  const trial = tree.trials.find(
    (t) =>
      best !== null &&
      t.index === best.trial &&
      tree.nodes.some((n) => n.id === t.nodeId && n.number === best.node),
  );
  const subject =
    best === null || trial === undefined
      ? null
      : { node: best.node, trial, weightsSha256: best.weightsSha256 ?? '', testValue: null };
  await writeResultFiles(ctx, tree, view, { dir, subject });
}
