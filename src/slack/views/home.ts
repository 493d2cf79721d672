import type { types } from '@slack/bolt';
import { fitBlocks, limits } from '../limits.ts';
import { joinMrkdwn, link, md } from '../mrkdwn.ts';
import { fineprint, paragraphs } from './elements.ts';

/** A view may hold more than a message, but nobody scrolls through a hundred campaigns. */
const maxCampaigns = 40;

export function buildHome(input: {
  campaigns: { id: string; line: string; link: string | null }[];
  problem: string | null;
}): types.HomeView {
  const { campaigns, problem } = input;
  const shown = campaigns.slice(0, maxCampaigns);
  const blocks = [
    ...paragraphs(
      md`*Fine-tuning, from a conversation to a tested model*\nMention me in a channel with what the model should learn, attach examples (JSONL or CSV), and say how much it may cost.`,
    ),
    { type: 'divider' as const },
    ...(problem ? paragraphs(md`:warning: ${problem}`) : []),
    ...shown.flatMap((campaign) =>
      paragraphs(
        joinMrkdwn(
          [md`${campaign.line}`, campaign.link ? link(campaign.link, 'Open the thread') : null],
          ' · ',
        ),
      ),
    ),
    ...(campaigns.length > shown.length
      ? [fineprint(md`and ${campaigns.length - shown.length} older ones`)]
      : []),
    ...(campaigns.length === 0 && !problem ? paragraphs(md`No campaigns yet.`) : []),
  ];
  return {
    type: 'home',
    blocks: fitBlocks(blocks, { blocks: limits.blocksPerView, characters: limits.totalCharacters }),
  };
}
