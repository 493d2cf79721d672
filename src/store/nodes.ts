import { and, asc, eq, max } from 'drizzle-orm';
import type { NodeState } from '../campaign/states.ts';
import { mayMoveNode } from '../campaign/states.ts';
import { ConflictError, existing, NotFoundError } from '../lib/errors.ts';
import type { DbOrTx } from './db.ts';
import { node } from './schema.ts';

export type NodeRow = typeof node.$inferSelect;
export type NewNode = typeof node.$inferInsert;

/** In order of creation. */
export async function listNodes(db: DbOrTx, campaignId: string): Promise<NodeRow[]> {
  return db.select().from(node).where(eq(node.campaignId, campaignId)).orderBy(asc(node.number));
}

/** @throws NotFoundError */
export async function getNode(db: DbOrTx, id: number): Promise<NodeRow> {
  const [row] = await db.select().from(node).where(eq(node.id, id));
  if (row === undefined) throw new NotFoundError(`node ${id}`);
  return row;
}

/** Inserts with the next number of its campaign. The campaign must be locked by the same transaction. */
export async function insertNode(tx: DbOrTx, values: Omit<NewNode, 'number'>): Promise<NodeRow> {
  const [last] = await tx
    .select({ number: max(node.number) })
    .from(node)
    .where(eq(node.campaignId, values.campaignId));
  const [row] = await tx
    .insert(node)
    .values({ ...values, number: last?.number === null || last === undefined ? 0 : last.number + 1 })
    .returning();
  return existing(row, 'The node that was inserted');
}

/**
 * Compare-and-set of the state. @returns false when the node was no longer in `from`
 */
export async function moveNode(
  db: DbOrTx,
  id: number,
  from: NodeState,
  to: NodeState,
  values: Partial<NewNode> = {},
): Promise<boolean> {
  if (!mayMoveNode(from, to)) throw new ConflictError(`A node that is ${from} cannot become ${to}.`);
  const moved = await db
    .update(node)
    .set({ ...values, state: to })
    .where(and(eq(node.id, id), eq(node.state, from)))
    .returning({ id: node.id });
  return moved.length > 0;
}

export async function updateNode(db: DbOrTx, id: number, values: Partial<NewNode>): Promise<void> {
  await db.update(node).set(values).where(eq(node.id, id));
}
