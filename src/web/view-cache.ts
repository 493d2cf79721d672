import type { CampaignView } from '../campaign/view.ts';
import type { Context } from '../operations/context.ts';
import { loadView } from '../operations/view/load-view.ts';
import { nameOwner } from '../operations/view/name-owner.ts';
import { readVersion } from '../operations/view/read-version.ts';

/** At most this many views are cached; one of a thousand nodes takes some megabytes. */
const maxViews = 8;
/** A view is cached for this long: texts such as "2 h ago" age without a change. */
const keptMs = 30_000;

export interface ShownCampaign {
  view: CampaignView;
  /** Name of the person who started it. */
  owner: string;
  version: string;
}

export interface ViewCache {
  /** @throws NotFoundError */
  read(campaignId: string): Promise<ShownCampaign>;
}

/** Caches views by their version: all readers of a changed page together cost one load of the campaign. */
export function createViewCache(ctx: Context): ViewCache {
  const kept = new Map<string, { version: string; atMs: number; shown: Promise<ShownCampaign> }>();
  const load = async (campaignId: string, version: string): Promise<ShownCampaign> => {
    const [view, owner] = await Promise.all([loadView({ ctx, campaignId }), nameOwner({ ctx, campaignId })]);
    return { view, owner, version };
  };
  return {
    read: async (campaignId) => {
      const version = await readVersion({ ctx, watched: campaignId });
      const nowMs = ctx.clock.now().getTime();
      const known = kept.get(campaignId);
      if (known?.version === version && nowMs - known.atMs < keptMs) return known.shown;
      const shown = load(campaignId, version);
      kept.delete(campaignId);
      kept.set(campaignId, { version, atMs: nowMs, shown });
      for (const id of kept.keys()) if (kept.size > maxViews) kept.delete(id);
      shown.catch(() => kept.delete(campaignId));
      return shown;
    },
  };
}
