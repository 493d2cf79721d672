import type { Diagnosis } from '../../campaign/diagnosis.ts';
import type { Failure } from '../../campaign/failure.ts';
import { classOf } from '../../campaign/failure.ts';
import { exceedsForgettingLimit, maxGeneralLossRise } from '../../campaign/guard.ts';
import { isFinalCampaign, isFinalTrial } from '../../campaign/states.ts';
import { asError } from '../../lib/errors.ts';
import { nextAfter, sparedText } from '../../report/sentences/failure.ts';
import type { DiagnosisContext } from '../../researcher/port.ts';
import type { PairedDifference, Score } from '../../scoring/types.ts';
import { siblingsOf } from '../../search/promising.ts';
import { listApprovals } from '../../store/approvals.ts';
import { updateCampaign } from '../../store/campaigns.ts';
import { isDatabaseOutage } from '../../store/db.ts';
import { moveNode, type NodeRow } from '../../store/nodes.ts';
import { findSplitResult, type TrialRow } from '../../store/trials.ts';
import { accountModelCalls } from '../account-model-calls.ts';
import { changeCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { loadSearchItems, type SeenItem } from '../data/search-items.ts';
import { say, showProgress } from '../say.ts';
import { compareOnSearch } from '../view/compare-on-search.ts';
import { bestTrialOf, searchTrials, sumCost, type Tree, toMemory, toSearchTree } from '../view/load-tree.ts';
import { findEffects, updateInsights } from './update-insights.ts';

/** Closes nodes whose trials are all final: the best trial, the paired difference to the parent, the diagnosis. */
export async function finishNodes(ctx: Context, tree: Tree): Promise<number> {
  let finished = 0;
  let now = tree;
  for (const node of tree.nodes) {
    if (node.state !== 'running') continue;
    const trials = searchTrials(tree, node.id);
    if (!trials.every((t) => isFinalTrial(t.state))) continue;
    now = await finishNode(ctx, { tree: now, node, trials });
    finished++;
  }
  return finished;
}

/** A node whose trials are all final. */
interface Finished {
  tree: Tree;
  node: NodeRow;
  trials: TrialRow[];
}

interface ScoredTrial {
  trial: TrialRow;
  score: Score;
}

/** @returns the tree with the node as it ended */
async function finishNode(ctx: Context, finished: Finished): Promise<Tree> {
  const scored: ScoredTrial[] = [];
  for (const trial of finished.trials) {
    if (trial.state !== 'scored') continue;
    const found = await findSplitResult(ctx.db, trial.id, 'search');
    if (found !== undefined) scored.push({ trial, score: found.score });
  }
  const best = bestOf(scored);
  if (best !== null) return scoreNode(ctx, finished, best);
  await failNode(ctx, finished, nodeFailure(finished.trials, scored));
  return finished.tree;
}

/** Of those that have not forgotten too much; null when there is none. */
const bestOf = (scored: readonly ScoredTrial[]): ScoredTrial | null =>
  scored
    .filter(
      ({ trial: { outcome } }) =>
        !exceedsForgettingLimit(outcome?.generalLoss ?? null, outcome?.baseGeneralLoss ?? null),
    )
    .reduce<ScoredTrial | null>(
      (top, next) => (top === null || next.score.value > top.score.value ? next : top),
      null,
    );

/** No trial of it gave a score that counts: it failed, or was withdrawn with all of its trials. */
async function failNode(ctx: Context, { tree, node, trials }: Finished, failure: Failure): Promise<void> {
  const isHeld = isBroken(failure) && previousNodeAlsoBroke(tree, node);
  const isWithdrawn = trials.every((t) => t.state === 'withdrawn');
  const to = isWithdrawn ? 'withdrawn' : 'failed';
  await changeCampaign(ctx, tree.campaign.id, async (change) => {
    const { tx, campaign, at } = change;
    if (!(await moveNode(tx, node.id, 'running', to, { failure, finishedAt: at }))) return;
    await recordChange(change, `node.${to}`, { node: node.number, code: failure.code });
    if (!isWithdrawn) {
      const next = [sparedBy(trials), isHeld ? heldText : nextAfter(failure)].join(' ').trim();
      const payload = { kind: 'failure' as const, campaignId: campaign.id, node: node.number, next };
      await say(tx, campaign, { key: `failure:${node.number}`, payload, at });
    }
    if (isHeld) await updateCampaign(tx, campaign.id, { paused: true, heldBecause: pauseReason });
    await showProgress(tx, campaign, at);
  });
}

/** Its best trial is its score: compared with the parent's, diagnosed, and kept as insights. */
async function scoreNode(ctx: Context, { tree, node }: Finished, best: ScoredTrial): Promise<Tree> {
  const parent = tree.nodes.find((n) => n.id === node.parentId) ?? null;
  const parentTrial = parent === null ? undefined : bestTrialOf(tree, parent);
  const delta = parentTrial === undefined ? null : await compareOnSearch(ctx, parentTrial.id, best.trial.id);
  // A diagnosis costs a model call, and nothing grows from it any more.
  const diagnosis = isFinalCampaign(tree.campaign.state)
    ? null
    : await diagnose(ctx, tree, { node, parent, best, parentTrial, delta });
  const finishedAt = ctx.clock.now();
  const values = { bestTrialId: best.trial.id, score: best.score, delta, diagnosis, finishedAt };
  const after = withNode(tree, { ...node, ...values, state: 'scored' });
  const effects = await findEffects(ctx, after);
  await changeCampaign(ctx, tree.campaign.id, async (change) => {
    const { tx, campaign, at } = change;
    if (!(await moveNode(tx, node.id, 'running', 'scored', values))) return;
    await recordChange(change, 'node.scored', { node: node.number, score: best.score.value });
    // The approver sees the result in the thread, and not only another dot in the tree.
    if ((await listApprovals(tx, campaign.id)).some((a) => a.nodeId === node.id && a.state === 'approved')) {
      const payload = { kind: 'node' as const, campaignId: campaign.id, node: node.number };
      await say(tx, campaign, { key: `result:${node.number}`, payload, at });
    }
    await updateInsights(tx, { campaign, effects, at });
    await showProgress(tx, campaign, at);
  });
  return after;
}

const withNode = (tree: Tree, node: NodeRow): Tree => ({
  ...tree,
  nodes: tree.nodes.map((one) => (one.id === node.id ? node : one)),
});

async function diagnose(
  ctx: Context,
  tree: Tree,
  about: {
    node: NodeRow;
    parent: NodeRow | null;
    best: ScoredTrial;
    parentTrial: TrialRow | undefined;
    delta: PairedDifference | null;
  },
): Promise<Diagnosis | null> {
  const { node, parent, best, parentTrial, delta } = about;
  try {
    const own = await loadSearchItems(ctx, tree.campaign, best.trial.id);
    if (own === undefined) return null;
    const before =
      parentTrial === undefined ? undefined : await loadSearchItems(ctx, tree.campaign, parentTrial.id);
    const parentScore = new Map(before?.results.map((r) => [r.id, r.score]));
    const ownScore = new Map(own.results.map((r) => [r.id, r.score]));
    const none: SeenItem[] = [];
    const context: DiagnosisContext = {
      node: toMemory(tree, { ...node, score: best.score, delta, bestTrialId: best.trial.id }),
      parent: parent === null ? null : toMemory(tree, parent),
      siblings: siblingsOf(toSearchTree(tree, new Set()), node.number).flatMap(({ id, value }) => {
        const row = tree.nodes.find((n) => n.number === id);
        return row === undefined || value === null ? [] : [toMemory(tree, row)];
      }),
      failing: own.show((r) => r.score < 1),
      fixed: before?.show((r) => (ownScore.get(r.id) ?? r.score) > r.score) ?? none,
      broken: before === undefined ? none : own.show((r) => r.score < (parentScore.get(r.id) ?? r.score)),
      delta,
      score: best.score,
    };
    return await ctx.researcher.diagnose(context, accountModelCalls(ctx, tree.campaign, node.number));
  } catch (error) {
    if (isDatabaseOutage(error)) throw error;
    ctx.log.error({ err: asError(error), node: node.number }, 'node.diagnosis_failed');
    return null;
  }
}

function nodeFailure(trials: TrialRow[], scored: ScoredTrial[]): Failure {
  const forgetful = scored[0];
  if (forgetful !== undefined) {
    const { generalLoss, baseGeneralLoss } = forgetful.trial.outcome ?? {};
    const limit = (baseGeneralLoss ?? 0) + maxGeneralLossRise;
    return {
      code: 'forgot_too_much',
      fault: 'config',
      message: `It reached ${forgetful.score.value.toFixed(3)} but forgot too much of what the base model could do (general loss ${generalLoss?.toFixed(2)}, limit ${limit.toFixed(2)}).`,
      log: [],
    };
  }
  return (
    trials.find((t) => t.failure !== null)?.failure ?? {
      code: 'withdrawn',
      fault: 'user',
      message: 'It was stopped before it gave a score.',
      log: [],
    }
  );
}

const isBroken = (failure: Failure): boolean => classOf(failure) === 'environment';

const pauseReason = 'the installation on the cluster';
const heldText =
  'It is the second node in a row that this ends, so I have paused: mend the installation, then write `resume`.';

/**
 * True if the node that ended before this one also found the cluster unable to train: then the campaign pauses
 * instead of failing all night.
 */
function previousNodeAlsoBroke(tree: Tree, node: NodeRow): boolean {
  const ended = tree.nodes.filter((n) => n.id !== node.id && n.finishedAt !== null && n.parentId !== null);
  const last = ended.sort((a, b) => Number(a.finishedAt) - Number(b.finishedAt)).at(-1);
  return last?.state === 'failed' && last.failure !== null && isBroken(last.failure);
}

/** Runs that were withdrawn unspent when the first one failed. */
function sparedBy(trials: TrialRow[]): string {
  const spared = trials.filter((t) => t.state === 'withdrawn');
  return sparedText(spared.length, sumCost(spared, 'expected'));
}
