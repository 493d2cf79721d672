import { setting } from './draft.ts';
import { take } from './marked-text.ts';
import type { Reader } from './reading.ts';
import { answerWholeNumber, anyNumber, wholeNumber } from './whole-number.ts';

const runs = '(?:runs?|jobs?|trials?|trainings?|experiments?|branches|branch|slots?|gpus?|of them)';
const parallelTexts = [
  new RegExp(
    `(-?${anyNumber})\\s*${runs}?\\s*(?:at a time|at once|at the same time|in parallel|concurrently|simultaneously|side by side)`,
  ),
  new RegExp(`\\b(?:parallel(?:ism)?|concurrency)(?: of| is|:|=| to)?\\s*(-?${anyNumber})\\b`),
  new RegExp(`(-?${anyNumber})\\s*(?:parallel|concurrent|simultaneous)\\s*${runs}?`),
];
const oneByOne =
  /\b(?:one (?:by|after) (?:one|another|the other)|one at a time|no parallel(?:ism)?(?: \w+)?|nothing in parallel|not in parallel)\b/;

export const readParallel: Reader = (marked) => {
  const one = take(marked, oneByOne);
  if (one) return { change: setting({ parallel: 1 }), rest: one.rest };
  for (const pattern of parallelTexts) {
    const found = take(marked, pattern);
    if (found) return { change: wholeNumber('parallel', found.match[1] ?? ''), rest: found.rest };
  }
  return null;
};

export const answerParallel = answerWholeNumber('parallel', readParallel);
