import { largeFiles } from '../../campaign/keep-weights.ts';
import { asError } from '../../lib/errors.ts';
import { getCampaign } from '../../store/campaigns.ts';
import { endDiscard, listDiscards, listOpenDiscards } from '../../store/discards.ts';
import type { Context } from '../context.ts';
import { sayReport } from '../say.ts';

/** Upper limit of files that one command takes. */
const maxAtOnce = 100;

/**
 * Has the cluster remove the files decided on. A cluster that does not answer is asked again by the next pass;
 * nothing waits for it.
 * @returns how many runs became smaller
 */
export async function discardFiles({ ctx }: { ctx: Context }): Promise<number> {
  const open = await listOpenDiscards(ctx.db, maxAtOnce);
  let done = 0;
  const touched = new Set<string>();
  for (const what of largeFiles) {
    const rows = open.filter((row) => row.what === what);
    if (rows.length === 0) continue;
    const names =
      what === 'weights'
        ? [ctx.engine.weightsFile, ...(ctx.engine.weightsCompanions ?? [])]
        : [ctx.engine.checkpointsFolder ?? 'checkpoints'];
    await ctx.confirmLease();
    try {
      const freed = await ctx.cluster.discard(new Map(rows.map(({ jobKey }) => [jobKey, names])));
      for (const row of rows) {
        const bytes = freed.get(row.jobKey);
        if (bytes === undefined) continue;
        await endDiscard(ctx.db, row, { bytes, at: ctx.clock.now() });
        touched.add(row.campaignId);
        done++;
      }
    } catch (error) {
      ctx.log.warn({ err: asError(error), what, runs: rows.length }, 'weights.discard_failed');
    }
  }
  for (const campaignId of touched) await tellReport(ctx, campaignId);
  return done;
}

/** The report lists what was removed; the last of it is removed after the report was posted. */
async function tellReport(ctx: Context, campaignId: string): Promise<void> {
  const campaign = await getCampaign(ctx.db, campaignId);
  const isReported = campaign.final !== null || campaign.kept !== null;
  if (!isReported || campaign.weightsSettledAt === null) return;
  const rows = await listDiscards(ctx.db, campaignId);
  if (rows.some((row) => row.doneAt === null)) return;
  await sayReport(ctx.db, campaign, ctx.clock.now(), ':weights');
}
