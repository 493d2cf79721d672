import { isActiveCampaign } from '../../campaign/states.ts';
import { listText } from '../../lib/text.ts';
import { unmarked } from '../../report/format.ts';
import { getCampaign } from '../../store/campaigns.ts';
import { enqueue } from '../../store/outbox.ts';
import type { Reply, ShownList } from '../bot.ts';
import type { Context } from '../context.ts';
import { stopCampaign } from '../control/control-campaign.ts';
import { say } from '../say.ts';

export const runningSlot = (list: string): string => `running:${list}`;

/** [Stop] and [Stop all] of a list: each campaign says so in its own thread. The press is the confirmation. */
export async function stopListed({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignIds: string[]; user: string; shown: ShownList | null };
}): Promise<Reply> {
  const { campaignIds, user, shown } = input;
  const at = ctx.clock.now();
  const stopped: string[] = [];
  const others: string[] = [];
  for (const id of campaignIds) {
    const campaign = await getCampaign(ctx.db, id);
    const title = unmarked(campaign.brief?.title ?? id);
    const source = `listed:${campaign.ends}`;
    const text = await stopCampaign({ ctx, input: { campaignId: id, user, source } });
    const now = await getCampaign(ctx.db, id);
    if (!isActiveCampaign(campaign.state) || isActiveCampaign(now.state)) {
      others.push(`*${title}*: ${text}`);
      continue;
    }
    stopped.push(`*${title}*`);
    await say(ctx.db, campaign, { key: source, payload: { kind: 'text', text }, at });
  }
  if (shown !== null && shown.list !== '') {
    const { list, ids, channel, threadTs } = shown;
    await enqueue(ctx.db, {
      key: `${runningSlot(list)}:${at.getTime()}:${campaignIds.join(',')}`,
      campaignId: null,
      channel,
      threadTs,
      slot: runningSlot(list),
      payload: { kind: 'running', list, ids },
      at,
    });
  }
  const done = stopped.length === 0 ? [] : [`Stopped: ${listText(stopped)}.`];
  return { private: [...done, ...others].join('\n') };
}
