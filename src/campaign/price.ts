import type { Brief } from './brief.ts';

/**
 * Dollars for an hour on one slot, all its GPUs together: what is configured, else what a person said for this
 * campaign; 0 is free, null is not known. Everything that counts dollars asks here.
 */
export const priceOf = (
  settings: { usdPerHour: number | null },
  campaign: { brief: Pick<Brief, 'price'> | null },
): number | null => settings.usdPerHour ?? campaign.brief?.price?.usdPerHour ?? null;

/** Above this an hour on one slot is taken for a slip. */
export const maxUsdPerHour = 10_000;
