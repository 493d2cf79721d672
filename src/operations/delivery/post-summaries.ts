import type { SummaryCampaign } from '../../campaign/messages.ts';
import { isFinalCampaign } from '../../campaign/states.ts';
import type { CampaignView } from '../../campaign/view.ts';
import { summariseCampaign, summaryTotals } from '../../report/summary.ts';
import { type CampaignRow, listCampaigns } from '../../store/campaigns.ts';
import {
  claimScheduleRun,
  type DueSummary,
  findLastScheduleRun,
  listDueSummaries,
} from '../../store/channels.ts';
import { enqueue } from '../../store/outbox.ts';
import type { Context } from '../context.ts';
import { loadView } from '../view/load-view.ts';

/**
 * Posts the daily summary of every channel whose local time has come, once a local day, also when the bot was down at
 * that minute. A channel where nothing happened since the last summary gets none.
 */
export async function postSummaries({ ctx }: { ctx: Context }): Promise<number> {
  const now = ctx.clock.now();
  let posted = 0;
  for (const due of await listDueSummaries(ctx.db, now)) {
    if (await postSummary(ctx, due, now)) posted++;
  }
  return posted;
}

async function postSummary(ctx: Context, due: DueSummary, now: Date): Promise<boolean> {
  const summary = await makeSummary(ctx, due, now, due.localDate);
  return ctx.db.transaction(async (tx) => {
    const claimed = await claimScheduleRun(tx, {
      teamId: due.teamId,
      channel: due.channel,
      name: 'summary',
      localDate: due.localDate,
      snapshot: summary.snapshot,
      claimedAt: now,
    });
    if (!claimed || summary.campaigns.length === 0) return false;
    await enqueue(tx, {
      key: `summary:${due.teamId}:${due.channel}:${due.localDate}`,
      campaignId: null,
      channel: due.channel,
      threadTs: null,
      payload: {
        kind: 'summary',
        channel: due.channel,
        dateText: due.localDate,
        campaigns: summary.campaigns,
        totals: summary.totals,
      },
      at: now,
    });
    return true;
  });
}

export interface Summary {
  campaigns: SummaryCampaign[];
  totals: string;
  snapshot: Record<string, { best: number | null }>;
}

/** The numbers of a channel since its last summary: arithmetic over the rows, no prose. */
export async function makeSummary(
  ctx: Context,
  where: { teamId: string; channel: string },
  now: Date,
  localDate: string,
): Promise<Summary> {
  const last = await findLastScheduleRun(ctx.db, { ...where, name: 'summary', before: localDate });
  // The first summary of a channel reports everything so far.
  const since = last?.claimedAt ?? new Date(0);
  const rows = (await listCampaigns(ctx.db, where, 50)).filter((row) => belongs(row, since));
  const views: CampaignView[] = [];
  for (const row of rows) views.push(await loadView({ ctx, campaignId: row.id }));
  return {
    campaigns: views.map((view) => summariseCampaign(view, since, last?.snapshot[view.id]?.best ?? null)),
    totals: summaryTotals(views, now),
    snapshot: Object.fromEntries(
      views.map((view) => [
        view.id,
        { best: view.nodes.find((n) => n.number === view.best)?.score?.value ?? null },
      ]),
    ),
  };
}

/** Started, and either still open or ended since the last summary. */
const belongs = (row: CampaignRow, since: Date): boolean =>
  row.startedAt !== null &&
  (!isFinalCampaign(row.state) || (row.finishedAt !== null && row.finishedAt > since));
