import { eq } from 'drizzle-orm';
import type { DbOrTx } from './db.ts';
import { calibration } from './schema.ts';

export type CalibrationRow = Pick<typeof calibration.$inferSelect, 'factor' | 'runs' | 'squaredError'>;

const unmeasured: CalibrationRow = { factor: 1, runs: 0, squaredError: null };

/** Measured over predicted seconds; 1 and 0 runs where nothing was measured. */
export async function findCalibration(db: DbOrTx, name: string): Promise<CalibrationRow> {
  const [row] = await db.select().from(calibration).where(eq(calibration.name, name));
  return row ?? unmeasured;
}

/** Replaces the stored value with `fold` of it; in a transaction, so that no concurrent update is lost. */
export async function updateCalibration(
  tx: DbOrTx,
  name: string,
  fold: (before: CalibrationRow) => CalibrationRow,
  at: Date,
): Promise<void> {
  await tx
    .insert(calibration)
    .values({ name, ...unmeasured, updatedAt: at })
    .onConflictDoNothing();
  const [before] = await tx.select().from(calibration).where(eq(calibration.name, name)).for('update');
  await tx
    .update(calibration)
    .set({ ...fold(before ?? unmeasured), updatedAt: at })
    .where(eq(calibration.name, name));
}
