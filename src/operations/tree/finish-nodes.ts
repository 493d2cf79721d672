import { classOf } from '../../campaign/failure.ts';
import { forgotTooMuch, maxGeneralLossRise } from '../../campaign/guard.ts';
import { isFinalCampaign, isFinalTrial } from '../../campaign/states.ts';
import type { Failure } from '../../campaign/view.ts';
import { asError } from '../../lib/errors.ts';
import { nextAfter, sparedText } from '../../report/thread-text.ts';
import type { Diagnosis, DiagnosisContext } from '../../researcher/port.ts';
import type { PairedDifference, Score } from '../../scoring/types.ts';
import { siblingsOf } from '../../search/promising.ts';
import { listApprovals } from '../../store/approvals.ts';
import { updateCampaign } from '../../store/campaigns.ts';
import { isDatabaseOutage } from '../../store/db.ts';
import { recordEvent } from '../../store/events.ts';
import { moveNode, type NodeRow } from '../../store/nodes.ts';
import { findSplitResult, type TrialRow } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { type SeenItem, searchItemsOf } from '../data/search-items.ts';
import { say, showProgress } from '../say.ts';
import { accountThinking } from '../thinking.ts';
import { compareOnSearch } from '../view/compare-on-search.ts';
import { bestTrialOf, searchTrials, sumCost, type Tree, toMemory, toSearchTree } from '../view/load-tree.ts';
import { findEffects, updateInsights } from './update-insights.ts';

/** Closes rounds whose trials are all final: the best trial, the paired difference to the parent, the diagnosis. */
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

/** @returns the tree with the node as it ended */
async function finishNode(
  ctx: Context,
  { tree, node, trials }: { tree: Tree; node: NodeRow; trials: TrialRow[] },
): Promise<Tree> {
  const { campaign } = tree;
  const scored: { trial: TrialRow; score: Score }[] = [];
  for (const trial of trials) {
    if (trial.state !== 'scored') continue;
    const found = await findSplitResult(ctx.db, trial.id, 'search');
    if (found !== undefined) scored.push({ trial, score: found.score });
  }
  const eligible = scored.filter(
    ({ trial }) => !forgotTooMuch(trial.outcome?.generalLoss ?? null, trial.outcome?.baseGeneralLoss ?? null),
  );
  const best = eligible.reduce<(typeof eligible)[number] | null>(
    (top, next) => (top === null || next.score.value > top.score.value ? next : top),
    null,
  );
  const at = ctx.clock.now();
  if (best === null) {
    const failure = nodeFailure(trials, scored);
    const isHeld = isBroken(failure) && brokeBefore(tree, node);
    await ctx.db.transaction(async (tx) => {
      const withdrawn = trials.every((t) => t.state === 'withdrawn');
      const to = withdrawn ? 'withdrawn' : 'failed';
      if (!(await moveNode(tx, node.id, 'running', to, { failure, finishedAt: at }))) return;
      await recordEvent(tx, {
        campaignId: campaign.id,
        name: `node.${to}`,
        actor: 'system',
        data: { node: node.number, code: failure.code },
        at,
      });
      if (!withdrawn) {
        await say(tx, campaign, {
          key: `failure:${node.number}`,
          payload: {
            kind: 'failure',
            campaignId: campaign.id,
            node: node.number,
            next: [sparedBy(trials), isHeld ? heldText : nextAfter(failure)].join(' ').trim(),
          },
          at,
        });
      }
      if (isHeld) await updateCampaign(tx, campaign.id, { paused: true, heldBecause: heldReason });
      await showProgress(tx, campaign, at);
    });
    return tree;
  }

  const parent = tree.nodes.find((n) => n.id === node.parentId) ?? null;
  const parentTrial = parent === null ? undefined : bestTrialOf(tree, parent);
  const delta = parentTrial === undefined ? null : await compareOnSearch(ctx, parentTrial.id, best.trial.id);
  // Thinking costs, and nothing grows from it any more.
  const diagnosis = isFinalCampaign(campaign.state)
    ? null
    : await diagnose(ctx, tree, node, parent, best, parentTrial, delta);
  const values = { bestTrialId: best.trial.id, score: best.score, delta, diagnosis, finishedAt: at };
  const after = withNode(tree, { ...node, ...values, state: 'scored' });
  const effects = await findEffects(ctx, after);
  await ctx.db.transaction(async (tx) => {
    if (!(await moveNode(tx, node.id, 'running', 'scored', values))) return;
    await recordEvent(tx, {
      campaignId: campaign.id,
      name: 'node.scored',
      actor: 'system',
      data: { node: node.number, score: best.score.value },
      at,
    });
    // Whoever said yes to it is told what came of it, not only shown another dot in the tree.
    if ((await listApprovals(tx, campaign.id)).some((a) => a.nodeId === node.id && a.state === 'approved')) {
      await say(tx, campaign, {
        key: `result:${node.number}`,
        payload: { kind: 'node', campaignId: campaign.id, node: node.number },
        at,
      });
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
  node: NodeRow,
  parent: NodeRow | null,
  best: { trial: TrialRow; score: Score },
  parentTrial: TrialRow | undefined,
  delta: PairedDifference | null,
): Promise<Diagnosis | null> {
  try {
    const own = await searchItemsOf(ctx, tree.campaign, best.trial.id);
    if (own === undefined) return null;
    const before =
      parentTrial === undefined ? undefined : await searchItemsOf(ctx, tree.campaign, parentTrial.id);
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
    return await ctx.researcher.diagnose(context, accountThinking(ctx, tree.campaign, node.number));
  } catch (error) {
    if (isDatabaseOutage(error)) throw error;
    ctx.log.error({ err: asError(error), node: node.number }, 'node.diagnosis_failed');
    return null;
  }
}

function nodeFailure(trials: TrialRow[], scored: { trial: TrialRow; score: Score }[]): Failure {
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

const heldReason = 'the installation on the cluster';
const heldText =
  'It is the second round in a row that this ends, so I have paused: mend the installation, then write `resume`.';

/** Did the round that ended before this one find the cluster unable to train, too? A night of such rounds helps nobody. */
function brokeBefore(tree: Tree, node: NodeRow): boolean {
  const ended = tree.nodes.filter((n) => n.id !== node.id && n.finishedAt !== null && n.parentId !== null);
  const last = ended.sort((a, b) => Number(a.finishedAt) - Number(b.finishedAt)).at(-1);
  return last?.state === 'failed' && last.failure !== null && isBroken(last.failure);
}

/** Runs that were withdrawn unspent when the first one failed. */
function sparedBy(trials: TrialRow[]): string {
  const spared = trials.filter((t) => t.state === 'withdrawn');
  return sparedText(spared.length, sumCost(spared, 'expected'));
}
