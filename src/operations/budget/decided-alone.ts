import { lookBackMs } from '../../campaign/approval-policy.ts';
import type { Cost } from '../../campaign/brief.ts';
import { noCost } from '../../campaign/cost.ts';
import type { DbOrTx } from '../../store/db.ts';
import { type Committed, sumDecidedAlone } from '../../store/events.ts';
import type { Context } from '../context.ts';

/**
 * The amount that one person has committed alone within a day, which counts towards the limit for two approvers;
 * nothing where there is no such limit.
 */
export async function decidedAlone(
  ctx: Context,
  tx: DbOrTx,
  who: { campaignId: string; user: string },
): Promise<Cost> {
  const { computeSeconds, usd } = ctx.settings.twoApproversAbove;
  if (computeSeconds === null && usd === null) return noCost;
  const since = new Date(ctx.clock.now().getTime() - lookBackMs);
  return sumDecidedAlone(tx, { ...who, since });
}

/** JSON knows no infinity, and nobody has this much. */
const largest = 1e12;

/** How the audit keeps it, so that the next Start or raise can add it up. */
export const committed = (commits: Cost, decidedBy: string[]): { commits: Cost; decidedBy: string[] } =>
  ({
    commits: {
      computeSeconds: Math.min(largest, commits.computeSeconds),
      usd: Math.min(largest, commits.usd),
    },
    decidedBy,
  }) satisfies Committed;
