import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { loadView } from '../view/load-view.ts';

/** `show 3`: everything about a node, with the picture of its training. @param number null: the best */
export async function showNode(
  ctx: Context,
  campaign: CampaignRow,
  number: number | null,
): Promise<OutboxPayload> {
  const view = await loadView({ ctx, campaignId: campaign.id });
  const node = number ?? view.best;
  if (node === null) return { kind: 'text', text: 'There is no node yet.' };
  return { kind: 'node', campaignId: campaign.id, node };
}
