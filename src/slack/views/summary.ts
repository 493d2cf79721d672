import type { Content, SummaryCampaign } from '../../campaign/messages.ts';
import { countText } from '../../lib/text.ts';
import { summaryText } from '../../report/sentences/summary.ts';
import { type Block, clip, limits } from '../limits.ts';
import { bold, Mrkdwn, md } from '../mrkdwn.ts';
import { actionId, button, fineprint, paragraphs, section } from './elements.ts';

/** Maximum number of campaigns in one message with a button each. */
const maxCampaigns = 30;

/** The daily summary of a channel. The Open button answers with the link to the campaign's thread. */
export function summaryBlocks(content: Extract<Content, { kind: 'summary' }>): Block[] {
  const { campaigns, dateText, totals } = content;
  const shown = campaigns.slice(0, maxCampaigns);
  return [
    ...paragraphs(md`${bold(dateText)} · ${countText(campaigns.length, 'campaign')}`),
    ...shown.map(
      (campaign, i): Block => ({
        ...section(campaignLine(campaign)),
        accessory: button('Open', actionId('open', campaign.campaignId, i)),
      }),
    ),
    ...(campaigns.length > shown.length ? [fineprint(md`and ${campaigns.length - shown.length} more`)] : []),
    ...paragraphs(md`${totals}`),
  ];
}

/** The campaign's own lines of the summary, without the heading. */
function campaignLine(campaign: SummaryCampaign): Mrkdwn {
  const [, ...lines] = summaryText({ dateText: '', campaigns: [campaign], totals: '' }).split('\n');
  return new Mrkdwn(clip(md`${lines.join('\n')}`.text, limits.sectionText));
}
