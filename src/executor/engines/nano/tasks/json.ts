import type { Rng } from '../../../../lib/rng.ts';
import { cities, firstNames, lastNames } from '../text/words.ts';
import type { Example, TaskFamily } from './family.ts';

type Wording = (words: { first: string; last: string; city: string; elsewhere: string }) => string;

const wordings: readonly Wording[] = [
  ({ first, last, city }) => `${first} ${last} of ${city}`,
  ({ first, last, city }) => `${first} ${last} (${city})`,
  ({ first, last, city }) => `${city}: ${first} ${last}`,
  ({ first, last, city }) => `${last}, ${first}; ${city}`,
  ({ first, last, city }) => `in ${city} we met ${first} ${last}`,
  ({ first, last, city }) => `${first} ${last}, ${city}`.toUpperCase(),
  ({ first, last, city }) => `city=${city} last=${last} first=${first}`,
  ({ first, last, city, elsewhere }) => `${first} ${last} left ${elsewhere} for ${city}`,
];

const render = (name: string, city: string): string => `{"n":"${name}","c":"${city}"}`;

function form(wording: Wording): (rng: Rng) => Example {
  return (rng) => {
    const [first, last, city] = [rng.pick(firstNames), rng.pick(lastNames), rng.pick(cities)];
    const elsewhere = rng.pick(cities.filter((one) => one !== city));
    return {
      key: `${first} ${last}|${city}`,
      prompt: `extract: ${wording({ first, last, city, elsewhere })}`,
      completion: render(`${first} ${last}`, city),
    };
  };
}

const parts = ({ key }: Example): [string, string] => key.split('|') as [string, string];

/** Name and city into a JSON object with the keys n and c. */
export const json: TaskFamily = {
  name: 'json',
  title: 'Extract name and city as JSON',
  metric: 'exact_match',
  keywords: [
    'json',
    'extract',
    'extraction',
    'structured',
    'parse',
    'fields',
    'entity',
    'entities',
    'name',
    'city',
  ],
  forms: wordings.map(form),
  cleanForms: [0, 1, 2],
  cleanRows: 800,
  noisyRows: 5000,
  cleanNote: 'three of eight wordings',
  noisyNote: 'name and city swapped, missing brace, single quotes, long keys, lower case',
  mistakes: [
    (_, example) => render(parts(example)[1], parts(example)[0]),
    (_, { completion }) => completion.slice(0, -1),
    (_, { completion }) => completion.replaceAll('"', "'"),
    (_, example) => `{"name":"${parts(example)[0]}","city":"${parts(example)[1]}"}`,
    (_, { completion }) => completion.toLowerCase(),
  ],
};
