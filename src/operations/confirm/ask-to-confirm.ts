import type { Choice } from '../../campaign/messages.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { findEventBySource, recordEvent } from '../../store/events.ts';
import { changeCampaign } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { say } from '../say.ts';
import { type Asked, askedSource, confirmationSlot, type ToConfirm } from './confirmation.ts';

/**
 * Asks the author of a command that costs or stops something, naming what it would do. Asked once for each command;
 * nothing happens until a button is pressed.
 */
export async function askToConfirm({
  ctx,
  campaign,
  input,
}: {
  ctx: Context;
  campaign: CampaignRow;
  /** `id` names the command: the ts of its message, and its place in it. */
  input: { id: string; user: string; command: ToConfirm; text: string; choices: Choice[] };
}): Promise<void> {
  const { id, user, command, text, choices } = input;
  const at = ctx.clock.now();
  const card: Asked['card'] = {
    kind: 'confirmation',
    campaignId: campaign.id,
    confirmationId: id,
    text,
    choices,
    closed: null,
  };
  await changeCampaign(ctx, campaign.id, async ({ tx }) => {
    const source = askedSource(id);
    if ((await findEventBySource(tx, campaign.id, source)) !== undefined) return;
    const data: Asked = { source, user, command, card };
    await recordEvent(tx, {
      campaignId: campaign.id,
      name: 'command.asked',
      actor: user,
      data: { ...data },
      at,
    });
    const slot = confirmationSlot(campaign.id, id);
    await say(tx, campaign, { key: slot, slot, payload: card, at });
  });
}
