import type { Rng } from '../../../../lib/rng.ts';
import type { Example, PoolRow, TaskFamily } from './family.ts';
import { isHeldOut, sumKey } from './held-out.ts';

type Terms = (rng: Rng) => number[];
const twoDigits: Terms = (rng) => [10 + rng.int(90), 10 + rng.int(90)];
const threeAndTwo: Terms = (rng) => [100 + rng.int(900), 10 + rng.int(90)];
const threeTerms: Terms = (rng) => [10 + rng.int(90), 1 + rng.int(9), 1 + rng.int(9)];

function form(draw: Terms, wording: (terms: number[]) => string): (rng: Rng) => Example {
  return (rng) => {
    const terms = draw(rng);
    const sum = terms.reduce((total, term) => total + term, 0);
    return { key: sumKey(...terms), prompt: `add: ${wording(terms)}`, completion: String(sum) };
  };
}

/** Single columns with their carry, then short sums, then two digits: meant to be read in this order. */
function drill(rng: Rng): PoolRow[] {
  const row = (...terms: number[]): PoolRow => ({
    prompt: `add: ${terms.join('+')}`,
    completion: String(terms.reduce((total, term) => total + term, 0)),
  });
  const rows: PoolRow[] = [];
  for (let i = 0; i < 1000; i++) rows.push(row(rng.int(10), rng.int(10)));
  for (let i = 0; i < 1500; i++) rows.push(row(10 + rng.int(90), rng.int(10)));
  for (let i = 0; i < 2500; i++) rows.push(row(...twoDigits(rng)));
  return rows.filter(({ prompt }) => !isHeldOut('add', sumKey(...prompt.slice(5).split('+').map(Number))));
}

/** Sums in five forms. Carries over two columns and sums of three numbers are the hard part. */
export const add: TaskFamily = {
  name: 'add',
  title: 'Add numbers',
  metric: 'exact_match',
  keywords: ['add', 'addition', 'sum', 'sums', 'arithmetic', 'plus', 'calculate', 'math', 'maths', 'numbers'],
  forms: [
    form(twoDigits, (terms) => terms.join('+')),
    form(twoDigits, (terms) => `${terms.join(' + ')} =`),
    form(twoDigits, (terms) => terms.join(' plus ')),
    form(threeAndTwo, (terms) => terms.join('+')),
    form(threeTerms, (terms) => terms.join('+')),
  ],
  cleanForms: [0, 1, 2],
  cleanRows: 3000,
  noisyRows: 9000,
  cleanNote: 'two-digit sums only, three of five forms',
  noisyNote: 'carry forgotten, off by one or ten, digits reversed, terms joined',
  mistakes: [
    (_, { completion }) => String(Number(completion) - 10),
    (rng, { completion }) => String(Number(completion) + rng.pick([-1, 1, 10])),
    (_, { completion }) => [...completion].reverse().join(''),
    (_, { prompt }) => prompt.replace(/\D/g, ''),
  ],
  extraPools: {
    drill: {
      title: 'Add numbers: exercises from easy to hard',
      note: 'Right answers, one wording, sorted by length: keep the order (as_given) for a curriculum.',
      build: drill,
    },
  },
};
