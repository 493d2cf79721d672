import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import { isActiveCampaign, isFinalCampaign } from '../../campaign/states.ts';
import { headline } from '../../report/sentences/status.ts';
import { type CampaignRow, listCampaigns } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { makeSummary } from '../delivery/post-summaries.ts';
import { loadView } from '../view/load-view.ts';
import { helpText } from './help-text.ts';

/** Whose campaigns a person may see from here: in a channel those of the channel, to the bot alone their own. */
export const whereSeen = (input: {
  teamId: string;
  channel: string;
  user: string;
}): { teamId: string; channel?: string; createdBy?: string } =>
  isDirectChannel(input.channel)
    ? { teamId: input.teamId, createdBy: input.user }
    : { teamId: input.teamId, channel: input.channel };

/** Ids of direct conversations start with D. */
const isDirectChannel = (channel: string): boolean => channel.startsWith('D');

/** Newest first, as lines for lists. */
export async function listForPerson({
  ctx,
  input,
}: {
  ctx: Context;
  input: { teamId: string; user: string };
}): Promise<{ id: string; line: string; link: string | null }[]> {
  return linesOf(ctx, await listCampaigns(ctx.db, { teamId: input.teamId }, 20));
}

export async function listAllCampaigns({ ctx }: { ctx: Context }): Promise<{ id: string; line: string }[]> {
  return linesOf(ctx, await listCampaigns(ctx.db, {}, 100));
}

async function linesOf(
  ctx: Context,
  rows: CampaignRow[],
): Promise<{ id: string; line: string; link: string | null }[]> {
  const lines: { id: string; line: string; link: string | null }[] = [];
  for (const row of rows) {
    const view = await loadView({ ctx, campaignId: row.id });
    const line =
      row.startedAt === null
        ? `${view.title} · ${row.state === 'stopped' ? 'cancelled' : 'not started yet'}`
        : headline(view);
    const lost = row.threadLostAt === null ? '' : ' · its thread is gone';
    lines.push({ id: row.id, line: `${line}${lost}`, link: lost === '' ? view.threadLink : view.pageUrl });
  }
  return lines;
}

/** "Where is my campaign?": those of the person that are under way, wherever they are. */
export async function listMine({
  ctx,
  input,
}: {
  ctx: Context;
  input: { teamId: string; user: string };
}): Promise<string> {
  const mine = await listCampaigns(ctx.db, { teamId: input.teamId, createdBy: input.user }, 20);
  const open = mine.filter((row) => !isFinalCampaign(row.state));
  const shown = open.length > 0 ? open : mine.slice(0, 3);
  if (shown.length === 0)
    return 'You have no campaign yet. Tell me what a model should learn, and I open one.';
  const head = open.length > 0 ? 'Your campaigns:' : 'None of yours is under way. The last ones:';
  return [head, ...(await bulletsOf(ctx, shown))].join('\n');
}

const bulletsOf = async (ctx: Context, rows: CampaignRow[]): Promise<string[]> =>
  (await linesOf(ctx, rows)).map(({ line, link }) => `• ${line}${link === null ? '' : ` · ${link}`}`);

export async function channelStatus(
  ctx: Context,
  input: { teamId: string; channel: string; user: string },
): Promise<string> {
  const rows = await listCampaigns(ctx.db, whereSeen(input), 20);
  const active = rows.filter((row) => isActiveCampaign(row.state));
  const shown = active.length > 0 ? active : rows.slice(0, 3);
  if (shown.length === 0) return `Nothing is running here, and nothing has run yet.\n${helpText}`;
  const head = active.length > 0 ? 'Running here:' : 'Nothing is running here. The last ones:';
  return [head, ...(await bulletsOf(ctx, shown))].join('\n');
}

/** The daily summary at once. It claims no run: the one in the morning still comes. */
export async function channelSummary(
  ctx: Context,
  where: { teamId: string; channel: string },
): Promise<OutboxPayload> {
  const now = ctx.clock.now();
  const date = now.toISOString().slice(0, 10);
  const { campaigns, totals } = await makeSummary(ctx, where, now, date);
  if (campaigns.length === 0)
    return { kind: 'text', text: 'Nothing has run in this channel since the last summary.' };
  return { kind: 'summary', channel: where.channel, dateText: date, campaigns, totals };
}
