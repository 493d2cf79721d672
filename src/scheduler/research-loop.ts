import type { Context } from '../operations/context.ts';
import { researchCampaign } from '../operations/research/research-campaign.ts';
import { listUnresearched } from '../store/research.ts';
import { createLoop, type Loop } from './loop.ts';
import { withLease } from './with-lease.ts';

/** Researches a campaign at a time, by one instance and beside the search: slow services may take minutes. */
export function createResearchLoop(
  ctx: Context,
  owner: string,
  { everyMs, leaseMs }: { everyMs: number; leaseMs: number },
): Loop {
  return createLoop({
    name: 'research',
    everyMs,
    clock: ctx.clock,
    log: ctx.log,
    pass: async () => {
      for (const campaignId of await listUnresearched(ctx.db)) {
        await withLease(ctx, { owner, name: `research:${campaignId}`, leaseMs }, (fenced) =>
          researchCampaign({ ctx: fenced, campaignId }),
        );
      }
    },
  });
}
