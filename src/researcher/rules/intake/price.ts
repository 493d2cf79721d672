import { maxUsdPerHour, priceOf } from '../../../campaign/price.ts';
import { findPrice } from '../../../lib/parse/price.ts';
import { digitsPattern, parseNumber } from '../../../lib/parse/words.ts';
import type { Change, Draft } from './draft.ts';
import { amountsIn, blank, markText, spansLeft } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

const dollars = (usd: number): string => `$${Math.round(usd * 100) / 100}`;

/** `$2.50 an hour` */
export const formatPrice = (usdPerHour: number): string => `${dollars(usdPerHour)} an hour`;

/** The price of an hour in dollars; null while it is unknown. */
export const knownPrice = ({ input, draft }: Pick<Reading, 'input' | 'draft'>): number | null =>
  priceOf(input, {
    brief: {
      price: draft.usdPerHour === null ? null : { usdPerHour: draft.usdPerHour, saidBy: '' },
    },
  });

/** Dollars limit something, and nobody knows what an hour costs. */
export const needsPrice = (reading: Pick<Reading, 'input' | 'draft'>): boolean =>
  knownPrice(reading) === null && (reading.draft.budget?.usd != null || reading.draft.askAbove?.usd != null);

/** The configured price wins over a person's. */
function said(usd: number, perGpu: boolean, { input }: Pick<Reading, 'input'>): Change {
  const usdPerHour = usd * (perGpu ? input.gpusPerSlot : 1);
  const problem = (text: string): Change => ({ patch: {}, problems: [text] });
  if (input.usdPerHour !== null)
    return Math.abs(input.usdPerHour - usdPerHour) < 0.005
      ? { patch: {}, problems: [] }
      : problem(
          `An hour on one slot costs ${dollars(input.usdPerHour)} by my configuration (TREX_USD_PER_HOUR), and I count with that, not with ${dollars(usdPerHour)}.`,
        );
  if (usdPerHour > maxUsdPerHour)
    return problem(
      `${formatPrice(usdPerHour)} looks like a slip; please say what an hour on one slot costs.`,
    );
  return usdPerHour > 0 ? { patch: { usdPerHour, minutesOnly: false }, problems: [] } : onlyMinutes;
}

const onlyMinutes: Change = { patch: { minutesOnly: true, usdPerHour: null }, problems: [] };

/** Limits in dollars cannot be enforced without a price: they are taken back, and minutes asked for. */
export function withoutDollars(draft: Draft): Partial<Draft> {
  if (!draft.minutesOnly) return {};
  return {
    ...(draft.budget?.usd != null ? { budget: null, dollarsRefused: true } : {}),
    ...(draft.askAbove?.usd != null ? { askAbove: null } : {}),
  };
}

export const readUsdPerHour: Reader = (marked, reading) => {
  const [price] = spansLeft(marked, 'price');
  return price === undefined
    ? null
    : { change: said(price.span.usd, price.span.perGpu, reading), rest: blank(marked, price.from, price.to) };
};

const declines =
  /\b(?:minutes|count (?:only )?(?:time|hours)|time only|no (?:idea|price|dollars)|(?:don'?t|do not|dunno) know|not sure|idk|unknown|nobody knows|skip|free|nothing|default|you (?:choose|decide))\b|^\W*dunno\b/;
const bare = new RegExp(
  `^\\W*(?:about|around|say|it'?s|it is|roughly|maybe)?\\s*(${digitsPattern})\\s*(?:\\$|dollars?|usd|bucks)?\\s*(?:(?:/|per|an?) ?((?:gpu[- ]?)?)(?:h|hr|hour))?\\W*$`,
);

export const answerUsdPerHour: FieldReader = (text, reading) => {
  const found = findPrice(text);
  if (found !== null) return said(found.usd, found.perGpu, reading);
  const marked = markText(text, reading.input);
  const [amount, ...others] = amountsIn(marked);
  if (amount?.kind === 'foreign')
    return {
      patch: {},
      problems: [`I count in US dollars, not in ${amount.currency}. What does an hour cost in dollars?`],
    };
  if (amount?.kind === 'usd' && others.length === 0) return said(amount.usd, false, reading);
  // `30 minutes`: a limit in time in place of the one in dollars.
  if (amount !== undefined) return null;
  const number = bare.exec(text.toLowerCase());
  const usd = parseNumber(number?.[1] ?? '');
  if (usd !== null) return said(usd, number?.[2] !== '' && number?.[2] !== undefined, reading);
  return declines.test(marked.text) || declines.test(text.toLowerCase()) ? onlyMinutes : null;
};
