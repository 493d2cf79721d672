import type { Brief } from './brief.ts';

/**
 * Dollars for an hour on one slot, all its GPUs together: the configured price, else the one a person gave for this
 * campaign; 0 is free, null is not known. All code that computes dollars asks here.
 */
export const priceOf = (
  settings: { usdPerHour: number | null },
  campaign: { brief: Pick<Brief, 'price'> | null },
): number | null => settings.usdPerHour ?? campaign.brief?.price?.usdPerHour ?? null;

/** A higher price of an hour on one slot is taken for a slip. */
export const maxUsdPerHour = 10_000;
