import { and, asc, eq } from 'drizzle-orm';
import type { ApprovalDecision } from '../campaign/approval-policy.ts';
import type { ApprovalState } from '../campaign/states.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { DbOrTx } from './db.ts';
import { approval, approvalVote } from './schema.ts';

export type ApprovalRow = typeof approval.$inferSelect;
/** The subject of an approval: the specs or code that it binds, and the card. */
export type ApprovalTerms = Pick<
  ApprovalRow,
  'specHashes' | 'expectedSeconds' | 'expectedUsd' | 'ceilingSeconds' | 'ceilingUsd' | 'card' | 'cheaper'
>;
export type ApprovalVoteRow = typeof approvalVote.$inferSelect;

export async function insertApproval(tx: DbOrTx, values: typeof approval.$inferInsert): Promise<void> {
  await tx.insert(approval).values(values);
}

/** @throws NotFoundError */
export async function getApproval(db: DbOrTx, id: string): Promise<ApprovalRow> {
  const [row] = await db.select().from(approval).where(eq(approval.id, id));
  if (row === undefined) throw new NotFoundError(`the approval ${id}`);
  return row;
}

export async function listApprovals(db: DbOrTx, campaignId: string): Promise<ApprovalRow[]> {
  return db
    .select()
    .from(approval)
    .where(eq(approval.campaignId, campaignId))
    .orderBy(asc(approval.requestedAt));
}

/**
 * Stores a person's vote; a newer one replaces an older one. The approval's campaign must be locked.
 * @returns the person's earlier vote; null when there was none
 */
export async function castVote(tx: DbOrTx, vote: ApprovalVoteRow): Promise<ApprovalDecision | null> {
  const [before] = await tx
    .select({ decision: approvalVote.decision })
    .from(approvalVote)
    .where(and(eq(approvalVote.approvalId, vote.approvalId), eq(approvalVote.userId, vote.userId)));
  await tx
    .insert(approvalVote)
    .values(vote)
    .onConflictDoUpdate({
      target: [approvalVote.approvalId, approvalVote.userId],
      set: { decision: vote.decision, at: vote.at },
    });
  return before?.decision ?? null;
}

/** In the order in which they were given, of one approval or of all of a campaign. */
export async function listVotes(
  db: DbOrTx,
  where: { approvalId: string } | { campaignId: string },
): Promise<ApprovalVoteRow[]> {
  return db
    .select({
      approvalId: approvalVote.approvalId,
      userId: approvalVote.userId,
      decision: approvalVote.decision,
      at: approvalVote.at,
    })
    .from(approvalVote)
    .innerJoin(approval, eq(approval.id, approvalVote.approvalId))
    .where(
      'approvalId' in where
        ? eq(approvalVote.approvalId, where.approvalId)
        : eq(approval.campaignId, where.campaignId),
    )
    .orderBy(asc(approvalVote.at), asc(approvalVote.userId));
}

/**
 * Decisions on code that people of this campaign were asked about, by its hash. An approval holds for every later node;
 * a question that was withdrawn may be asked again.
 */
export async function codeDecisions(db: DbOrTx, campaignId: string): Promise<Map<string, ApprovalState>> {
  const rows = await db
    .select({ state: approval.state, hashes: approval.specHashes })
    .from(approval)
    .where(and(eq(approval.campaignId, campaignId), eq(approval.kind, 'code')))
    .orderBy(asc(approval.requestedAt));
  return new Map(rows.flatMap(({ state, hashes }) => hashes.map((hash) => [hash, state] as const)));
}

/** The one decision: pending becomes decided exactly once. @returns false when somebody else was first */
export async function decideApprovalRow(
  tx: DbOrTx,
  id: string,
  { to, by, at }: { to: Exclude<ApprovalState, 'pending'>; by: string; at: Date },
): Promise<boolean> {
  const decided = await tx
    .update(approval)
    .set({ state: to, decidedBy: by, decidedAt: at })
    .where(and(eq(approval.id, id), eq(approval.state, 'pending')))
    .returning({ id: approval.id });
  return decided.length > 0;
}

/** Another spec replaced the one that was asked about, before any of it was started. */
export async function updateApprovalTerms(tx: DbOrTx, id: string, terms: ApprovalTerms): Promise<void> {
  await tx.update(approval).set(terms).where(eq(approval.id, id));
}
