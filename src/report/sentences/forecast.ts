import { countText } from '../../lib/text.ts';
import type { PairedDifference, Score } from '../../scoring/types.ts';
import { doublings, type LastDoubling } from '../../search/gain.ts';
import { differenceText, durationText, rangeText, scoreText, shortText, valueText } from '../format.ts';

export interface Forecast {
  moreSeconds: number;
  measured: LastDoubling;
  before: Score;
  best: Score;
  /** Best now against best then, in pairs on the same items; null when they are the same node. */
  gain: PairedDifference | null;
  /** Trials that may run at the same time. */
  parallel: number;
}

/** Beyond this many doublings of the measured compute, an extrapolation is not worth its digits. */
const farDoublings = 2;

/** The gain from more compute if gains went on as in the last doubling: the measurement first, then the forecast. */
export function forecastText({ moreSeconds, measured, before, best, gain, parallel }: Forecast): string {
  const { spentSeconds, beforeSeconds, nodes } = measured;
  const ahead = doublings(spentSeconds, moreSeconds);
  const more = Math.max(1, Math.round((moreSeconds / spentSeconds) * nodes));
  const size = `${durationText(moreSeconds)} of compute would be about ${countText(more, 'node')} like the ${nodes} so far (${durationText(spentSeconds)})${parallel > 1 ? `, ${durationText(moreSeconds / parallel)} on the clock with ${parallel} at a time` : ''}.`;
  const since = `From ${durationText(beforeSeconds)} to ${durationText(spentSeconds)} of compute`;
  if (gain === null) {
    return `${size} ${since} nothing beat #${measured.best} (${scoreText(best)}), so by what is measured here more of the same buys nothing. New rows or another idea would; more compute only repeats the question.`;
  }
  const measuredText = `${since} the best went from #${measured.before} (${valueText(before.value)}) to #${measured.best} (${valueText(best.value)}): ${differenceText(gain)} on the same ${gain.n} items.`;
  const room = Math.max(0, 1 - best.value);
  const at = (rate: number): number => Math.min(room, Math.max(0, rate * ahead));
  const much = `${shortText(ahead)} ${shortText(ahead) === '1' ? 'doubling' : 'doublings'}`;
  const result =
    gain.low <= 0
      ? `That gain cannot be told from chance, so ${durationText(moreSeconds)} more may buy nothing; if it is real, up to ${valueText(at(gain.difference))}.`
      : `Counted per doubling of the compute, ${durationText(moreSeconds)} more is ${much}: about +${valueText(at(gain.difference))} (${rangeText(at(gain.low), at(gain.high))}).`;
  const doubt =
    ahead > farDoublings
      ? ` That is far beyond what was measured: take it as a bound. Ask again after ${durationText(spentSeconds)} more.`
      : ` It is a line drawn on from one search, no promise: gains shrink, and #${measured.best} is the luckiest of many, so rather less.`;
  return `${size} ${measuredText} ${result}${doubt}`;
}
