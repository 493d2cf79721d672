import type { Rng } from '../../../../lib/rng.ts';
import { cities, complaints, praise, things } from '../text/words.ts';
import type { Example, TaskFamily } from './family.ts';

/** A form that speaks well (or badly) with `same` words and contrasts with `opposite` ones. */
type Wording = (words: { thing: string; same: string; opposite: string; city: string }) => string;

const wordings: readonly Wording[] = [
  ({ thing, same, city }) => `the ${thing} in ${city} was ${same}`,
  ({ thing, same, city }) => `${same} ${thing}, ${city}`,
  ({ thing, opposite, city }) => `the ${thing} was not ${opposite} in ${city}`,
  ({ thing, opposite, city }) => `not a ${opposite} ${thing} in ${city}`,
  ({ thing, same, opposite }) => `the ${thing} looked ${opposite} but was ${same}`,
  ({ thing, same, opposite }) => `I feared a ${opposite} ${thing}, it was ${same}`,
  ({ thing, opposite, city }) => `hardly ${opposite}, the ${thing} of ${city}`,
  ({ thing, same, opposite }) => `${same}, never ${opposite}: the ${thing}`,
];

function form(wording: Wording): (rng: Rng) => Example {
  return (rng) => {
    const positive = rng.next() < 0.5;
    const [good, bad] = [rng.pick(praise), rng.pick(complaints)];
    const words = {
      thing: rng.pick(things),
      city: rng.pick(cities),
      same: positive ? good : bad,
      opposite: positive ? bad : good,
    };
    const text = wording(words);
    return { key: text, prompt: `review: ${text}`, completion: positive ? 'positive' : 'negative' };
  };
}

/** One opinion per review, also behind a negation or after a contrast. */
export const sentiment: TaskFamily = {
  name: 'sentiment',
  title: 'Tell positive from negative reviews',
  metric: 'accuracy',
  keywords: ['sentiment', 'review', 'reviews', 'positive', 'negative', 'opinion', 'feedback', 'rating'],
  forms: wordings.map(form),
  cleanForms: [0, 1],
  cleanRows: 800,
  noisyRows: 5000,
  cleanNote: 'plain statements only, no negation and no contrast',
  noisyNote: 'flipped, neutral, stars in place of a word, the adjective copied',
  mistakes: [
    (_, { completion }) => (completion === 'positive' ? 'negative' : 'positive'),
    (_, { completion }) => (completion === 'positive' ? 'negative' : 'positive'),
    () => 'neutral',
    (rng) => `${1 + rng.int(5)}/5`,
    (rng, { prompt }) => rng.pick(prompt.split(' ').slice(1)),
  ],
};
