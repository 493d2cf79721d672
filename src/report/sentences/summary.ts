import type { SummaryCampaign } from '../../campaign/messages.ts';
import { countText } from '../../lib/text.ts';
import { bold, deltaText, oneLine, scoreText } from '../format.ts';

/** The daily summary: arithmetic, two lines a campaign. */
export function summaryText(summary: {
  dateText: string;
  campaigns: readonly SummaryCampaign[];
  totals: string;
}): string {
  const lines = [`${bold(summary.dateText)} · ${countText(summary.campaigns.length, 'campaign')}`];
  for (const campaign of summary.campaigns) {
    const parts: string[] = [];
    if (campaign.best) {
      const score = scoreText({ ...campaign.best, metric: 'exact_match', n: 0 });
      const since = campaign.best.sinceYesterday;
      const over = campaign.best.overBaseline;
      const gains = [
        since === null
          ? null
          : Math.abs(since) < 5e-4
            ? 'no better than yesterday'
            : `${deltaText(since)} since yesterday`,
        over === null ? null : `${deltaText(over)} over baseline`,
      ].filter((part): part is string => part !== null);
      parts.push(`${score}${gains.length > 0 ? ` (${gains.join(', ')})` : ''}`);
    } else parts.push('no score yet');
    const counts = [`${campaign.done} done`];
    if (campaign.failed > 0) counts.push(`${campaign.failed} failed`);
    if (campaign.withdrawn > 0) counts.push(`${campaign.withdrawn} withdrawn`);
    parts.push(counts.join(', '), oneLine(campaign.spentText));
    if (campaign.state !== 'searching') parts.push(oneLine(campaign.state).replace(/_/g, ' '));
    if (campaign.waiting.length > 0) parts.push(`waits for you: ${campaign.waiting.map(oneLine).join(', ')}`);
    lines.push(`${bold(campaign.title)} ${parts.filter(Boolean).join(' · ')}`);
  }
  if (summary.totals) lines.push(oneLine(summary.totals));
  return lines.join('\n');
}
