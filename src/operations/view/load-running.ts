import type { Content } from '../../campaign/messages.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import { headline } from '../../report/sentences/status.ts';
import { getCampaign } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { loadView } from './load-view.ts';

/** A list of running campaigns as they are now. */
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
