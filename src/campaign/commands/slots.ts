import { methodPatterns } from '../read-methods.ts';
import { strategyPatterns } from './strategy-words.ts';

const noun = '(?:(?:node|branch|number|round|experiment|no\\.?)s? ?)?';
const number = '# ?\\d{1,5}|\\d{1,5}';
const kind = `(?:${[...methodPatterns, ...strategyPatterns].map(([, source]) => source).join('|')})`;
const joint = '(?:,? (?:and|or|nor|plus|&) |, )';

/** The slots that phrases of the grammar can hold. */
export const slots: Record<string, string> = {
  node: `${noun}(?:${number})`,
  nodes: `${noun}(?:${number})(?:${joint}(?:${number}))*`,
  best: '(?:the )?(?:best(?: one| node| so far)?|winner|leader)',
  amount: '⟦\\d+⟧',
  /** A moment in words; the caller, who knows the day and the person's zone, decides whether it is one. */
  moment:
    '[^"?]*\\d[^"?]*|(?:tomorrow|tonight|midnight|noon|(?:mon|tues|wednes|thurs|fri|satur|sun)day)[^"?]*',
  /** Training methods and strategies, one or several. */
  kinds: `${kind}(?:${joint}(?:(?:no|any|the) )?${kind})*`,
  /** An amount that could not be read: it holds a digit. */
  unclear: '[^"]*\\d[^"]*',
};

export const numbersIn = (text: string | undefined): number[] => [
  ...new Set([...(text ?? '').matchAll(/\d+/g)].map(([digits]) => Number(digits))),
];
export const numberIn = (text: string | undefined): number | null => numbersIn(text)[0] ?? null;
