import type { Content } from '../../campaign/messages.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import { headline } from '../../report/thread-text.ts';
import { getCampaign, listCampaigns } from '../../store/campaigns.ts';
import type { OutboxPayload } from '../../store/outbox-types.ts';
import type { Context } from '../context.ts';
import { loadView } from '../view/load-view.ts';
import { whereSeen } from './list-campaigns.ts';

/** As many as a message has room for. */
const maxListed = 20;

/** "stop" outside of a thread: what runs that this person may see from here, each to be stopped by a button. */
export async function listRunning({
  ctx,
  input,
}: {
  ctx: Context;
  input: { teamId: string; channel: string; user: string; list: string };
}): Promise<OutboxPayload> {
  const where = { ...whereSeen(input), states: ['searching', 'confirming'] as const };
  const rows = await listCampaigns(ctx.db, where, maxListed);
  if (rows.length === 0)
    return { kind: 'text', text: 'Nothing is running here, so there is nothing to stop.' };
  return { kind: 'running', list: input.list, ids: rows.map(({ id }) => id) };
}

/** The list as it is now. */
export async function loadRunning(
  ctx: Context,
  { list, ids }: { list: string; ids: string[] },
): Promise<Extract<Content, { kind: 'running' }>> {
  const campaigns = [];
  for (const campaignId of ids) {
    const { state } = await getCampaign(ctx.db, campaignId);
    const view = await loadView({ ctx, campaignId });
    campaigns.push({ campaignId, line: headline(view), isActive: isActiveCampaign(state) });
  }
  return { kind: 'running', list, campaigns };
}
