import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { linkToCampaign } from '../page-address.ts';

/** A text whose nodes link to the campaign's page, where it has one. */
export function answerOf(ctx: Context, { id }: CampaignRow, text: string): OutboxPayload {
  const page = linkToCampaign(ctx, id);
  return { kind: 'text', text, ...(page === null ? {} : { page }) };
}
