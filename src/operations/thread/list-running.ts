import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import { listCampaigns } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { whereSeen } from './list-campaigns.ts';

/** The number of campaigns that a message has room for. */
const maxListed = 20;

/** "stop" outside of a thread: the running campaigns that this person may see from here, each with a Stop button. */
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
