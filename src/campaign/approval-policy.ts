import type { Cost, CostLimit } from './brief.ts';
import { addCost, isAbove, noCost } from './cost.ts';

/** What a person can say to an approval card. */
export type ApprovalDecision = 'approve' | 'cheaper' | 'reject';

/**
 * Who may decide about money, as it is configured now. Every door asks here: Start, approval cards, raises and lowerings
 * of the budget, the price of an hour, and the brief before Start.
 *
 * - What commits money (Start with all that stands in the brief, a raise, a node's approval) takes the word of people
 *   with the right: approvers, or everybody where none are named; not of who asked for the work where that is ruled out.
 * - Above the line it takes two of them. Starts and raises that one person decided alone count together for a day, by
 *   person and by campaign: what is cut into slices is not smaller. Approvals of nodes spend what Start has committed
 *   and are measured one by one.
 * - A brief before Start is its requester's and, where approvers are named, theirs.
 * - What commits less (lowering a budget, withdrawing a node) is for the approvers and the requester.
 */
export interface ApprovalPolicy {
  /** Slack user ids; empty means everybody who sees the card. */
  approvers: readonly string[];
  /** What commits more than either limit needs two people; null on both sides: one is always enough. */
  twoApproversAbove: CostLimit;
  /** Whoever asked for the work may not approve it. */
  noSelfApproval: boolean;
}

export interface Vote {
  user: string;
  decision: ApprovalDecision;
}

/** `not_an_approver`: has no say about money. `own_request`: has one, but not about work they asked for. */
export type Refusal = 'not_an_approver' | 'own_request';

const isApprover = (policy: ApprovalPolicy, user: string): boolean =>
  policy.approvers.length === 0 || policy.approvers.includes(user);

/** May change, answer, cancel or start a brief: whose request it is, and approvers by name. */
export const ownsBrief = (policy: ApprovalPolicy, requester: string, user: string): boolean =>
  user === requester || policy.approvers.includes(user);

/** May commit less while it runs: whose request it is, and approvers, who are everybody where none are named. */
export const mayShape = (policy: ApprovalPolicy, requester: string, user: string): boolean =>
  user === requester || isApprover(policy, user);

/** The approvers whose approval of this work would count; null: anybody but who asked, where nobody is named. */
export function possibleApprovers(policy: ApprovalPolicy, askedBy: readonly string[]): string[] | null {
  if (policy.approvers.length === 0) return null;
  return policy.approvers.filter((id) => !(policy.noSelfApproval && askedBy.includes(id)));
}

/**
 * Who counts as having asked for a campaign once it runs: the requester, and who pressed Start. The latter not where too
 * few approvers would be left: an approver who starts what another requested has decided about it.
 */
export function askersOf(policy: ApprovalPolicy, requester: string, starter: string): string[] {
  const left = possibleApprovers(policy, [requester, starter]);
  const { computeSeconds, usd } = policy.twoApproversAbove;
  const needed = computeSeconds === null && usd === null ? 1 : 2;
  return left === null || left.length >= needed ? [...new Set([requester, starter])] : [requester];
}

/**
 * Why this person's word does not count; null when it does. Rejecting one's own request is no approval of it.
 * @param askedBy user ids of the people who asked for the work
 */
export function refusalOf(policy: ApprovalPolicy, vote: Vote, askedBy: readonly string[]): Refusal | null {
  if (!isApprover(policy, vote.user)) return 'not_an_approver';
  const isOwn = policy.noSelfApproval && askedBy.includes(vote.user);
  return isOwn && vote.decision !== 'reject' ? 'own_request' : null;
}

/** How many people have to say yes to something that may cost this at most. The ceiling counts: it is what a yes permits. */
export const yesesNeeded = (policy: ApprovalPolicy, ceiling: Cost): 1 | 2 =>
  isAbove(ceiling, policy.twoApproversAbove) ? 2 : 1;

/**
 * The people whose yes to exactly this counts, by the rules in force now: a yes to the cheaper version is none to
 * the dearer one, the same person counts once, and a person who lost the right since does not count.
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

/** What has been committed since a moment by one person alone; `lookBackMs` is how far it counts. */
export const lookBackMs = 24 * 3600_000;

/** What a person's approval of something comes to. `yeses`: the people whose approval counts, this one included. */
export type Ruling =
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'one_more'; yeses: string[] }
  | { kind: 'granted'; yeses: string[] };

/** @param question `earlier`: approvals of exactly the same; `alone`: what was decided alone in the last day, see above */
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

/** What a budget permits in both units, by the price where one is known: the tighter of its two sides binds. */
export function costOfBudget(budget: CostLimit, usdPerHour: number | null): Cost {
  const usdPerSecond = (usdPerHour ?? 0) / 3600;
  const bySeconds = budget.computeSeconds ?? Number.POSITIVE_INFINITY;
  const byUsd = budget.usd ?? Number.POSITIVE_INFINITY;
  if (usdPerSecond === 0) return { computeSeconds: bySeconds, usd: budget.usd ?? 0 };
  const computeSeconds = Math.min(bySeconds, byUsd / usdPerSecond);
  return { computeSeconds, usd: Math.min(byUsd, computeSeconds * usdPerSecond) };
}

/** What a raise permits in both units, by the price where one is known; a side that is lowered or first limited permits nothing. */
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
