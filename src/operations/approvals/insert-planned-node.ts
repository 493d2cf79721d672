import type { Cost, CostLimit } from '../../campaign/brief.ts';
import { costOf, isAbove, without } from '../../campaign/cost.ts';
import type { PlannedNode, PlannedTrial } from '../../campaign/planned-node.ts';
import { priceOf } from '../../campaign/price.ts';
import type { ApprovalKind } from '../../campaign/states.ts';
import { canonicalJson } from '../../lib/hash.ts';
import { codeHash, type PythonMap } from '../../recipe/recipe.ts';
import { type ApprovalTerms, insertApproval } from '../../store/approvals.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { recordEvent } from '../../store/events.ts';
import { budgetLeft, ledgerTotals } from '../../store/ledger.ts';
import { insertNode, moveNode, type NodeRow } from '../../store/nodes.ts';
import { insertTrials, type TrialRow } from '../../store/trials.ts';
import { type ActiveChange, changeActiveCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { fitInto, type Inserted, launchNode, trialValues } from '../launch/launch-node.ts';
import { atPrice } from '../plan/plan-node.ts';
import { approvalSlot, say, sayCard, showProgress } from '../say.ts';

/**
 * Adds a node to the tree in one transaction: the node, its trials, and either reserved money with jobs to submit, or
 * an approval. A node with code that nobody has approved has no trials yet, only the approval. Drops the plan if
 * steering changed while it was being proposed (a model call takes minutes).
 * @param plannedFor the campaign as it was when the node was planned
 * @param planned `keepFree`: what must stay of the budget for confirming the winner
 */
export async function insertPlannedNode(
  ctx: Context,
  plannedFor: CampaignRow,
  {
    parent,
    plan,
    cheaper,
    keepFree,
  }: { parent: NodeRow | null; plan: PlannedNode; cheaper: PlannedNode | null; keepFree: Cost },
): Promise<Inserted> {
  const campaignId = plannedFor.id;
  return changeActiveCampaign(ctx, campaignId, async (change): Promise<Inserted> => {
    const { tx, campaign, at } = change;
    if (campaign.state !== 'searching' || campaign.paused) return 'not_searching';
    if (canonicalJson(campaign.steering) !== canonicalJson(plannedFor.steering)) return 'not_searching';
    const brief = campaign.brief;
    const left = budgetLeft(brief.budget, await ledgerTotals(tx, campaignId));
    const usdPerHour = priceOf(ctx.settings, campaign);
    const planned = atPrice(plan, usdPerHour);
    const fitted = fitInto(planned, without(left, costOf(keepFree.computeSeconds, usdPerHour)));
    if (fitted === null) return 'over_budget';
    const { proposal, unseenCode } = fitted;
    const node = await insertNode(tx, {
      campaignId,
      parentId: parent?.id ?? null,
      state: 'planned',
      strategy: proposal.strategy,
      title: proposal.title,
      hypothesis: proposal.hypothesis,
      recipe: proposal.recipe,
      trace: unseenCode === null ? planned.trace : null,
      proposal: unseenCode === null ? null : proposal,
      factors: proposal.factors,
      expectedGain: proposal.expectedGain,
      refutedBy: proposal.refutedBy,
      createdAt: at,
    });
    const bound = unseenCode === null ? fitted.trials.map((t) => t.specHash) : [codeHash(unseenCode.code)];
    await recordChange(change, 'node.planned', {
      node: node.number,
      ...(unseenCode === null ? { specHashes: bound } : { codeHashes: bound }),
      expected: fitted.expected,
      likely: fitted.likely,
    });
    if (fitted.note !== undefined) {
      const text = `#${node.number} ${fitted.note}`;
      await say(tx, campaign, { key: `note:${node.number}`, payload: { kind: 'text', text }, at });
    }
    if (unseenCode !== null) {
      await askPeople(change, node, 'code', codeTerms(ctx, fitted, unseenCode, left));
      return 'awaiting_approval';
    }
    const trials = await insertTrials(tx, trialValues(node, fitted.trials, at));
    return launchOrAsk(change, { node, trials, planned: fitted, cheaper, left });
  });
}

/** Launches a planned node, or parks it and asks for approval when its expected cost exceeds `askAbove`. */
export async function launchOrAsk(
  change: ActiveChange,
  prepared: {
    node: NodeRow;
    trials: TrialRow[];
    planned: PlannedNode;
    cheaper: PlannedNode | null;
    left: CostLimit;
  },
): Promise<'running' | 'awaiting_approval'> {
  const { ctx, campaign } = change;
  const { node, trials, planned, cheaper, left } = prepared;
  if (isAbove(planned.expected, campaign.brief.askAbove)) {
    const offer = cheaper === null ? null : atPrice(cheaper, priceOf(ctx.settings, campaign));
    await askPeople(change, node, 'money', approvalTerms(planned, offer, left));
    return 'awaiting_approval';
  }
  await launchNode(change, node, trials, 'planned');
  return 'running';
}

/** Parks a planned node and posts the card with its approval. */
async function askPeople(
  { ctx, tx, campaign, at }: ActiveChange,
  node: NodeRow,
  kind: ApprovalKind,
  terms: ApprovalTerms,
): Promise<void> {
  const id = ctx.newId('a');
  await moveNode(tx, node.id, 'planned', 'awaiting_approval');
  await insertApproval(tx, {
    id,
    campaignId: campaign.id,
    nodeId: node.id,
    kind,
    state: 'pending',
    ...terms,
    requestedAt: at,
  });
  await recordEvent(tx, {
    campaignId: campaign.id,
    name: 'approval.requested',
    actor: 'system',
    data: { approval: id, kind, node: node.number },
    at,
  });
  await sayCard(
    tx,
    campaign,
    {
      key: `approval:${id}`,
      slot: approvalSlot(id),
      payload: { kind: 'approval', approvalId: id },
      at,
    },
    ctx.settings.approvers,
  );
  await showProgress(tx, campaign, at);
}

/** The terms that an approval binds, and the text of its card. */
export function approvalTerms(
  planned: PlannedNode,
  cheaper: PlannedNode | null,
  left: CostLimit,
): ApprovalTerms {
  const { proposal } = planned;
  return {
    specHashes: planned.trials.map((t) => t.specHash),
    expectedSeconds: planned.expected.computeSeconds,
    expectedUsd: planned.expected.usd,
    ceilingSeconds: planned.ceiling.computeSeconds,
    ceilingUsd: planned.ceiling.usd,
    card: {
      why: proposal.hypothesis,
      changes: [...proposal.recipeChanges, ...changesByTrial(planned.trials)],
      budgetLeft: left,
      expectedGain: proposal.expectedGain,
      refutedBy: proposal.refutedBy,
      likely: planned.likely,
      cheaper:
        cheaper === null
          ? null
          : { text: cheaper.proposal.title, expected: cheaper.expected, likely: cheaper.likely },
    },
    cheaper,
  };
}

/** An approval of code binds the code alone: the cost of the node is known, and asked about, after the code has run. */
function codeTerms(
  ctx: Context,
  planned: PlannedNode,
  { purpose, code }: PythonMap,
  left: CostLimit,
): ApprovalTerms {
  const terms = approvalTerms(planned, null, left);
  const question = { purpose, code, terms: ctx.sandbox?.terms ?? '' };
  return { ...terms, specHashes: [codeHash(code)], card: { ...terms.card, code: question } };
}

/**
 * Changes common to all trials first, then those of each trial: two rates in one list would read as a contradiction.
 */
function changesByTrial(trials: PlannedTrial[]): string[] {
  const common = (trials[0]?.changes ?? []).filter((text) => trials.every((t) => t.changes.includes(text)));
  const own = trials.flatMap((trial, index) => {
    const changes = trial.changes.filter((text) => !common.includes(text));
    return changes.length === 0 ? [] : [`trial ${index + 1}: ${changes.join(' and ')}`];
  });
  return [...common, ...own];
}
