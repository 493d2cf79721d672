import * as chrono from 'chrono-node';
import { findAmounts } from './amounts.ts';
import { maxReadCharacters } from './tokens.ts';
import { instantOf, safeZone, wallTime } from './zoned-time.ts';

/** A moment that a text names. */
export interface FoundMoment {
  start: number;
  end: number;
  text: string;
  /** One; two where the text can be read in two ways (`03/05/2026`); none where it is no real moment. May be past. */
  readings: Date[];
  /** `from 10pm to 6am`, `Monday to Friday`: the readings are its beginning and its end. */
  isRange: boolean;
}

/** Maximum number of moments per text; later ones are not read. */
const maxMoments = 50;

/** The time of a day that is named without an hour: its end. */
const endOfDay = { hour: 23, minute: 59 };
/** After this hour, the end of the day is midnight. */
const endOfWork = 18;
const partsOfDay: [RegExp, { hour: number; minute: number }][] = [
  [/afternoon/i, { hour: 18, minute: 0 }],
  [/morning/i, { hour: 9, minute: 0 }],
  [/evening/i, { hour: 20, minute: 0 }],
];
/** Zones whose short name holds in summer and winter, which an offset cannot. */
const americanZones: Record<string, string> = {
  PT: 'America/Los_Angeles',
  MT: 'America/Denver',
  CT: 'America/Chicago',
  ET: 'America/New_York',
};
const cities = new Map(
  Intl.supportedValuesOf('timeZone').map((zone) => [
    zone.split('/').at(-1)?.replaceAll('_', ' ').toLowerCase(),
    zone,
  ]),
);

/**
 * The moments a text names, in their order, in the person's zone (an unknown one counts as UTC) unless it names another:
 * `tomorrow 08:00`, `Friday`, `Monday 9am PT`, `2026-12-24T18:00Z`, `in 3 hours`, `17:00 Berlin time`. A clock time or a weekday that
 * has passed means the next one. Durations and months alone are no moments.
 */
export function findMoments(text: string, now: Date, timeZone: string): FoundMoment[] {
  const zone = safeZone(timeZone);
  const ends: { start: number; end: number }[] = [];
  // Same length, so that places stay.
  const plain = text
    .slice(0, maxReadCharacters)
    .replace(/\b(?:(?:the )?end of (?:(?:the|my) )?(?:day|business)|eod|cob)\b/gi, (words, start: number) => {
      ends.push({ start, end: start + words.length });
      return '6pm'.padEnd(words.length);
    });
  const numeric = [...numericDates(plain, now, zone), ...clockHours(plain, now, zone)];
  const amounts = findAmounts(plain);
  const reference = { instant: now, timezone: offsetMinutes(now, zone) };
  const results = chrono.parse(plain, reference, { forwardDate: true }).slice(0, maxMoments);
  const named = results.flatMap((result): FoundMoment[] => {
    const found = result.text.trimEnd();
    const closing = ends.find((one) => one.start < result.index + found.length && result.index < one.end);
    const place = {
      start: Math.min(result.index, closing?.start ?? result.index),
      end: Math.max(result.index + found.length, closing?.end ?? 0),
    };
    const isNumeric = numeric.some((one) => place.start < one.end && one.start < place.end);
    const isAmount = amounts.some((one) => place.start < one.end && one.start < place.end);
    if (
      isNumeric ||
      (isAmount && !/^in\b/i.test(found) && !/\d:\d\d(?!\d)|\d\s?[ap]\.?m/i.test(found)) ||
      !isTelling(found)
    )
      return [];
    const elsewhere = zoneBehind(plain.slice(place.end)) ?? zoneWithin(found);
    const end = place.end + (elsewhere?.length ?? 0);
    return [
      {
        start: place.start,
        end,
        text: text.slice(place.start, end),
        readings:
          closing !== undefined &&
          result.end == null &&
          !namesDay(result) &&
          wallTime(now, zone).hour >= endOfWork
            ? [instantOf({ ...wallTime(now, zone), ...endOfDay }, zone)]
            : [result.start, ...(result.end == null ? [] : [result.end])].flatMap((moment) =>
                readingsOf({ moment, text: found }, elsewhere?.zone, zone),
              ),
        isRange: result.end != null,
      },
    ];
  });
  return [...numeric, ...named].sort((a, b) => a.start - b.start);
}

/** `may`, `sat` and `second` are words first. */
const isTelling = (found: string): boolean =>
  /\d/.test(found) ||
  /\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tonight|tomorrow|yesterday|noon|midday|midnight|morning|afternoon|evening|night|week|weekend|month)\b/i.test(
    found,
  );

const namesDay = ({ start }: chrono.ParsedResult): boolean =>
  start.isCertain('day') || start.isCertain('weekday') || start.isCertain('month');

function readingsOf(
  { moment: start, text }: { moment: chrono.ParsedComponents; text: string },
  elsewhere: string | undefined,
  zone: string,
): Date[] {
  if (elsewhere === undefined && start.isCertain('timezoneOffset')) return [start.date()];
  const get = (part: 'year' | 'month' | 'day' | 'hour' | 'minute'): number => start.get(part) ?? 0;
  const clock = start.isCertain('hour')
    ? { hour: get('hour'), minute: get('minute') }
    : (partsOfDay.find(([pattern]) => pattern.test(text))?.[1] ?? endOfDay);
  const when = instantOf(
    { year: get('year'), month: get('month'), day: get('day'), ...clock },
    elsewhere ?? zone,
  );
  return Number.isNaN(when.getTime()) ? [] : [when];
}

function zoneWithin(found: string): { zone: string; length: number } | null {
  const zone = americanZones[/\b([PMCE]T)$/.exec(found)?.[1] ?? ''];
  return zone === undefined ? null : { zone, length: 0 };
}

/** ` Europe/Berlin`, ` Berlin time`, ` in New York` behind a moment. */
function zoneBehind(rest: string): { zone: string; length: number } | null {
  const named = /^\s+\(?([A-Z][A-Za-z_]{1,30}\/[A-Z][A-Za-z_]{1,30})\)?/.exec(rest);
  if (named?.[1] !== undefined && safeZone(named[1]) === named[1])
    return { zone: named[1], length: named[0].length };
  const city = /^\s+(?:in )?([A-Za-z]{2,20}(?: [A-Za-z]{2,20})?) time\b/.exec(rest);
  const zone = cities.get((city?.[1] ?? '').toLowerCase());
  return zone === undefined || city === null ? null : { zone, length: city[0].length };
}

/** `03/05/2026`, `5.3.2026 17:00`, `by 5/6`: day and month where only one order is possible, else both. */
function numericDates(text: string, now: Date, zone: string): FoundMoment[] {
  const pattern =
    /(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}|\d{2})|(?<=\b(?:by|until|till|before|on|deadline)\s+\d{1,2}\/\d{1,2}))(?![\d/-]|\.\d)(?:,?\s+(?:at\s+)?(\d{1,2}):(\d{2})(?!\d))?/gi;
  return [...text.matchAll(pattern)].slice(0, maxMoments).map((match) => {
    const [first, second] = [Number(match[1]), Number(match[3])];
    const today = wallTime(now, zone);
    const year = match[4] === undefined ? today.year : Number(match[4]);
    const clock = match[5] === undefined ? endOfDay : { hour: Number(match[5]), minute: Number(match[6]) };
    const full = year < 100 ? Math.floor(today.year / 100) * 100 + year : year;
    const orders =
      first === second
        ? [[first, second]]
        : [
            [first, second],
            [second, first],
          ];
    const readings = orders.flatMap(([day = 0, month = 0]) => {
      if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(full, month, 0)).getUTCDate())
        return [];
      return clock.hour > 23 || clock.minute > 59
        ? []
        : [instantOf({ year: full, month, day, ...clock }, zone)];
    });
    return {
      start: match.index,
      end: match.index + match[0].length,
      text: match[0],
      readings,
      isRange: false,
    };
  });
}

/** `by 17h`, `until 9h30`, `by 17h tomorrow`: a time of day behind these words, and a duration elsewhere. */
function clockHours(text: string, now: Date, zone: string): FoundMoment[] {
  const pattern =
    /(?<=\b(?:by|until|till|before|at)\s{1,3})(\d{1,2})h(?:(\d{2}))?(?:\s+(today|tomorrow))?(?![\w:])/gi;
  return [...text.matchAll(pattern)].slice(0, maxMoments).flatMap((match) => {
    const clock = { hour: Number(match[1]), minute: Number(match[2] ?? 0) };
    if (clock.hour > 23 || clock.minute > 59) return [];
    const today = wallTime(now, zone);
    const on = (days: number): Date => instantOf({ ...today, day: today.day + days, ...clock }, zone);
    const isNext = match[3]?.toLowerCase() === 'tomorrow' || (match[3] === undefined && on(0) <= now);
    return [
      {
        start: match.index,
        end: match.index + match[0].length,
        text: match[0],
        readings: [on(isNext ? 1 : 0)],
        isRange: false,
      },
    ];
  });
}

function offsetMinutes(now: Date, zone: string): number {
  const shown = wallTime(now, zone);
  const utc = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute);
  return Math.round((utc - now.getTime()) / 60_000);
}
