import { findAmount } from './amounts.ts';

interface WallTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

export interface FoundDeadline {
  at: number;
  length: number;
  /** Null when what was said lies in the past or is no real moment. */
  when: Date | null;
  text: string;
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthPattern =
  '(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)';
const dayPattern = `(?:today|tonight|tomorrow|(?:next |this |on )?(?:${weekdays.join('|')}|mon|tues?|wed|thu(?:rs)?|fri|sat|sun)|\\d{4}-\\d{2}-\\d{2}|(?:the )?\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${monthPattern}|${monthPattern} \\d{1,2}(?:st|nd|rd|th)?)\\b`;
const clockPattern =
  "(?:\\d{1,2}:\\d{2}\\s?(?:am|pm)?|\\d{1,2}\\s?(?:am|pm)|noon|midday|midnight|(?:the |this )?(?:morning|afternoon|evening|night)|(?:the )?end of (?:the |my )?(?:day|business)|eod|\\d{1,2}(?:\\s?o'?clock)?(?![\\d.,:%a-z-]|\\s*(?:nodes?|experiments?|rounds?|percent|runs?|iterations?|trials?)))";
const expression = `(?:${dayPattern}(?:\\s*,?\\s*(?:at |by )?${clockPattern})?|${clockPattern}(?:\\s*(?:on |,)?\\s*${dayPattern})?)`;
const cue =
  '(?:no later than|not later than|not after|by|until|till|before|deadline(?: is| of| at)?:?|(?:finish|finished|done|ready|stop|end|ends)(?: by| at| before| until)?|at the latest)';
const withCue = new RegExp(`\\b${cue}\\s+(${expression})`, 'i');
const bare = new RegExp(`(?:^|\\s)(${expression})`, 'i');
const bareDay = new RegExp(
  `\\b((?:tonight|tomorrow|${weekdays.join('|')})(?:\\s*,?\\s*(?:at )?${clockPattern})?)`,
  'i',
);

function wallTime(at: Date, timeZone: string): WallTime & { weekday: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const get = (type: string): number => Number(parts.find((p) => p.type === type)?.value ?? 0);
  const [year, month, day] = [get('year'), get('month'), get('day')];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return { year, month, day, hour: get('hour'), minute: get('minute'), weekday };
}

/** The instant at which clocks in the zone show this; in a gap of summer time the moment after it. */
function instantOf(wall: WallTime, timeZone: string): Date {
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  let guess = asUtc;
  for (let i = 0; i < 2; i++) {
    const shown = wallTime(new Date(guess), timeZone);
    const shownUtc = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute);
    guess += asUtc - shownUtc;
  }
  return new Date(guess);
}

function clockOf(text: string): { hour: number; minute: number } | null {
  const lower = text.toLowerCase();
  if (/noon|midday/.test(lower) && !/afternoon/.test(lower)) return { hour: 12, minute: 0 };
  if (/midnight|night/.test(lower)) return { hour: 23, minute: 59 };
  if (/morning/.test(lower)) return { hour: 9, minute: 0 };
  if (/afternoon|end of|eod/.test(lower)) return { hour: 18, minute: 0 };
  if (/evening/.test(lower)) return { hour: 20, minute: 0 };
  const match = /(\d{1,2})(?::(\d{2}))?\s?(am|pm)?/.exec(lower);
  if (!match) return null;
  let hour = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  if (match[3] && hour >= 1 && hour <= 12) hour = (hour % 12) + (match[3] === 'pm' ? 12 : 0);
  return hour <= 23 && minute <= 59 ? { hour, minute } : null;
}

function dayShift(text: string, today: WallTime & { weekday: number }): number | null {
  const lower = text.toLowerCase();
  if (/today|tonight/.test(lower)) return 0;
  if (/tomorrow/.test(lower)) return 1;
  const index = weekdays.findIndex((name) => new RegExp(`\\b${name.slice(0, 3)}`).test(lower));
  if (index >= 0 && !/\d{1,2}.*[a-z]{3}.*\d{4}/.test(lower)) return (index - today.weekday + 7) % 7;
  const iso = /(\d{4})-(\d{2})-(\d{2})/.exec(lower);
  const named =
    new RegExp(`(\\d{1,2})(?:st|nd|rd|th)?(?: of)? (${monthPattern})`).exec(lower) ??
    new RegExp(`(${monthPattern}) (\\d{1,2})`).exec(lower);
  const start = Date.UTC(today.year, today.month - 1, today.day);
  const days = (year: number, month: number, day: number): number =>
    Math.round((Date.UTC(year, month - 1, day) - start) / 86_400_000);
  if (iso) return days(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  if (!named) return null;
  const [first = '', second = ''] = [named[1], named[2]];
  const month = months.indexOf((/\d/.test(first) ? second : first).slice(0, 3)) + 1;
  const shift = days(today.year, month, Number(/\d/.test(first) ? first : second));
  return shift >= 0 ? shift : days(today.year + 1, month, Number(/\d/.test(first) ? first : second));
}

function momentOf(text: string, now: Date, timeZone: string): Date | null {
  const today = wallTime(now, timeZone);
  const dayText = new RegExp(dayPattern, 'i').exec(text)?.[0] ?? '';
  const shift = dayText ? dayShift(dayText, today) : null;
  const rest = dayText ? text.replace(dayText, ' ') : text;
  const wantsClock = new RegExp(clockPattern, 'i').test(rest);
  const clock = wantsClock ? clockOf(rest) : { hour: 23, minute: 59 };
  if (!clock) return null;
  const build = (days: number): Date => {
    const date = new Date(Date.UTC(today.year, today.month - 1, today.day + days));
    return instantOf(
      { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), ...clock },
      timeZone,
    );
  };
  const when = build(shift ?? 0);
  if (Number.isNaN(when.getTime())) return null;
  if (when > now) return when;
  if (shift === null) return build(1);
  // "Friday 9:00" said on a Friday afternoon means the next one.
  if (shift === 0 && !/today|tonight/i.test(dayText)) return build(7);
  return null;
}

const safeZone = (timeZone: string): string => {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone });
    return timeZone;
  } catch {
    return 'UTC';
  }
};

/**
 * A deadline in free text: `by 9am`, `until tomorrow 08:00`, `tonight`, `by Friday 17:00`, `done in 3 hours`.
 * Times are of the person's zone (an unknown zone counts as UTC). A clock time that has passed today means tomorrow.
 * `alone`: the whole text answers the question for a deadline, so no cue word is needed.
 */
export function findDeadline(
  text: string,
  now: Date,
  timeZone: string,
  options: { alone?: boolean } = {},
): FoundDeadline | null {
  const zone = safeZone(timeZone);
  const relative = /\b(?:in|within|after)\s+/i.exec(text);
  if (relative) {
    const start = relative.index + relative[0].length;
    const amount = findAmount(text.slice(start));
    const fits =
      amount?.start === 0 && amount.kind === 'time' && (options.alone || !/within/i.test(relative[0]));
    if (fits && amount.kind === 'time') {
      const ms = now.getTime() + amount.seconds * 1000;
      const ok = amount.seconds > 0 && Math.abs(ms) < 8.64e15;
      return {
        at: relative.index,
        length: relative[0].length + amount.end,
        when: ok ? new Date(ms) : null,
        text: relative[0] + amount.text,
      };
    }
  }
  const match = withCue.exec(text) ?? (options.alone ? bare.exec(text) : bareDay.exec(text));
  const said = match?.[1];
  if (!match || !said) return null;
  return {
    at: match.index,
    length: match[0].length,
    when: momentOf(said, now, zone),
    text: said.trim(),
  };
}

/** The moment a deadline names; null when the text holds none, or one in the past. */
export function parseDeadline(text: string, now: Date, timeZone: string): Date | null {
  return findDeadline(text, now, timeZone, { alone: true })?.when ?? null;
}

/** `Fri 17:00` within a week, `5 Mar 17:00` beyond; in the person's zone. */
export function formatDeadline(when: Date, now: Date, timeZone: string): string {
  const zone = safeZone(timeZone);
  const near = when.getTime() - now.getTime() < 6 * 86_400_000;
  const day: Intl.DateTimeFormatOptions = near
    ? { weekday: 'short' }
    : { day: 'numeric', month: 'short', year: 'numeric' };
  const date = new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...day }).format(when);
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(when);
  return `${date} ${clock}`;
}
