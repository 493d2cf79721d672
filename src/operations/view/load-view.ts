import { yesesNeeded } from '../../campaign/approval-policy.ts';
import { noCost, sumCosts } from '../../campaign/cost.ts';
import { type ApprovalKind, isActiveCampaign } from '../../campaign/states.ts';
import type { ApprovalView, CampaignView, NodeView, WaitView } from '../../campaign/view.ts';
import { insightTitle } from '../../insight/sentences.ts';
import { type ApprovalRow, type ApprovalVoteRow, listApprovals, listVotes } from '../../store/approvals.ts';
import { getCampaign } from '../../store/campaigns.ts';
import { type DiscardRow, listDiscards } from '../../store/discards.ts';
import { listInsights } from '../../store/insights.ts';
import { listJobs } from '../../store/jobs.ts';
import { costByTrial, ledgerTotals } from '../../store/ledger.ts';
import { listNodes, type NodeRow } from '../../store/nodes.ts';
import { findSlot } from '../../store/outbox.ts';
import { thinkingTotals } from '../../store/thinking-calls.ts';
import { listSplitScores, listTrials, type TrialRow } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { linkToCampaign } from '../page-address.ts';
import { nameOf } from '../people.ts';
import { trialView } from './trial-view.ts';
import { waitOfNode, waitsByTrial } from './view-waits.ts';

/** Everything that the thread, the page, the picture and the report show of a campaign, as it is now. */
export async function loadView({
  ctx,
  campaignId,
}: {
  ctx: Context;
  campaignId: string;
}): Promise<CampaignView> {
  const campaign = await getCampaign(ctx.db, campaignId);
  const [nodes, trials, jobs, approvals, votes, insights, totals, costs, scores, thinking, discards] =
    await Promise.all([
      listNodes(ctx.db, campaignId),
      listTrials(ctx.db, campaignId),
      listJobs(ctx.db, campaignId),
      listApprovals(ctx.db, campaignId),
      listVotes(ctx.db, { campaignId }),
      listInsights(ctx.db, campaignId),
      ledgerTotals(ctx.db, campaignId),
      costByTrial(ctx.db, campaignId),
      listSplitScores(ctx.db, campaignId),
      thinkingTotals(ctx.db, campaignId),
      listDiscards(ctx.db, campaignId),
    ]);
  const searchScore = new Map(scores.filter((s) => s.split === 'search').map((s) => [s.trialId, s.score]));
  const numbers = new Map(nodes.map((n) => [n.id, n.number]));
  const startedAt = campaign.startedAt;
  const after = (moment: Date | null): number | null =>
    moment === null || startedAt === null ? null : (moment.getTime() - startedAt.getTime()) / 1000;
  const waits = waitsByTrial(jobs);
  const names = await namesOf(ctx, approvals, votes);

  const views = nodes.map((node): NodeView => {
    const own = trials.filter((t) => t.nodeId === node.id && t.purpose === 'search');
    const latest = (kind: ApprovalKind): ApprovalView | null => {
      const row = approvals.filter((a) => a.nodeId === node.id && a.kind === kind).at(-1);
      return row === undefined ? null : approvalView(ctx, { approval: row, votes, node }, names);
    };
    return {
      number: node.number,
      parent: node.parentId === null ? null : (numbers.get(node.parentId) ?? null),
      state: node.state,
      strategy: node.strategy,
      title: node.title,
      hypothesis: node.hypothesis,
      score: node.score,
      delta: node.delta,
      trials: own.map((t) => ({
        ...trialView(t, { cost: costs.get(t.id) ?? noCost, score: searchScore.get(t.id) ?? null }),
        ...waitingOf(waits.get(t.id)),
      })),
      bestTrial: own.find((t) => t.id === node.bestTrialId)?.index ?? null,
      cost: sumCosts(own.map((t) => costs.get(t.id) ?? noCost)),
      failure: node.failure,
      ...waitingOf(waitOfNode(node, trials, jobs)),
      approval: latest('money'),
      codeApproval: latest('code'),
      diagnosis: node.diagnosis,
      startedAfterSeconds: after(node.startedAt),
      finishedAfterSeconds: after(node.finishedAt),
    };
  });
  const progress = await findSlot(ctx.db, `progress:${campaignId}`);
  const takenAt = ctx.clock.now();
  return {
    id: campaign.id,
    title: campaign.brief?.title ?? 'Untitled campaign',
    state: campaign.state,
    paused: campaign.paused,
    isWrappingUp: campaign.wrapUp !== null && isActiveCampaign(campaign.state),
    heldBecause: campaign.heldBecause,
    brief: campaign.brief,
    splits: campaign.splits?.counts ?? null,
    addedData: campaign.steering.addedData ?? [],
    nodes: views,
    best: bestNumber(views),
    budget: {
      limit: campaign.brief?.budget ?? { computeSeconds: null, usd: null },
      spent: totals.spent,
      reserved: totals.reserved,
    },
    thinking,
    insights: insights
      .filter((i) => i.toldAt !== null && i.effect.holds)
      .map((i) => ({
        text: insightTitle(i.effect),
        effect: i.effect.effect,
        low: i.effect.low,
        high: i.effect.high,
        pairs: i.effect.pairs.map(({ parent, child }) => ({ parent, child })),
      })),
    weights: weightsView(nodes, trials, discards),
    final: campaign.final,
    kept: campaign.kept,
    earlier: campaign.earlier,
    ends: campaign.ends,
    openings: campaign.openings,
    endedBecause: campaign.endedBecause,
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: campaign.finishedAt?.toISOString() ?? null,
    takenAt: takenAt.toISOString(),
    pictureUrl: linkToCampaign(ctx, campaign.id, '/tree.png'),
    pageUrl: linkToCampaign(ctx, campaign.id),
    threadLink:
      progress === undefined
        ? null
        : await ctx.chat.permalink({ channel: progress.channel, ts: progress.ts }).catch(() => null),
  };
}

const waitingOf = (waiting: WaitView | undefined) => (waiting === undefined ? {} : { waiting });

function weightsView(nodes: NodeRow[], trials: TrialRow[], discards: DiscardRow[]): CampaignView['weights'] {
  const gone = new Set(discards.filter((d) => d.what === 'weights').map((d) => d.jobKey));
  const done = discards.filter((d) => d.doneAt !== null);
  return {
    kept: nodes.flatMap((node) => {
      const best = trials.find((t) => t.id === node.bestTrialId);
      const key = best?.spec.training === null ? undefined : best?.outcome?.runKey;
      return key === undefined || gone.has(key) ? [] : [node.number];
    }),
    removedRuns: new Set(done.flatMap((d) => ((d.bytes ?? 0) > 0 ? [d.jobKey] : []))).size,
    removedBytes: done.reduce((sum, d) => sum + (d.bytes ?? 0), 0),
  };
}

function approvalView(
  ctx: Context,
  { approval, votes, node }: { approval: ApprovalRow; votes: ApprovalVoteRow[]; node: NodeRow },
  names: Map<string, string>,
): ApprovalView {
  const own = votes.filter((v) => v.approvalId === approval.id);
  const last = own.find((v) => v.userId === approval.decidedBy)?.decision;
  const yeses = own.filter((v) => v.decision !== 'reject' && (last === undefined || v.decision === last));
  const ceiling = { computeSeconds: approval.ceilingSeconds, usd: approval.ceilingUsd };
  return {
    id: approval.id,
    nodeNumber: node.number,
    state: approval.state,
    expected: { computeSeconds: approval.expectedSeconds, usd: approval.expectedUsd },
    ceiling,
    ...approval.card,
    code: approval.card.code ?? null,
    yeses: yeses.map((v) => ({ by: names.get(v.userId) ?? v.userId, cheaper: v.decision === 'cheaper' })),
    yesesNeeded: yesesNeeded(ctx.settings, ceiling),
    decidedBy: approval.decidedBy === null ? null : (names.get(approval.decidedBy) ?? approval.decidedBy),
    decidedAt: approval.decidedAt?.toISOString() ?? null,
  };
}

async function namesOf(
  ctx: Context,
  approvals: ApprovalRow[],
  votes: ApprovalVoteRow[],
): Promise<Map<string, string>> {
  const ids = new Set([
    ...approvals.flatMap((a) => (a.decidedBy === null ? [] : [a.decidedBy])),
    ...votes.map((v) => v.userId),
  ]);
  const names = new Map<string, string>();
  for (const id of ids) names.set(id, id === 'system' ? 'the bot' : await nameOf(ctx, id));
  return names;
}

function bestNumber(nodes: NodeView[]): number | null {
  let best: NodeView | null = null;
  for (const node of nodes) {
    if (
      node.score !== null &&
      (best?.score === undefined || best?.score === null || node.score.value > best.score.value)
    ) {
      best = node;
    }
  }
  return best?.number ?? null;
}
