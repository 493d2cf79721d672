import { eq, sql } from 'drizzle-orm';
import type { DbOrTx } from './db.ts';
import { calibration } from './schema.ts';

/** Measured over predicted seconds; 1 and 0 runs where nothing was measured. */
export async function findCalibration(db: DbOrTx, name: string): Promise<{ factor: number; runs: number }> {
  const [row] = await db.select().from(calibration).where(eq(calibration.name, name));
  return row ?? { factor: 1, runs: 0 };
}

/** Folds one measurement in: the first is taken whole, later ones with weight 0.3. */
export async function foldCalibration(tx: DbOrTx, name: string, measured: number, at: Date): Promise<void> {
  await tx
    .insert(calibration)
    .values({ name, factor: measured, runs: 1, updatedAt: at })
    .onConflictDoUpdate({
      target: calibration.name,
      set: {
        factor: sql`${calibration.factor} * 0.7 + ${measured}::double precision * 0.3`,
        runs: sql`${calibration.runs} + 1`,
        updatedAt: at,
      },
    });
}
