import { constants } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WeightsPlace } from '../../campaign/view.ts';
import { asError, TrexError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { runFolder } from '../launch/run-folder.ts';

/** Finishing a campaign waits this long for its weights to become readable, and retries this often. */
const patienceMs = 600_000;
const lookAgainMs = 10_000;

/**
 * Checks that the winner's weights are those that its run reported, and copies them beside the report unless they are
 * to stay on the cluster. Weights that differ are copied nowhere.
 * @param run `dir`: the destination; `since`: when there was nothing else left to do
 * @returns null while the cluster does not answer and there is patience left
 */
export async function placeWeights(
  ctx: Context,
  run: { runKey: string; weightsSha256: string | null; dir: string; since: Date },
): Promise<WeightsPlace | null> {
  const now = ctx.clock.now().getTime();
  if (now - (ctx.weightsPace.get(run.runKey) ?? 0) < lookAgainMs) return null;
  const place = await look(ctx, run, now - run.since.getTime() > patienceMs);
  if (place === null) ctx.weightsPace.set(run.runKey, now);
  else ctx.weightsPace.delete(run.runKey);
  return place;
}

async function look(
  ctx: Context,
  { runKey, weightsSha256, dir }: { runKey: string; weightsSha256: string | null; dir: string },
  isLastTry: boolean,
): Promise<WeightsPlace | null> {
  const { weightsFile, weightsCompanions = [] } = ctx.engine;
  const madeIn = join(runFolder(ctx, runKey), weightsFile);
  try {
    if (ctx.settings.fetchWeights) await ctx.cluster.fetch(runKey, [weightsFile, ...weightsCompanions]);
  } catch (error) {
    ctx.log.warn({ err: asError(error), job: runKey }, 'weights.not_fetched');
    if (!isLastTry) return null;
  }
  try {
    const facts = await ctx.cluster.inspect(runKey, weightsFile);
    if (facts === null) return { host: null, path: madeIn, bytes: null, check: 'missing' };
    const { host, path, bytes, sha256 } = facts;
    const check = weightsSha256 === null ? 'unchecked' : sha256 === weightsSha256 ? 'verified' : 'mismatch';
    if (host !== null || check !== 'verified') return { host, path, bytes, check };
    const isCopied = await bring(dirname(path), dir, [...weightsCompanions, weightsFile]).catch(
      (error: unknown) => {
        // On a full disk, say, they stay where they were made.
        ctx.log.error({ err: asError(error), job: runKey }, 'weights.not_copied');
        return false;
      },
    );
    return { host, path: isCopied ? join(dir, weightsFile) : path, bytes, check };
  } catch (error) {
    ctx.log.warn({ err: asError(error), job: runKey }, 'weights.not_looked_at');
    return error instanceof TrexError && !isLastTry
      ? null
      : { host: null, path: madeIn, bytes: null, check: 'unchecked' };
  }
}

/**
 * Copies files that are there, each in one step, and without taking room where the file system can share it.
 * @returns whether the last of them was there
 */
async function bring(from: string, to: string, names: readonly string[]): Promise<boolean> {
  let isThere = false;
  for (const name of names) {
    const place = join(to, name);
    isThere = await copyFile(join(from, name), `${place}.part`, constants.COPYFILE_FICLONE).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return false;
      },
    );
    if (isThere) await rename(`${place}.part`, place);
  }
  return isThere;
}
