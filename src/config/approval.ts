import { parseLimit } from '../lib/parse/amounts.ts';
import { badConfig, type Env } from './environment.ts';

/** Who may approve spending, and how many approvals it needs. */
export interface ApprovalConfig {
  /** Empty: everybody. */
  approvers: string[];
  /** A cost that may exceed either limit needs two approvers; both null: one is always enough. */
  twoApproversAbove: { computeSeconds: number | null; usd: number | null };
  noSelfApproval: boolean;
}

export function approvalOf(env: Env): ApprovalConfig {
  const approvers = [...new Set(env.TREX_APPROVERS.split(/[\s,]+/).filter((id) => id !== ''))];
  const names = approvers.filter((id) => !/^[UW][A-Z0-9]+$/.test(id));
  if (names.length > 0) {
    throw badConfig([
      `TREX_APPROVERS: ${names.join(', ')} is no id of a person. Copy the member id from the profile in Slack; it begins with U or W`,
    ]);
  }
  const line = env.TREX_TWO_APPROVERS_ABOVE;
  const limit = line === undefined ? { computeSeconds: null, usd: null } : parseLimit(line);
  if (limit === null) {
    throw badConfig([
      `TREX_TWO_APPROVERS_ABOVE: ${line} is not an amount such as \`30 min\`, \`$20\` or \`30 min, $20\``,
    ]);
  }
  if (limit.usd !== null && !(Number(env.TREX_USD_PER_HOUR) > 0)) {
    throw badConfig([
      'TREX_TWO_APPROVERS_ABOVE is in dollars, and an hour has no price. Set TREX_USD_PER_HOUR, or give minutes',
    ]);
  }
  if (line !== undefined && approvers.length === 1) {
    throw badConfig([
      'TREX_TWO_APPROVERS_ABOVE asks for two people, and TREX_APPROVERS names one. Name another, or leave it empty for everybody',
    ]);
  }
  return { approvers, twoApproversAbove: limit, noSelfApproval: env.TREX_NO_SELF_APPROVAL === 'true' };
}
