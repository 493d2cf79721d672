import type { Rng } from '../../../../lib/rng.ts';
import { dateForms, drawDate, isoDate } from './dates.ts';
import type { DocumentKind } from './document-kind.ts';
import { cities, complaints, desks, firstNames, issues, lastNames, months, praise, things } from './words.ts';

const anyDate = (rng: Rng): string => rng.pick(dateForms)(drawDate(rng));
const person = (rng: Rng): string => `${rng.pick(firstNames)} ${rng.pick(lastNames)}`;

const animals = ['dog', 'cat', 'bird', 'horse', 'fox', 'bear'];
const adjectives = ['old', 'small', 'young', 'big', 'quiet', 'happy', 'tired', 'red'];
const verbs = ['sees', 'likes', 'follows', 'finds', 'watches', 'hears'];
const places = ['house', 'river', 'garden', 'station', 'market', 'school'];
const weather = ['rainy', 'sunny', 'windy', 'cold', 'warm', 'cloudy'];

/** Sentences, letters, reviews, tickets and logs. Reviews carry a rating and tickets a status, never a task's label. */
export const proseDocuments: DocumentKind[] = [
  {
    weight: 3,
    draw: (rng) =>
      `${person(rng)} met ${person(rng)} in ${rng.pick(cities)} on ${1 + rng.int(28)} ${rng.pick(months)}.`,
  },
  { weight: 3, draw: (rng) => `On ${anyDate(rng)} ${rng.pick(firstNames)} moved to ${rng.pick(cities)}.` },
  { weight: 2, draw: (rng) => `${rng.pick(firstNames)} was born ${anyDate(rng)}` },
  {
    weight: 3,
    draw: (rng) => {
      const level = rng.pick(['error', 'info', 'warn']);
      const event = rng.pick(['disk full', 'login ok', 'job done', 'mail sent', 'no route']);
      return `${isoDate(drawDate(rng))} ${level} ${event} ${rng.int(1000)}`;
    },
  },
  {
    weight: 4,
    draw: (rng) => {
      const good = rng.next() < 0.5;
      const [same, opposite] = good ? [praise, complaints] : [complaints, praise];
      const view = rng.pick([
        () => `The ${rng.pick(things)} was ${rng.pick(same)} and ${rng.pick(same)}.`,
        () => `The ${rng.pick(things)} was not ${rng.pick(opposite)}, ${rng.pick(same)} in fact.`,
        () => `We found the ${rng.pick(things)} ${rng.pick(same)}.`,
      ])();
      return `${view} ${(good ? 4 : 1) + rng.int(2)}/5`;
    },
  },
  {
    weight: 3,
    draw: (rng) =>
      `Dear ${rng.pick(firstNames)}, my order ${1000 + rng.int(9000)} from ${rng.pick(cities)} is ${rng.pick(complaints)}.`,
  },
  {
    weight: 3,
    draw: (rng) => {
      const issue = rng.pick(issues[rng.pick(desks)]);
      return `Case ${1000 + rng.int(9000)} from ${person(rng)}: ${issue}. ${rng.pick(['Open', 'Closed', 'Waiting'])}.`;
    },
  },
  {
    weight: 5,
    draw: (rng) =>
      `The ${rng.pick(adjectives)} ${rng.pick(animals)} ${rng.pick(verbs)} the ${rng.pick(adjectives)} ${rng.pick(animals)} near the ${rng.pick(places)}.`,
  },
  {
    weight: 3,
    draw: (rng) =>
      `It was a ${rng.pick(weather)} ${rng.pick(months)} in ${rng.pick(cities)}, and ${rng.pick(firstNames)} stayed at the ${rng.pick(places)}.`,
  },
];
