import { findAmounts } from '../../../../lib/parse/amounts.ts';
import { findColumns } from '../../../../lib/parse/columns.ts';
import { findMoments } from '../../../../lib/parse/moments.ts';
import { findPrice } from '../../../../lib/parse/price.ts';
import { withoutOverlaps } from '../../../../lib/parse/span.ts';
import type { IntakeInput } from '../../../port.ts';
import { findMetrics } from './find-metrics.ts';
import { findModels } from './find-models.ts';
import { findReferences } from './find-references.ts';
import { findMethods, findSettings } from './find-settings.ts';
import type { Span } from './span.ts';

/** The inputs of the finders besides the text. */
export type Known = Pick<IntakeInput, 'baseModels' | 'now' | 'timeZone'>;

const momentCue =
  /\b(?:by|until|till|before|deadline(?: is| of)?:?|at|after|than|on|is|done|finish(?:ed)?|ready|stop)\s*$/i;

/**
 * Every part of a request that means something by itself, in order and without overlaps: the longest wins, and of
 * equally long ones the more specific kind.
 */
export function findSpans(text: string, known: Known): Span[] {
  const amounts = findAmounts(text);
  const moments = findMoments(text, known.now, known.timeZone)
    // `1:30 h` is a duration, unless a word such as `by` makes a time of day of it.
    .filter((moment) => {
      const clash = amounts.some((amount) => amount.start < moment.end && moment.start < amount.end);
      return (
        !clash ||
        /^in\b/i.test(moment.text) ||
        momentCue.test(text.slice(Math.max(0, moment.start - 20), moment.start))
      );
    })
    .map((moment): Span => ({ ...moment, kind: 'moment' }));
  const isTime = (amount: Span): boolean =>
    moments.some(
      (moment) => moment.start < amount.end && amount.start < moment.end && !/^in\b/i.test(moment.text),
    );
  const price = findPrice(text);
  return withoutOverlaps<Span>([
    ...findColumns(text).map((found): Span => ({ ...found, kind: 'columns' })),
    ...findModels(text, known.baseModels),
    ...findReferences(text),
    ...(price === null
      ? []
      : [
          {
            kind: 'price' as const,
            start: price.at,
            end: price.at + price.length,
            text: text.slice(price.at, price.at + price.length),
            usd: price.usd,
            perGpu: price.perGpu,
          },
        ]),
    ...amounts.filter((amount) => !isTime(amount)),
    ...moments,
    ...findMetrics(text),
    ...findSettings(text),
    ...findMethods(text),
  ]);
}
