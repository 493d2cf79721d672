import type { CampaignView } from '../../campaign/view.ts';
import { countText, listText } from '../../lib/text.ts';
import { rangeText, unmarked, valueText } from '../format.ts';

/** `opened once`, `opened 2 times`, `never opened`. */
export const openedText = ({ openings }: Pick<CampaignView, 'openings'>): string =>
  openings === 0 ? 'never opened' : openings === 1 ? 'opened once' : `opened ${countText(openings, 'time')}`;

/**
 * A caution for readers of a test score where the campaign was continued after an earlier end; null where it was not.
 * The first score comes from a search that has never seen the rows, each later one from people who have.
 */
export function rereadText({ final, earlier, openings }: CampaignView): string | null {
  const tested = earlier.map((one) => `#${one.winner} ${valueText(one.bestTest.value)}`);
  const last = earlier.at(-1);
  if (final === null || last === undefined) return null;
  if (final.winner === last.winner && final.winnerTrial === last.winnerTrial)
    return `#${final.winner} has won again, so the test rows were not opened again.`;
  if (openings < 2) return null;
  return `The test rows had been read before the search went on (${listText(tested)}): the more often they are read, the more this number flatters. For a claim that has to hold, measure on rows that nobody has seen.`;
}

/** A winner of an earlier end, where the last one has none; null else. */
export function earlierText({ final, earlier }: CampaignView): string | null {
  const last = earlier.at(-1);
  if (final !== null || last === undefined) return null;
  const { value, low, high } = last.bestTest;
  return `Before it was continued, #${last.winner} was confirmed and tested: ${valueText(value)} (${rangeText(low, high)}) on test; its report and weights stand.`;
}

/** Replaces a report that arrives when its campaign goes on again. */
export function continuedText({ title, earlier, openings }: CampaignView, end: number): string {
  const result = earlier.at(-1);
  const known =
    result === undefined || openings === 0
      ? ''
      : ` Its last confirmed result: #${result.winner}, ${valueText(result.bestTest.value)} on test.`;
  return `*${unmarked(title)}* had ended for the ${end === 1 ? 'first' : `${end}.`} time and was continued.${known} The next report comes at its next end.`;
}
