import type { Cost, CostLimit } from './brief.ts';
import { addCost, isAbove, noCost } from './cost.ts';

/** A person's possible answers to an approval card. */
export type ApprovalDecision = 'approve' | 'cheaper' | 'reject';

/**
 * Who may decide about money, by the current configuration. Every path asks here: Start, approval cards, raises and
 * lowerings of the budget, the price of an hour, and the brief before Start.
 *
 * - Committing money (Start with all that the brief holds, a raise, a node's approval) takes the approval of people
 *   with the right: approvers, or everybody where none are named; not of the requester where that is ruled out.
 * - Above the line it takes two of them. Starts and raises that one person decided alone count together for a day, by
 *   person and by campaign, so that slicing an amount does not evade the line. Approvals of nodes spend money that
 *   Start has committed and are measured one by one.
 * - A brief before Start belongs to its requester and, where approvers are named, to them.
 * - Committing less (lowering a budget, withdrawing a node) is for the approvers and the requester.
 */
export interface ApprovalPolicy {
  /** Slack user ids; empty means everybody who sees the card. */
  approvers: readonly string[];
  /** A commitment above either limit needs two people; null on both sides: one is always enough. */
  twoApproversAbove: CostLimit;
  /** The requester of the work may not approve it. */
  noSelfApproval: boolean;
}

export interface Vote {
  user: string;
  decision: ApprovalDecision;
}

/**
 * `not_an_approver`: has no right to decide about money. `own_request`: has the right, but not for work they requested.
 */
export type Refusal = 'not_an_approver' | 'own_request';

const isApprover = (policy: ApprovalPolicy, user: string): boolean =>
  policy.approvers.length === 0 || policy.approvers.includes(user);

/** May change, answer, cancel or start a brief: its requester, and approvers by name. */
export const ownsBrief = (policy: ApprovalPolicy, requester: string, user: string): boolean =>
  user === requester || policy.approvers.includes(user);

/** May commit less while the campaign runs: its requester, and approvers, who are everybody where none are named. */
export const mayShape = (policy: ApprovalPolicy, requester: string, user: string): boolean =>
  user === requester || isApprover(policy, user);

/** The approvers whose approval of this work would count; null: anybody but the requester, where nobody is named. */
export function possibleApprovers(policy: ApprovalPolicy, askedBy: readonly string[]): string[] | null {
  if (policy.approvers.length === 0) return null;
  return policy.approvers.filter((id) => !(policy.noSelfApproval && askedBy.includes(id)));
}

/**
 * The requesters of a running campaign: the original one, and the person who pressed Start. The latter is left out
 * where too few approvers would remain: an approver who starts another person's request has decided about it.
 */
export function askersOf(policy: ApprovalPolicy, requester: string, starter: string): string[] {
  const left = possibleApprovers(policy, [requester, starter]);
  const { computeSeconds, usd } = policy.twoApproversAbove;
  const needed = computeSeconds === null && usd === null ? 1 : 2;
  return left === null || left.length >= needed ? [...new Set([requester, starter])] : [requester];
}

/**
 * Why this person's approval does not count; null when it does. Rejecting one's own request is no approval of it.
 * @param askedBy user ids of the people who asked for the work
 */
export function refusalOf(policy: ApprovalPolicy, vote: Vote, askedBy: readonly string[]): Refusal | null {
  if (!isApprover(policy, vote.user)) return 'not_an_approver';
  const isOwn = policy.noSelfApproval && askedBy.includes(vote.user);
  return isOwn && vote.decision !== 'reject' ? 'own_request' : null;
}

/** Number of approvals that a maximum cost of this size needs. The ceiling counts: an approval permits all of it. */
export const yesesNeeded = (policy: ApprovalPolicy, ceiling: Cost): 1 | 2 =>
  isAbove(ceiling, policy.twoApproversAbove) ? 2 : 1;

/**
 * The people whose approval of exactly this counts, by the rules in force now: an approval of the cheaper version does
 * not cover the more expensive one, the same person counts once, and a person who lost the right since does not count.
 */
export function countedYeses(
  policy: ApprovalPolicy,
  votes: readonly Vote[],
  decision: 'approve' | 'cheaper',
  askedBy: readonly string[],
): string[] {
  const yeses = votes.filter((v) => v.decision === decision && refusalOf(policy, v, askedBy) === null);
  return [...new Set(yeses.map((v) => v.user))];
}

/** Commitments of one person alone since a moment; `lookBackMs` is the length of that time. */
export const lookBackMs = 24 * 3600_000;

/** The effect of a person's approval. `yeses`: the people whose approval counts, this one included. */
export type Ruling =
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'one_more'; yeses: string[] }
  | { kind: 'granted'; yeses: string[] };

/**
 * @param question `earlier`: approvals of exactly the same; `alone`: commitments of one person alone in the last day,
 * see above
 */
export function ruleOn(
  policy: ApprovalPolicy,
  question: {
    user: string;
    decision?: 'approve' | 'cheaper';
    earlier: readonly Vote[];
    askedBy: readonly string[];
    commits: Cost;
    alone?: Cost;
  },
): Ruling {
  const { user, decision = 'approve', earlier, askedBy, commits, alone = noCost } = question;
  const vote = { user, decision };
  const refusal = refusalOf(policy, vote, askedBy);
  if (refusal !== null) return { kind: 'refused', refusal };
  const yeses = countedYeses(policy, [...earlier, vote], decision, askedBy);
  const needed = yesesNeeded(policy, addCost(commits, alone));
  return { kind: yeses.length >= needed ? 'granted' : 'one_more', yeses };
}

/**
 * The cost that a budget permits in both units, by the price where one is known: the tighter of its two sides binds.
 */
export function costOfBudget(budget: CostLimit, usdPerHour: number | null): Cost {
  const usdPerSecond = (usdPerHour ?? 0) / 3600;
  const bySeconds = budget.computeSeconds ?? Number.POSITIVE_INFINITY;
  const byUsd = budget.usd ?? Number.POSITIVE_INFINITY;
  if (usdPerSecond === 0) return { computeSeconds: bySeconds, usd: budget.usd ?? 0 };
  const computeSeconds = Math.min(bySeconds, byUsd / usdPerSecond);
  return { computeSeconds, usd: Math.min(byUsd, computeSeconds * usdPerSecond) };
}

/**
 * The cost that a raise permits in both units, by the price where one is known; a side that is lowered or first limited
 * permits nothing.
 */
export function costOfRaise(from: CostLimit, to: CostLimit, usdPerHour: number | null): Cost {
  const more = (side: keyof CostLimit): number => {
    const [before, after] = [from[side], to[side]];
    if (before === null) return 0;
    return after === null ? Number.POSITIVE_INFINITY : Math.max(0, after - before);
  };
  const usdPerSecond = (usdPerHour ?? 0) / 3600;
  const seconds = Math.max(more('computeSeconds'), usdPerSecond > 0 ? more('usd') / usdPerSecond : 0);
  return { computeSeconds: seconds, usd: Math.max(more('usd'), seconds * usdPerSecond) };
}
