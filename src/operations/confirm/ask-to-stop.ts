import { isActiveCampaign, isFinalCampaign } from '../../campaign/states.ts';
import { countText } from '../../lib/text.ts';
import { bold, costText } from '../../report/format.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { loadView } from '../view/load-view.ts';
import { askToConfirm } from './ask-to-confirm.ts';
import { no, wrapUp, yes } from './confirmation.ts';

/**
 * `stop` in the thread of a campaign: one question that names what would end, with the alternative of wrapping up.
 * @returns a sentence where there is nothing to stop; null where the card asks
 */
export async function askToStop({
  ctx,
  campaign,
  input,
}: {
  ctx: Context;
  campaign: CampaignRow;
  input: { id: string; user: string };
}): Promise<string | null> {
  if (isFinalCampaign(campaign.state)) return `This campaign is ${campaign.state} already; nothing runs.`;
  if (!isActiveCampaign(campaign.state)) return 'It has not started yet.';
  const view = await loadView({ ctx, campaignId: campaign.id });
  const running = view.nodes.filter((node) => node.state === 'running').length;
  const ends = running === 0 ? 'No node is running now' : `${countText(running, 'running node')} would end`;
  const text = `Stop ${bold(view.title)}? ${ends}; ${costText(view.budget.spent)} spent so far. What was measured stays, with a report and the best weights, and \`continue\` takes the stop back. \`wrap up\` instead confirms the best and writes the full report.`;
  const choices = [
    { label: 'Stop', value: yes, style: 'danger' as const },
    { label: 'Wrap up instead', value: wrapUp },
    { label: 'Keep running', value: no },
  ];
  await askToConfirm({ ctx, campaign, input: { ...input, command: { kind: 'stop' }, text, choices } });
  return null;
}
