import { and, asc, eq, inArray, isNotNull, isNull } from 'drizzle-orm';
import type { Stop } from '../campaign/run-watch.ts';
import type { DbOrTx } from './db.ts';
import { job, trial } from './schema.ts';
import type { TrialRow } from './trials.ts';

export type JobRow = typeof job.$inferSelect;
export type NewJob = typeof job.$inferInsert;

export async function insertJob(tx: DbOrTx, values: NewJob): Promise<void> {
  await tx.insert(job).values(values);
}

export async function findJob(db: DbOrTx, key: string): Promise<JobRow | undefined> {
  const [row] = await db.select().from(job).where(eq(job.key, key));
  return row;
}

export async function listJobs(db: DbOrTx, campaignId: string): Promise<JobRow[]> {
  return db
    .select()
    .from(job)
    .where(eq(job.campaignId, campaignId))
    .orderBy(asc(job.createdAt), asc(job.key));
}

export async function listJobsInStates(db: DbOrTx, states: JobRow['state'][]): Promise<JobRow[]> {
  return db.select().from(job).where(inArray(job.state, states)).orderBy(asc(job.createdAt), asc(job.key));
}

/** Jobs that were submitted, or turned away, and have not begun. */
export async function listWaitingJobs(db: DbOrTx): Promise<JobRow[]> {
  return db
    .select()
    .from(job)
    .where(and(inArray(job.state, ['intent', 'live']), isNotNull(job.wait)))
    .orderBy(asc(job.createdAt), asc(job.key));
}

/** Cancelled jobs of which it is not known whether the cluster took them. */
export async function listDoubtfulJobs(db: DbOrTx): Promise<JobRow[]> {
  return db
    .select()
    .from(job)
    .where(and(eq(job.state, 'harvested'), isNotNull(job.wait)))
    .orderBy(asc(job.createdAt), asc(job.key));
}

export async function listJobsOfTrial(db: DbOrTx, trialId: number): Promise<JobRow[]> {
  return db.select().from(job).where(eq(job.trialId, trialId)).orderBy(asc(job.createdAt), asc(job.key));
}

/** Runs that are on the cluster, with their training specs. */
export async function listLiveRuns(db: DbOrTx): Promise<{ job: JobRow; trial: TrialRow }[]> {
  return db
    .select({ job, trial })
    .from(job)
    .innerJoin(trial, eq(trial.id, job.trialId))
    .where(and(eq(job.state, 'live'), eq(job.kind, 'run')))
    .orderBy(asc(job.createdAt), asc(job.key));
}

/** Compare-and-set. @returns false when the job is no longer live, or its stop was decided before */
export async function recordStop(tx: DbOrTx, key: string, stop: Stop): Promise<boolean> {
  const recorded = await tx
    .update(job)
    .set({ stop })
    .where(and(eq(job.key, key), eq(job.state, 'live'), isNull(job.stop)))
    .returning({ key: job.key });
  return recorded.length > 0;
}

export async function updateJob(db: DbOrTx, key: string, values: Partial<NewJob>): Promise<void> {
  await db.update(job).set(values).where(eq(job.key, key));
}

/** Compare-and-set. @returns false when the job was no longer in `from` */
export async function moveJob(
  db: DbOrTx,
  key: string,
  from: JobRow['state'],
  to: JobRow['state'],
  values: Partial<NewJob> = {},
): Promise<boolean> {
  const moved = await db
    .update(job)
    .set({ ...values, state: to })
    .where(and(eq(job.key, key), eq(job.state, from)))
    .returning({ key: job.key });
  return moved.length > 0;
}
