import type { Rng } from '../../../../lib/rng.ts';
import { type DocumentKind, separatorMark } from './document-kind.ts';
import { cities, firstNames, lastNames, months, things } from './words.ts';

const symbols = 'abcdefghijklmnopqrstuvwxyz0123456789'.split('');

function randomWord(rng: Rng, shortest: number, longest: number): string {
  const length = shortest + rng.int(longest - shortest + 1);
  return Array.from({ length }, () => rng.pick(symbols)).join('');
}

function repeated(rng: Rng): string {
  const word = randomWord(rng, 3, 10);
  return rng.next() < 0.5 ? `${word} ${word}` : `${word}; ${word}; ${word}`;
}

/** `a=12 b=Oslo c=7 ; b=Oslo`: find the key again and copy its value. */
function lookUp(rng: Rng, ask: (pairs: string, key: string, value: string) => string): string {
  const keys = rng.shuffle('abcdefghij'.split('')).slice(0, 3 + rng.int(3));
  const values = keys.map(() => (rng.next() < 0.5 ? String(rng.int(10_000)) : rng.pick(cities)));
  const chosen = rng.int(keys.length);
  return ask(keys.map((key, i) => `${key}=${values[i]}`).join(' '), keys[chosen]!, values[chosen]!);
}

/** Where does Tom live? Two or three facts, then one of them again. */
function whoLivesWhere(rng: Rng, mark: string): string {
  const names = rng.shuffle([...firstNames]).slice(0, 2 + rng.int(2));
  const homes = names.map(() => rng.pick(cities));
  const chosen = rng.int(names.length);
  const facts = names.map((name, i) => `${name} lives in ${homes[i]}.`).join(' ');
  return `${facts} Where is ${names[chosen]}?${mark}${homes[chosen]}`;
}

function casing(rng: Rng): string {
  const word = rng.pick(rng.pick([cities, firstNames, lastNames, things, months]));
  return rng.pick([
    `${word} ${word.toUpperCase()}`,
    `${word.toUpperCase()} ${word.toLowerCase()}`,
    `${word}, ${word}, ${word}`,
  ]);
}

function names(rng: Rng): string {
  const [first, last] = [rng.pick(firstNames), rng.pick(lastNames)];
  return rng.pick([
    `${first} ${last}; ${last}, ${first}`,
    `${first} ${last} <${first.toLowerCase()}.${last.toLowerCase()}@mail.com>`,
    `${last} ${first.slice(0, 1)}. ${first} ${last}`,
  ]);
}

function backwards(rng: Rng): string {
  const word = randomWord(rng, 2, 6);
  return `${word} | ${[...word].reverse().join('')}`;
}

/** Question, separator, answer: teaches the separator on words without meaning. */
function separated(rng: Rng): string {
  const word = randomWord(rng, 3, 9);
  const name = `${rng.pick(firstNames)} ${rng.pick(lastNames)}`;
  return rng.pick([
    () => `${word}${separatorMark}${word}`,
    () => `${name}${separatorMark}${name}`,
    () => lookUp(rng, (pairs, key, value) => `${pairs} ; ${key}${separatorMark}${value}`),
    () => whoLivesWhere(rng, separatorMark),
  ])();
}

/** Copying, looking up and rearranging: without these a base this small cannot be fine-tuned to copy (measured). */
export const copyDocuments: DocumentKind[] = [
  { weight: 5, draw: repeated },
  { weight: 4, draw: (rng) => lookUp(rng, (pairs, key, value) => `${pairs} ; ${key}=${value}`) },
  { weight: 3, draw: (rng) => whoLivesWhere(rng, ' ') },
  { weight: 3, draw: casing },
  { weight: 4, draw: names },
  { weight: 2, draw: backwards },
  { weight: 8, draw: separated },
];
