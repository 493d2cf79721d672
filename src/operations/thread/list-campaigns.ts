import { isActiveCampaign } from '../../campaign/states.ts';
import { headline } from '../../report/thread-text.ts';
import { type CampaignRow, listCampaigns } from '../../store/campaigns.ts';
import type { OutboxPayload } from '../../store/outbox-types.ts';
import { loadView } from '../campaign/load-view.ts';
import type { Context } from '../context.ts';
import { makeSummary } from '../delivery/post-summaries.ts';

export const helpText = [
  'I fine-tune models while you do something else. Tell me in a sentence what the model should learn, attach rows (JSONL or CSV) or name one of my tasks, and say what it may cost. For example:',
  '`fine-tune the small model to turn messy dates into ISO, budget 10 minutes, ask me above 1 minute a branch`',
  'In the thread of a campaign I understand `status`, `show 7`, `why 7`, `pause`, `resume`, `stop`, `summary`, `approve 7`, `approve 7 cheaper`, `reject 7`, `raise the budget to 20 min`, `price $2.50`, `drop LoRA`, `focus on short answers`, `pin 9`, `ban 7`, `more synthetic data`, `steering`, and at the end `ship it`. Ask me `why did 9 beat 4?`, `what would 10 more minutes buy?`, `what did you find?`.',
].join('\n');

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
    lines.push({ id: row.id, line, link: view.threadLink });
  }
  return lines;
}

export async function channelStatus(
  ctx: Context,
  where: { teamId: string; channel: string },
): Promise<string> {
  const rows = await listCampaigns(ctx.db, where, 20);
  const active = rows.filter((row) => isActiveCampaign(row.state));
  const shown = active.length > 0 ? active : rows.slice(0, 3);
  if (shown.length === 0) return `Nothing is running here, and nothing has run yet.\n${helpText}`;
  const lines = (await linesOf(ctx, shown)).map(
    ({ line, link }) => `• ${line}${link === null ? '' : ` · ${link}`}`,
  );
  return [active.length > 0 ? 'Running here:' : 'Nothing is running here. The last ones:', ...lines].join(
    '\n',
  );
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
