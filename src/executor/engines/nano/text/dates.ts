import type { Rng } from '../../../../lib/rng.ts';
import { months, weekdays } from './words.ts';

export interface CalendarDate {
  /** 1950 to 2049, so that two digits name one year. */
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
}

export const twoDigits = (n: number): string => String(n % 100).padStart(2, '0');

export function isoDate({ year, month, day }: CalendarDate): string {
  return `${year}-${twoDigits(month)}-${twoDigits(day)}`;
}

export function drawDate(rng: Rng): CalendarDate {
  const year = 1950 + rng.int(100);
  const month = 1 + rng.int(12);
  return { year, month, day: 1 + rng.int(new Date(Date.UTC(year, month, 0)).getUTCDate()) };
}

/** 1st, 2nd, 3rd, 4th ... 11th, 12th, 13th. */
export function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
}

const monthName = (date: CalendarDate): string => months[date.month - 1]!;
const shortMonth = (date: CalendarDate): string => monthName(date).slice(0, 3);
const weekday = (date: CalendarDate): string =>
  weekdays[new Date(Date.UTC(date.year, date.month - 1, date.day)).getUTCDay()]!;

/** Twelve ways to write a date; each can be read in one way only. */
export const dateForms: ((date: CalendarDate) => string)[] = [
  (d) => `${monthName(d)} ${d.day}, ${d.year}`,
  (d) => `${d.day} ${monthName(d)} ${d.year}`,
  (d) => `${shortMonth(d)} ${d.day}, ${d.year}`,
  (d) => `${d.day} ${shortMonth(d)} ${d.year}`,
  (d) => `${twoDigits(d.day)}/${twoDigits(d.month)}/${d.year}`,
  (d) => `${d.day}.${d.month}.${d.year}`,
  (d) => `${weekday(d)}, ${d.day} ${shortMonth(d)} ${d.year}`,
  (d) => `the ${ordinal(d.day)} of ${monthName(d)} ${d.year}`,
  (d) => `${monthName(d)} ${ordinal(d.day)}, '${twoDigits(d.year)}`,
  (d) => `${d.day}-${shortMonth(d)}-${twoDigits(d.year)}`,
  (d) => `${d.year}/${twoDigits(d.month)}/${twoDigits(d.day)}`,
  (d) => `${d.year}${twoDigits(d.month)}${twoDigits(d.day)}`,
];
