import type { Cost, CostLimit } from './brief.ts';

/** What a person can say to an approval card. */
export type ApprovalDecision = 'approve' | 'cheaper' | 'reject';

/** Who may say yes to spending, as it is configured now. */
export interface ApprovalPolicy {
  /** Slack user ids; empty means everybody who sees the card. */
  approvers: readonly string[];
  /** What may cost more than either limit needs two people; null on both sides: one is always enough. */
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

export const isApprover = (policy: ApprovalPolicy, user: string): boolean =>
  policy.approvers.length === 0 || policy.approvers.includes(user);

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

/** Above either limit; a side without a limit is never above. */
export function isAbove(cost: Cost, limit: CostLimit): boolean {
  return (
    (limit.computeSeconds !== null && cost.computeSeconds > limit.computeSeconds) ||
    (limit.usd !== null && cost.usd > limit.usd)
  );
}
