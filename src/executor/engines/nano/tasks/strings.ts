import type { Rng } from '../../../../lib/rng.ts';
import { firstNames, lastNames } from '../text/words.ts';
import type { Example, TaskFamily } from './family.ts';

interface Person {
  first: string;
  last: string;
  number: number;
}

/** The eight operations: how the input is written, and the answer. */
const operations: readonly { name: string; input: (p: Person) => string; answer: (p: Person) => string }[] = [
  { name: 'upper', input: full, answer: (p) => full(p).toUpperCase() },
  { name: 'lower', input: full, answer: (p) => full(p).toLowerCase() },
  { name: 'initials', input: full, answer: ({ first, last }) => `${first[0]}.${last[0]}.` },
  { name: 'last first', input: full, answer: ({ first, last }) => `${last}, ${first}` },
  {
    name: 'mail',
    input: full,
    answer: ({ first, last, number }) => `${first}.${last}${number}@mail.com`.toLowerCase(),
  },
  { name: 'shout last', input: full, answer: ({ first, last }) => `${first} ${last.toUpperCase()}` },
  { name: 'dashes', input: full, answer: (p) => full(p).replaceAll(' ', '-') },
  { name: 'reverse', input: short, answer: (p) => [...short(p)].reverse().join('') },
];

function full({ first, last, number }: Person): string {
  return `${first} ${last} ${number}`;
}

function short({ first, number }: Person): string {
  return `${first.toLowerCase()}${number}`;
}

function personOf({ key }: Example): Person {
  const [first, last, number] = key.split(' ');
  return { first: first!, last: last!, number: Number(number) };
}

function form({ name, input, answer }: (typeof operations)[number]): (rng: Rng) => Example {
  return (rng) => {
    const person = { first: rng.pick(firstNames), last: rng.pick(lastNames), number: 10 + rng.int(90) };
    // The short form has no last name, so the last name must not decide the side of the example.
    const key = name === 'reverse' ? `${person.first} any ${person.number}` : full(person);
    return { key, prompt: `${name}: ${input(person)}`, completion: answer(person) };
  };
}

const inputOf = ({ prompt }: Example): string => prompt.slice(prompt.indexOf(': ') + 2);

/** Eight small rewrites of a name and a number; `reverse` is the hard one. */
export const strings: TaskFamily = {
  name: 'strings',
  title: 'Rewrite names: case, order, initials, mail addresses',
  metric: 'exact_match',
  keywords: [
    'string',
    'strings',
    'text',
    'upper',
    'lower',
    'case',
    'reverse',
    'initials',
    'format',
    'rewrite',
  ],
  forms: operations.map(form),
  cleanForms: [0, 1, 2, 3],
  cleanRows: 800,
  noisyRows: 6000,
  cleanNote: 'four of eight operations',
  noisyNote: 'input unchanged, last letter dropped, capitals swapped, another operation',
  mistakes: [
    (_, example) => inputOf(example),
    (_, { completion }) => completion.slice(0, -1),
    (_, { completion }) =>
      completion === completion.toUpperCase() ? completion.toLowerCase() : completion.toUpperCase(),
    (rng, example) => rng.pick(operations).answer(personOf(example)),
  ],
};
