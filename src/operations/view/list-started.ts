import type { Cost, CostLimit } from '../../campaign/brief.ts';
import type { CampaignState } from '../../campaign/states.ts';
import type { Score } from '../../scoring/types.ts';
import { listStartedCampaigns } from '../../store/started-campaigns.ts';
import type { Context } from '../context.ts';
import { nameOf } from '../people.ts';

/** A line of the list of campaigns. */
export interface CampaignSummary {
  id: string;
  title: string;
  state: CampaignState;
  /** Why nothing new starts; null when it moves, or is over. */
  heldBecause: string | null;
  /** Name of who asked for it. */
  owner: string;
  /** On test once that is open, on search before; null before the baseline. */
  best: { score: Score; split: 'search' | 'test' } | null;
  spent: Cost;
  limit: CostLimit;
  /** Questions that wait for people. */
  waiting: number;
  startedAt: string;
  finishedAt: string | null;
}

/** Which campaigns a list shows; `ended` are stopped and failed ones as well. */
export const listFilters = {
  all: [],
  running: ['searching', 'confirming'],
  finished: ['finished'],
  stopped: ['stopped'],
  failed: ['failed'],
} as const satisfies Record<string, readonly CampaignState[]>;
export type ListFilter = keyof typeof listFilters;

export const campaignsPerPage = 50;

/** Campaigns that were started, newest first, a page at a time; what was never started is not there. */
export async function listStarted({
  ctx,
  input,
}: {
  ctx: Context;
  input: { filter: ListFilter; page: number; channel?: { teamId: string; channel: string } };
}): Promise<{ campaigns: CampaignSummary[]; total: number }> {
  const { rows, total } = await listStartedCampaigns(
    ctx.db,
    { states: [...listFilters[input.filter]], ...input.channel },
    { limit: campaignsPerPage, offset: (input.page - 1) * campaignsPerPage },
  );
  const owners = [...new Set(rows.map(({ campaign }) => campaign.createdBy))];
  const names = new Map(await Promise.all(owners.map(async (id) => [id, await nameOf(ctx, id)] as const)));
  return {
    total,
    campaigns: rows.map(({ campaign, bestScore, spent, waiting }) => ({
      id: campaign.id,
      title: campaign.brief?.title ?? 'Untitled campaign',
      state: campaign.state,
      heldBecause: campaign.paused && campaign.heldBecause === null ? 'paused' : campaign.heldBecause,
      owner: names.get(campaign.createdBy) ?? campaign.createdBy,
      best:
        campaign.final !== null
          ? { score: campaign.final.bestTest, split: 'test' }
          : bestScore === null
            ? null
            : { score: bestScore, split: 'search' },
      spent,
      limit: campaign.brief?.budget ?? { computeSeconds: null, usd: null },
      waiting,
      startedAt: campaign.startedAt?.toISOString() ?? '',
      finishedAt: campaign.finishedAt?.toISOString() ?? null,
    })),
  };
}
