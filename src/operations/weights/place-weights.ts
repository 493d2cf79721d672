import { constants } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WeightsPlace } from '../../campaign/view.ts';
import { asError, TrexError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { runDir } from '../jobs/submit-jobs.ts';

/**
 * Looks whether the winner's weights are the ones that its run reported, and brings them beside the report unless they
 * are to stay on the cluster. What is not what was reported is copied nowhere.
 * @returns null while the cluster does not answer and there is patience left
 */
export async function placeWeights(
  ctx: Context,
  run: { runKey: string; weightsSha256: string | null; dir: string; patienceMs: number },
): Promise<WeightsPlace | null> {
  const { weightsFile, weightsCompanions = [] } = ctx.engine;
  const { runKey, weightsSha256, dir, patienceMs } = run;
  const madeIn = join(runDir(ctx, runKey), weightsFile);
  try {
    if (ctx.settings.fetchWeights) await ctx.cluster.fetch(runKey, [weightsFile, ...weightsCompanions]);
  } catch (error) {
    ctx.log.warn({ err: asError(error), job: runKey }, 'weights.not_fetched');
    if (patienceMs > 0) return null;
  }
  try {
    const facts = await ctx.cluster.inspect(runKey, weightsFile);
    if (facts === null) return { host: null, path: madeIn, bytes: null, check: 'missing' };
    const { host, path, bytes, sha256 } = facts;
    const check = weightsSha256 === null ? 'unchecked' : sha256 === weightsSha256 ? 'verified' : 'mismatch';
    if (host !== null || check !== 'verified') return { host, path, bytes, check };
    await Promise.all(weightsCompanions.map((name) => copy(join(dirname(path), name), join(dir, name))));
    const isCopied = await copy(path, join(dir, weightsFile));
    return { host, path: isCopied ? join(dir, weightsFile) : path, bytes, check };
  } catch (error) {
    ctx.log.warn({ err: asError(error), job: runKey }, 'weights.not_looked_at');
    // A disk that is full, say: they stay where they were made.
    if (!(error instanceof TrexError)) return { host: null, path: madeIn, bytes: null, check: 'unchecked' };
    return patienceMs > 0 ? null : { host: null, path: madeIn, bytes: null, check: 'unchecked' };
  }
}

/** In one step, and without taking room where the file system can share it. @returns false when there is no such file */
async function copy(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, `${to}.part`, constants.COPYFILE_FICLONE);
    await rename(`${to}.part`, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
