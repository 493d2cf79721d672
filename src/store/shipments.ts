import { and, asc, desc, eq, inArray, lte } from 'drizzle-orm';
import { openShipmentStates, type ShipmentState } from '../campaign/shipment.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { DbOrTx } from './db.ts';
import { shipment } from './schema.ts';

export type ShipmentRow = typeof shipment.$inferSelect;

export async function insertShipment(tx: DbOrTx, values: typeof shipment.$inferInsert): Promise<void> {
  await tx.insert(shipment).values(values);
}

/** @throws NotFoundError */
export async function getShipment(db: DbOrTx, id: string): Promise<ShipmentRow> {
  const [row] = await db.select().from(shipment).where(eq(shipment.id, id));
  if (row === undefined) throw new NotFoundError(`the shipment ${id}`);
  return row;
}

/** Newest first. */
export async function listShipments(db: DbOrTx, campaignId: string): Promise<ShipmentRow[]> {
  return db
    .select()
    .from(shipment)
    .where(eq(shipment.campaignId, campaignId))
    .orderBy(desc(shipment.requestedAt), desc(shipment.id));
}

export async function listOpenShipments(db: DbOrTx, campaignId: string): Promise<ShipmentRow[]> {
  return db
    .select()
    .from(shipment)
    .where(and(eq(shipment.campaignId, campaignId), inArray(shipment.state, [...openShipmentStates])));
}

/** Approved or begun, not finished, and due by now; the longest waiting first. */
export async function listDueShipments(db: DbOrTx, now: Date): Promise<ShipmentRow[]> {
  return db
    .select()
    .from(shipment)
    .where(and(inArray(shipment.state, ['approved', 'shipping']), lte(shipment.dueAt, now)))
    .orderBy(asc(shipment.dueAt), asc(shipment.id));
}

/** Compare-and-set. @returns false when it was in none of `from` */
export async function moveShipment(
  db: DbOrTx,
  id: string,
  from: ShipmentState[],
  to: ShipmentState,
  values: Partial<typeof shipment.$inferInsert> = {},
): Promise<boolean> {
  const moved = await db
    .update(shipment)
    .set({ ...values, state: to })
    .where(and(eq(shipment.id, id), inArray(shipment.state, from)))
    .returning({ id: shipment.id });
  return moved.length > 0;
}
