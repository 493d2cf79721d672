import { instantOf, safeZone, wallTime } from '../../../lib/parse/zoned-time.ts';
import { isLight } from './clauses.ts';
import { type Change, doubting, problem, setting } from './draft.ts';
import { amountAt, amountsIn, blank, markText, spansLeft, take, wordsAt } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

const noDeadline = /\b(?:no|forget the|forget about the|drop the|remove the|without a?) ?deadline\b/;
const cue = `(?:no later than|not later than|not after|by|until|till|before|deadline(?: is| of| at)?:?|due(?: by| on)?|(?:finish|finished|done|ready|complete|completed|stop|end|ends|over|results?)(?: it| with it| everything)?(?: by| at| before| until| on| within)?)`;
const cued = new RegExp(
  `(?<!\\b(?:not|don't|never)(?: \\w+)? )\\b(?<!\\b(?:not|don't|never) \\w+ )${cue}\\s*(?:the |on |at )?⟦d(\\d+)⟧(?: at the latest)?`,
);
/** `ready for the meeting on Thursday`, `results are needed before Friday`: the moment comes later in the clause. */
const far =
  /(?<!\b(?:not|don't|never)(?: \w+)? )\b(?:ready|done|finished|finish|complete|completed|deadline|due|needed?|results?|present(?:ing|ation)?|demo|meeting|review)\b[^⟦.;!?\n,]{1,60}?⟦d(\d+)⟧/;
/** `by Thursday or Friday` */
const orLater = /^\s*(?:,?\s*or(?: (?:by|on|maybe|perhaps))?|\/)\s*⟦d(\d+)⟧/;
/** An hour without am, pm or minutes. */
const bareHour =
  /\b(?:by|until|till|before|no later than)(?: about| around)? (\d{1,2})(?: o'? ?clock)?(?=\s*(?:[,;!?\n]|\.(?:\s|$)|$|at the latest|sharp|please|today|tomorrow))/;
const latest = /⟦d(\d+)⟧(?= at the latest| is the deadline| deadline)/;
const inTime =
  /\b(?:(?:ready|done|finish(?:ed)?|finished up|complete|results?|stop|over) (?:with(?:in)?|in)|due in|deadline(?: is)?(?: in)?:?|(?:at most )?in) ⟦t(\d+)⟧/;

/** The deadline that a moment, or a doubt about it, means. */
function deadlineFrom(readings: readonly Date[], said: string, { input }: Reading): Change {
  const ahead = readings.filter((when) => when > input.now);
  const [only] = ahead;
  if (readings.length > 1)
    return doubting({
      field: 'deadline',
      text: `"${said}" can be read as two moments. Which one is the deadline?`,
      options: [
        ...ahead
          .sort((a, b) => a.getTime() - b.getTime())
          .map((when) => ({ label: fullDate(when, input.timeZone), value: when.toISOString() })),
        { label: 'No deadline', value: 'none' },
      ],
    });
  if (only !== undefined) return setting({ deadline: only.toISOString() });
  return readings.length === 0
    ? problem(`"${said}" is no moment that I can make out; please give the deadline again.`)
    : {
        ...problem(`"${said}" is past: it is not a moment in the future. Please give the deadline again.`),
        notUsed: [{ words: said, why: 'that is past' }],
      };
}

const fullDate = (when: Date, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: safeZone(timeZone),
    weekday: 'short',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(when);

/** Hours of the day or of the week, in which something may run. */
const between =
  /(?:\bonly )?(?:\b(?:run|train|work|start)(?:ning|ing)? )?\b(?:between|from)\s+⟦d\d+⟧\s*(?:and|to|until|till|-|–)\s*⟦d\d+⟧/;

/** Neither end of a range is a deadline. `isOurs`: it says when to run, and not from when the data are. */
const noHours = (words: string, isOurs: boolean): Change => ({
  ...setting({}),
  notUsed: [
    {
      words,
      why: isOurs
        ? 'I keep to no hours: I run from Start on, until the budget, a deadline or you end it'
        : null,
    },
  ],
});

export const readDeadline: Reader = (marked, reading) => {
  const names = new Set(reading.input.tasks.map((task) => task.name.toLowerCase()));
  const hours = take(marked, between);
  if (hours) {
    const from = hours.match.index;
    const to = from + hours.match[0].length;
    const isOurs = isLight(marked, from, to, new Set([...names, 'between']));
    return { change: noHours(wordsAt(marked, from, to), isOurs), rest: hours.rest };
  }
  const none = take(marked, noDeadline);
  if (none) return { change: setting({ deadline: null }), rest: none.rest };
  const found = take(marked, cued) ?? take(marked, latest) ?? take(marked, far);
  const span = found === null ? undefined : marked.spans[Number(found.match[1])];
  if (found && span?.kind === 'moment') {
    const end = found.match.index + found.match[0].length;
    const other = orLater.exec(found.rest.text.slice(end));
    const later = marked.spans[Number(other?.[1] ?? Number.NaN)];
    if (other === null || later?.kind !== 'moment')
      return { change: deadlineFrom(span.readings, span.text, reading), rest: found.rest };
    return {
      change: deadlineFrom([...span.readings, ...later.readings], `${span.text} or ${later.text}`, reading),
      rest: blank(found.rest, end, end + other[0].length),
    };
  }
  const hour = take(marked, bareHour);
  const value = Number(hour?.match[1]);
  if (hour && value >= 1 && value <= 24)
    return {
      change: deadlineFrom(
        hoursMeant(value, reading),
        wordsAt(marked, hour.match.index, hour.match.index + hour.match[0].length),
        reading,
      ),
      rest: hour.rest,
    };
  const alone = spansLeft(marked, 'moment').find(({ from, to }) => isLight(marked, from, to, names));
  if (alone?.span.isRange === true)
    return { change: noHours(alone.span.text, true), rest: blank(marked, alone.from, alone.to) };
  if (alone)
    return {
      change: deadlineFrom(alone.span.readings, alone.span.text, reading),
      rest: blank(marked, alone.from, alone.to),
    };
  const relative = take(marked, inTime);
  const amount = amountAt(marked, relative?.match[1]);
  const isBare = relative?.match[0].startsWith('in ') || relative?.match[0].startsWith('at most in');
  if (!relative || amount?.kind !== 'time') return null;
  if (
    isBare &&
    !isLight(marked, relative.match.index, relative.match.index + relative.match[0].length, names)
  )
    return null;
  return {
    change: deadlineFrom(momentAfter(amount.seconds, reading), amount.text, reading),
    rest: relative.rest,
  };
};

/** The next times at which a clock shows the hour: 9 is 9:00 or 21:00. */
function hoursMeant(hour: number, { input }: Reading): Date[] {
  const zone = safeZone(input.timeZone);
  const { year, month, day } = wallTime(input.now, zone);
  return [...new Set(hour <= 12 ? [hour % 24, (hour + 12) % 24] : [hour % 24])].map((clock) => {
    const today = instantOf({ year, month, day, hour: clock, minute: 0 }, zone);
    return today > input.now ? today : instantOf({ year, month, day: day + 1, hour: clock, minute: 0 }, zone);
  });
}

function momentAfter(seconds: number, { input }: Reading): Date[] {
  const ms = input.now.getTime() + seconds * 1000;
  return Math.abs(ms) < 8.64e15 ? [new Date(ms)] : [];
}

export const answerDeadline: FieldReader = (text, reading) => {
  if (/^\s*(?:none|no(?: deadline)?|never|off|-|)\s*[.!]?$/i.test(text)) return setting({ deadline: null });
  if (/^\d{4}-\d\d-\d\dT/.test(text.trim()) && !Number.isNaN(Date.parse(text)))
    return deadlineFrom([new Date(text)], text.trim(), reading);
  const marked = markText(text, reading.input);
  const [moment] = spansLeft(marked, 'moment');
  if (moment) return deadlineFrom(moment.span.readings, moment.span.text, reading);
  const [amount] = amountsIn(marked);
  return amount?.kind === 'time'
    ? deadlineFrom(momentAfter(amount.seconds, reading), amount.text, reading)
    : null;
};
