import { nodeText } from '../../report/sentences/node.ts';
import { getCampaign } from '../../store/campaigns.ts';
import type { Reply } from '../bot.ts';
import type { Context } from '../context.ts';
import { say } from '../say.ts';
import { loadView } from '../view/load-view.ts';
import { answerOf } from './answer-of.ts';

/** "Ask why" on a card, and the message shortcut. */
export async function explainNode({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; node: number; user: string };
}): Promise<Reply> {
  const campaign = await getCampaign(ctx.db, input.campaignId);
  const view = await loadView({ ctx, campaignId: campaign.id });
  const at = ctx.clock.now();
  await say(ctx.db, campaign, {
    key: `why:${input.node}:${at.getTime()}`,
    payload: answerOf(ctx, campaign, nodeText(view, input.node)),
    at,
  });
  return { private: null };
}
