import { type ApprovalDecision, type Refusal, refusalOf, ruleOn } from '../../campaign/approval-policy.ts';
import type { Cost, CostLimit } from '../../campaign/brief.ts';
import { ceilingScale } from '../../campaign/cost.ts';
import type { PlannedNode } from '../../campaign/planned-node.ts';
import { priceOf } from '../../campaign/price.ts';
import { runSpecHash } from '../../campaign/run-spec.ts';
import type { ApprovalKind, ApprovalState, CampaignState } from '../../campaign/states.ts';
import { TrexError } from '../../lib/errors.ts';
import { codeHash, pythonSteps } from '../../recipe/recipe.ts';
import {
  type ApprovalRow,
  castVote,
  decideApprovalRow,
  getApproval,
  listVotes,
  updateApprovalTerms,
} from '../../store/approvals.ts';
import { type CampaignRow, updateCampaign } from '../../store/campaigns.ts';
import { type DbOrTx, isUniqueViolation } from '../../store/db.ts';
import { listAskers, recordEvent } from '../../store/events.ts';
import { getNode, moveNode, type NodeRow, updateNode } from '../../store/nodes.ts';
import {
  listTrialsOfNode,
  moveTrial,
  replaceTrials,
  type TrialRow,
  updateTrial,
} from '../../store/trials.ts';
import type { Reply } from '../bot.ts';
import { closeBudgetQuestion } from '../budget/budget-question.ts';
import { spendableBudget } from '../budget/confirmation-reserve.ts';
import { type ActiveChange, changeActiveCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { BudgetExceeded, launchNode, trialValues } from '../launch/launch-node.ts';
import { nameOf, refusalText } from '../people.ts';
import { atPrice } from '../plan/plan-node.ts';
import { approvalSlot, say, showProgress } from '../say.ts';
import { loadTree, sumCost } from '../view/load-tree.ts';
import { approvalTerms } from './insert-planned-node.ts';

interface Input {
  approvalId: string;
  decision: ApprovalDecision;
  user: string;
}

/** The result of one person's decision. */
type Outcome =
  | { kind: 'decided' }
  | { kind: 'one_more'; node: number; counted: 'now' | 'before' }
  | { kind: 'refused'; refusal: Refusal; askedBy: string[]; about: ApprovalKind }
  | { kind: 'too_late'; state: ApprovalState; by: string | null }
  | { kind: 'over'; state: CampaignState }
  | { kind: 'no_cheaper' }
  | { kind: 'cheaper_ran' }
  | { kind: 'no_money' };

/**
 * Counts a person's decision on an approval. The plan on the card is launched up to its ceiling, or run when it is
 * code, once as many people as the rules ask for have approved the same terms; one rejection ends it. Vote, decision
 * and launch are one transaction: of two clicks one wins, and the other person learns who was first.
 */
export async function decideApproval({ ctx, input }: { ctx: Context; input: Input }): Promise<Reply> {
  const { campaignId } = await getApproval(ctx.db, input.approvalId);
  const outcome = await changeActiveCampaign(ctx, campaignId, (change) => decide(change, input)).catch(
    (error: unknown): Outcome => {
      if (error instanceof BudgetExceeded) return { kind: 'no_money' };
      // A run spec is paid for once: while the card waited, another node ran the same one.
      if (input.decision === 'cheaper' && isUniqueViolation(error)) return { kind: 'cheaper_ran' };
      throw error;
    },
  );
  return { private: await answerTo(ctx, input, outcome) };
}

async function decide(change: ActiveChange, { approvalId, decision, user }: Input): Promise<Outcome> {
  const { ctx, tx, campaign, at } = change;
  const campaignId = campaign.id;
  const approval = await getApproval(tx, approvalId);
  const askedBy = [campaign.createdBy, ...(await listAskers(tx, campaignId, approval.id))];
  const refusal = refusalOf(ctx.settings, { user, decision }, askedBy);
  if (refusal !== null) return { kind: 'refused', refusal, askedBy, about: approval.kind };
  if (approval.state !== 'pending')
    return { kind: 'too_late', state: approval.state, by: approval.decidedBy };
  if (campaign.state !== 'searching') return { kind: 'over', state: campaign.state };
  const usdPerHour = priceOf(ctx.settings, campaign);
  const cheaper = approval.cheaper === null ? null : atPrice(approval.cheaper, usdPerHour);
  if (decision === 'cheaper' && cheaper === null) return { kind: 'no_cheaper' };

  const node = await getNode(tx, approval.nodeId);
  const before = await castVote(tx, { approvalId, userId: user, decision, at });
  const votes = (await listVotes(tx, { approvalId })).map((v) => ({ user: v.userId, decision: v.decision }));
  const audit = {
    approval: approval.id,
    decision,
    node: node.number,
    card: { ...seenCard(approval, node), votes },
  };
  if (decision !== 'reject') {
    const commits = decision === 'cheaper' && cheaper !== null ? cheaper.ceiling : ceilingOf(approval);
    const ruling = ruleOn(ctx.settings, { user, decision, earlier: votes, askedBy, commits });
    if (ruling.kind !== 'granted') {
      if (before === decision) return { kind: 'one_more', node: node.number, counted: 'before' };
      await showVote(change, user, audit);
      return { kind: 'one_more', node: node.number, counted: 'now' };
    }
  }

  const state = decision === 'reject' ? 'rejected' : 'approved';
  if (!(await decideApprovalRow(tx, approval.id, { to: state, by: user, at })))
    throw new Error(`approval ${approval.id} was decided outside of the campaign's lock`);
  if (decision === 'reject') await withdraw(tx, node, at);
  else if (approval.kind === 'code') await releaseCode(tx, node, approval);
  else await launchApproved(change, { approval, node, cheaper: decision === 'cheaper' ? cheaper : null });
  await recordChange(change, `approval.${state}`, audit, user);
  if (!(await closeBudgetQuestion(tx, campaign, 'No longer needed.', at)) && !campaign.paused)
    await updateCampaign(tx, campaign.id, { heldBecause: null });
  await showDecision(tx, campaign, approval.id, at);
  return { kind: 'decided' };
}

/** An approval that needs one more person: recorded, and shown on the card. */
async function showVote(
  { tx, campaign, at }: ActiveChange,
  user: string,
  audit: { approval: string; decision: ApprovalDecision },
): Promise<void> {
  await recordEvent(tx, { campaignId: campaign.id, name: 'approval.voted', actor: user, data: audit, at });
  await say(tx, campaign, {
    key: `approval:${audit.approval}:${user}:${audit.decision}:${at.getTime()}`,
    slot: approvalSlot(audit.approval),
    payload: { kind: 'approval', approvalId: audit.approval },
    at,
  });
}

/** Approved code runs next: the node is planned again, with rows that the code makes. */
async function releaseCode(tx: DbOrTx, node: NodeRow, { specHashes }: ApprovalRow): Promise<void> {
  assertSameCode(node, specHashes);
  await moveNode(tx, node.id, 'awaiting_approval', 'planned');
}

/** Launches the node as the card shows it, or its cheaper version where that was approved. */
async function launchApproved(
  change: ActiveChange,
  { approval, node, cheaper }: { approval: ApprovalRow; node: NodeRow; cheaper: PlannedNode | null },
): Promise<void> {
  const { ctx, tx, campaign, at } = change;
  // Read under the lock: what another approval has just reserved is no longer available.
  const left = spendableBudget(await loadTree({ db: tx }, campaign.id), priceOf(ctx.settings, campaign));
  let trials: TrialRow[];
  if (cheaper === null) trials = assertSameSpecs(await listTrialsOfNode(tx, node.id), approval.specHashes);
  else {
    // The card and the ceiling are those of the cheaper version from here on.
    const terms = approvalTerms(cheaper, null, approval.card.budgetLeft);
    await updateApprovalTerms(tx, approval.id, terms);
    trials = assertSameSpecs(await replaceWithCheaper(tx, node, cheaper, at), terms.specHashes);
  }
  await launchNode(change, node, await fitTrials(tx, trials, left), 'awaiting_approval');
}

const ceilingOf = ({ ceilingSeconds, ceilingUsd }: ApprovalRow): Cost => ({
  computeSeconds: ceilingSeconds,
  usd: ceilingUsd,
});

/** The card as people saw it when they decided, for the audit. */
const seenCard = (approval: ApprovalRow, node: NodeRow) => ({
  title: node.title,
  kind: approval.kind,
  specHashes: approval.specHashes,
  expected: { computeSeconds: approval.expectedSeconds, usd: approval.expectedUsd },
  ceiling: ceilingOf(approval),
  ...approval.card,
});

/** The answer to the person alone; null when the card says it. */
async function answerTo(ctx: Context, input: Input, outcome: Outcome): Promise<string | null> {
  switch (outcome.kind) {
    case 'decided':
      return null;
    case 'one_more':
      return outcome.counted === 'now'
        ? `Your yes to #${outcome.node} counts. It costs enough that one more person has to say yes.`
        : `You have said yes to #${outcome.node} already, and nobody counts twice: one more person has to say yes.`;
    case 'refused':
      return refusalText(ctx, outcome);
    case 'too_late': {
      if (outcome.state === 'withdrawn')
        return 'This question was withdrawn when the campaign ended; nothing was started.';
      const name = outcome.by === input.user ? 'You have' : `${await nameOf(ctx, outcome.by ?? '')} has`;
      return `${name} already decided: ${outcome.state}.`;
    }
    case 'over':
      return `This campaign is ${outcome.state}; nothing was started.`;
    case 'no_cheaper':
      return 'There is no cheaper version of this one.';
    case 'cheaper_ran':
      return 'The cheaper version has been part of another node since, so I have not started it again; the question stays open.';
    case 'no_money':
      return 'The budget that is left no longer covers its ceiling, so I have not started it; the question stays open. Write for example `raise the budget to 30 min`, then approve again.';
  }
}

async function withdraw(tx: DbOrTx, node: NodeRow, at: Date): Promise<void> {
  await moveNode(tx, node.id, 'awaiting_approval', 'withdrawn', { finishedAt: at });
  for (const trial of await listTrialsOfNode(tx, node.id)) {
    await moveTrial(tx, trial.id, ['planned'], 'withdrawn', { finishedAt: at });
  }
}

/**
 * The trials that stood on the card and no others, each with the settings that its hash was made of.
 * @throws TrexError `spec_changed`, and nothing is launched, when anything has changed since
 */
function assertSameSpecs(trials: TrialRow[], hashes: string[]): TrialRow[] {
  const found = trials.map((t) => runSpecHash(t.spec)).sort();
  if (JSON.stringify(found) !== JSON.stringify([...hashes].sort())) throw specChanged();
  return trials;
}

/** @throws TrexError `spec_changed` when the node would run other code than the card showed */
function assertSameCode({ recipe }: NodeRow, hashes: string[]): void {
  const found = recipe === null ? [] : pythonSteps(recipe).map((step) => codeHash(step.code));
  if (!hashes.every((hash) => found.includes(hash))) throw specChanged();
}

const specChanged = (): TrexError =>
  new TrexError(
    'spec_changed',
    'ours',
    'The plan behind this card is no longer the one that it shows, so I have started nothing.',
  );

/** Ceilings as approved, or scaled down where the budget has become smaller since. */
async function fitTrials(tx: DbOrTx, trials: TrialRow[], left: CostLimit): Promise<TrialRow[]> {
  const share = ceilingScale(sumCost(trials, 'expected'), sumCost(trials, 'ceiling'), left);
  if (share === null) throw new BudgetExceeded('an approved node');
  if (share === 1) return trials;
  const fitted = trials.map((trial) => ({
    ...trial,
    ceilingSeconds: trial.ceilingSeconds * share,
    ceilingUsd: trial.ceilingUsd * share,
  }));
  for (const { id, ceilingSeconds, ceilingUsd } of fitted)
    await updateTrial(tx, id, { ceilingSeconds, ceilingUsd });
  return fitted;
}

async function replaceWithCheaper(
  tx: DbOrTx,
  node: NodeRow,
  cheaper: PlannedNode,
  at: Date,
): Promise<TrialRow[]> {
  const { proposal } = cheaper;
  await updateNode(tx, node.id, {
    title: proposal.title,
    hypothesis: proposal.hypothesis,
    recipe: proposal.recipe,
    trace: cheaper.trace,
    factors: proposal.factors,
  });
  return replaceTrials(tx, node.id, trialValues(node, cheaper.trials, at));
}

export async function showDecision(
  tx: DbOrTx,
  campaign: Pick<CampaignRow, 'id' | 'channel' | 'threadTs'>,
  approvalId: string,
  at: Date,
): Promise<void> {
  await say(tx, campaign, {
    key: `approval:${approvalId}:decided`,
    slot: approvalSlot(approvalId),
    payload: { kind: 'approval', approvalId },
    at,
  });
  await showProgress(tx, campaign, at);
}
