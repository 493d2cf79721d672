import { asError } from '../lib/errors.ts';
import type { Context } from '../operations/context.ts';
import { advanceCampaign } from '../operations/tree/advance-campaign.ts';
import { listMovingCampaigns } from '../store/campaigns.ts';
import { createLoop, type Loop } from './loop.ts';
import { withLease } from './with-lease.ts';

/** A step that takes longer waits on a model call or fetches weights: the other campaigns go on beside it. */
const patienceMs = 2000;

/** Advances campaigns one after the other, each by one instance. A slow campaign does not hold up the others. */
export function createCampaignsLoop(
  ctx: Context,
  owner: string,
  { everyMs, leaseMs }: { everyMs: number; leaseMs: number },
): Loop {
  const { clock, log } = ctx;
  const busy = new Map<string, Promise<void>>();
  const advance = async (campaignId: string): Promise<void> => {
    try {
      await withLease(ctx, { owner, name: `campaign:${campaignId}`, leaseMs }, (fenced) =>
        advanceCampaign({ ctx: fenced, campaignId }),
      );
    } catch (error) {
      log.error({ err: asError(error), campaign: campaignId }, 'campaign.pass_failed');
    } finally {
      busy.delete(campaignId);
    }
  };
  const withPatience = async (work: Promise<void>): Promise<void> => {
    const done = new AbortController();
    await Promise.race([work.then(() => done.abort()), clock.sleep(patienceMs, done.signal)]);
  };
  const loop = createLoop({
    name: 'campaigns',
    everyMs,
    clock,
    log,
    pass: async () => {
      for (const { id } of await listMovingCampaigns(ctx.db)) {
        if (busy.has(id)) continue;
        const work = advance(id);
        busy.set(id, work);
        // Rules and local files are quick: then a pass is one step of every campaign, and nothing runs after it.
        const isQuick = ctx.researcher.name === 'rules' && ctx.cluster.isRemote !== true;
        await (isQuick ? work : withPatience(work));
      }
    },
  });
  return {
    ...loop,
    stop: async () => {
      await loop.stop();
      await Promise.all(busy.values());
    },
  };
}
