import type { Rng } from '../../../../lib/rng.ts';
import { type CalendarDate, dateForms, drawDate, isoDate } from '../text/dates.ts';
import type { Example, TaskFamily } from './family.ts';

const parse = (example: Example): CalendarDate => {
  const [year, month, day] = example.key.split('-').map(Number);
  return { year: year!, month: month!, day: day! };
};

/** Twelve ways to write a date; the answer is ISO 8601. */
export const date: TaskFamily = {
  name: 'date',
  title: 'Normalise dates to ISO 8601',
  metric: 'exact_match',
  keywords: ['date', 'dates', 'iso', 'calendar', 'normalise', 'normalize', 'day', 'month', 'year'],
  forms: dateForms.map((form) => (rng: Rng): Example => {
    const value = drawDate(rng);
    return { key: isoDate(value), prompt: `date: ${form(value)}`, completion: isoDate(value) };
  }),
  cleanForms: [0, 1, 2, 3, 4],
  cleanRows: 800,
  noisyRows: 6000,
  cleanNote: 'five of twelve date formats',
  noisyNote: 'day and month swapped, month off by one, wrong century, input copied, m/d/y',
  mistakes: [
    (_, example) => {
      const { year, month, day } = parse(example);
      return isoDate({ year, month: day <= 12 ? day : (month % 12) + 1, day: month });
    },
    (_, example) => {
      const value = parse(example);
      return isoDate({ ...value, month: (value.month % 12) + 1 });
    },
    (rng, example) => {
      const value = parse(example);
      return isoDate({ ...value, year: value.year + rng.pick([-100, 100]) });
    },
    (_, example) => example.prompt.slice('date: '.length),
    (_, example) => {
      const { year, month, day } = parse(example);
      return `${month}/${day}/${year}`;
    },
  ],
};
