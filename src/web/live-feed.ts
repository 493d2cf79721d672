import { repeatEvery } from '../lib/clock.ts';
import { asError } from '../lib/errors.ts';
import type { Context } from '../operations/context.ts';
import { readVersionsOf } from '../operations/view/read-version.ts';

/** Interval between polls for changes while a page is open. */
const pollMs = 1500;
/** At most this many pages hold a connection. Others are refused and poll every half minute instead. */
const maxWatchers = 200;

export interface LiveFeed {
  /**
   * Calls `onVersion` with every new version of a campaign or the list, until the returned function is called.
   * @param watched id of a campaign, or `allCampaigns`
   * @returns null when there are `maxWatchers` already
   */
  watch(watched: string, onVersion: (version: string) => void): (() => void) | null;
  stop(): void;
}

/**
 * Announces changes to open pages. All pages together cost one small statement in a second and a half, and none while
 * no page is open; a page is only loaded again when its version has changed.
 */
export function createLiveFeed(ctx: Context): LiveFeed {
  const watchers = new Map<
    symbol,
    { watched: string; announced: string | null; onVersion: (v: string) => void }
  >();
  let endPolling: (() => void) | null = null;

  const poll = async (): Promise<void> => {
    const watched = [...new Set([...watchers.values()].map((watcher) => watcher.watched))];
    if (watched.length === 0) return;
    try {
      const versions = await readVersionsOf({ ctx, input: { watched } });
      for (const watcher of watchers.values()) {
        const version = versions.get(watcher.watched);
        if (version === undefined || version === watcher.announced) continue;
        watcher.announced = version;
        watcher.onVersion(version);
      }
    } catch (error) {
      // The database cannot be reached for a moment: the pages stay as they are.
      ctx.log.debug({ err: asError(error) }, 'web.look_failed');
    }
  };

  return {
    watch: (watched, onVersion) => {
      if (watchers.size >= maxWatchers) return null;
      const id = Symbol(watched);
      watchers.set(id, { watched, announced: null, onVersion });
      endPolling ??= repeatEvery(ctx.clock, pollMs, poll);
      void poll();
      return () => {
        watchers.delete(id);
        if (watchers.size > 0) return;
        endPolling?.();
        endPolling = null;
      };
    },
    stop: () => {
      endPolling?.();
      endPolling = null;
      watchers.clear();
    },
  };
}
