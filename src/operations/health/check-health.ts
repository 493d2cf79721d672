import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asError, isDiskFull, TrexError } from '../../lib/errors.ts';
import { acquireLease } from '../../store/leases.ts';
import type { Context } from '../context.ts';

/** A cluster that nothing was heard of for this long is asked; while jobs run, polls show whether it answers. */
const clusterSilenceMs = 60_000;
const databasePatienceMs = 10_000;
/** Bytes that a run's files take at least. */
const probeBytes = 1024 * 1024;

/** Checks database, disk and cluster once. The chat reports itself whenever something is delivered. */
export async function checkHealth({ ctx }: { ctx: Context }): Promise<void> {
  await Promise.all([checkDatabase(ctx), checkDisk(ctx), checkCluster(ctx)]);
}

/** Writes a row: a database that can only be read is no use. */
export async function checkDatabase(ctx: Context): Promise<void> {
  const late = new AbortController();
  const patience = ctx.clock.sleep(databasePatienceMs, late.signal).then(() => {
    if (!late.signal.aborted) throw new Error(`it did not answer in ${databasePatienceMs / 1000} s`);
  });
  try {
    await Promise.race([acquireLease(ctx.db, 'health-probe', 'anybody', 1), patience]);
    ctx.health.note('database', null);
  } catch (error) {
    ctx.health.note('database', `The database cannot be used: ${causeOf(error)}.`);
  } finally {
    late.abort();
  }
}

/** The driver's message, without the statement that drizzle puts before it. */
function causeOf(error: unknown): string {
  let cause = asError(error);
  while (cause.cause instanceof Error) cause = cause.cause;
  return cause.message.slice(0, 300).replace(/[.\s]+$/, '');
}

/** Writes a file of the size of a small run where runs and data are kept. */
export async function checkDisk(ctx: Context): Promise<void> {
  try {
    await probeRoom(ctx.settings.dataDir);
    ctx.health.note('disk', null);
  } catch (error) {
    const { dataDir } = ctx.settings;
    ctx.health.note(
      'disk',
      isDiskFull(error)
        ? `The disk of ${dataDir} is full. Free some room, and everything goes on by itself.`
        : `The data folder ${dataDir} cannot be written: ${asError(error).message}.`,
    );
  }
}

/** @throws the error of the system when a file of 1 MiB cannot be written in this folder */
export async function probeRoom(dir: string): Promise<void> {
  const path = join(dir, `.room-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(path, Buffer.alloc(probeBytes));
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}

async function checkCluster(ctx: Context): Promise<void> {
  const heard = ctx.health.notedAt('cluster');
  if (heard !== null && ctx.clock.now().getTime() - heard.getTime() < clusterSilenceMs) return;
  await noteCluster(ctx, () => ctx.cluster.slots()).catch(() => {});
}

/** Asks the cluster something, and notes whether it answered. */
export async function noteCluster<T>(ctx: Context, ask: () => Promise<T>): Promise<T> {
  try {
    const answer = await ask();
    ctx.health.note('cluster', null);
    return answer;
  } catch (error) {
    if (error instanceof TrexError) ctx.health.note('cluster', error.message);
    throw error;
  }
}
