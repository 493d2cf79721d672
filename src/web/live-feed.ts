import { repeatEvery } from '../lib/clock.ts';
import { asError } from '../lib/errors.ts';
import type { Context } from '../operations/context.ts';
import { readVersionsOf } from '../operations/view/read-version.ts';

/** How often is looked whether something has changed, while somebody watches. */
const lookMs = 1500;
/** Open pages at a time: each holds a connection. Those beyond are refused, and look every half minute instead. */
const maxWatchers = 200;

export interface LiveFeed {
  /**
   * Tells of every new version of what is watched, until the function that comes back is called.
   * @param watched id of a campaign, or `allCampaigns`
   * @returns null when too many watch already
   */
  watch(watched: string, onVersion: (version: string) => void): (() => void) | null;
  stop(): void;
}

/**
 * What tells open pages of changes. All of them together cost one small statement in a second and a half, and none
 * while nobody watches; a page is only loaded again when its version is another.
 */
export function createLiveFeed(ctx: Context): LiveFeed {
  const watchers = new Map<
    symbol,
    { watched: string; told: string | null; onVersion: (v: string) => void }
  >();
  let endLooking: (() => void) | null = null;

  const look = async (): Promise<void> => {
    const watched = [...new Set([...watchers.values()].map((watcher) => watcher.watched))];
    if (watched.length === 0) return;
    try {
      const versions = await readVersionsOf({ ctx, input: { watched } });
      for (const watcher of watchers.values()) {
        const version = versions.get(watcher.watched);
        if (version === undefined || version === watcher.told) continue;
        watcher.told = version;
        watcher.onVersion(version);
      }
    } catch (error) {
      // The database is away for a moment: the pages keep what they show.
      ctx.log.debug({ err: asError(error) }, 'web.look_failed');
    }
  };

  return {
    watch: (watched, onVersion) => {
      if (watchers.size >= maxWatchers) return null;
      const id = Symbol(watched);
      watchers.set(id, { watched, told: null, onVersion });
      endLooking ??= repeatEvery(ctx.clock, lookMs, look);
      void look();
      return () => {
        watchers.delete(id);
        if (watchers.size > 0) return;
        endLooking?.();
        endLooking = null;
      };
    },
    stop: () => {
      endLooking?.();
      endLooking = null;
      watchers.clear();
    },
  };
}
