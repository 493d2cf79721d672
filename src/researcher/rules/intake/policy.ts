import { type Brief, searchPolicies } from '../../../campaign/brief.ts';
import { isNearly } from '../../../lib/parse/words.ts';
import { setting } from './draft.ts';
import { markText, take } from './marked-text.ts';
import type { FieldReader, Reader } from './reading.ts';

const policyWords: [Brief['policy'], RegExp][] = [
  ['greedy', /\b(?:greedy|greedily|best[- ]first|always from the best)(?: (?:search|policy))?\b/],
  ['uct', /\b(?:uct|mcts|monte[- ]carlo(?: tree search)?|ucb)\b/],
  ['sequential', /\b(?:sequential(?:ly)?(?: (?:search|policy))?|linear search|always from the last)\b/],
];

export const readPolicy: Reader = (marked) => {
  for (const [policy, pattern] of policyWords) {
    const found = take(marked, pattern);
    if (found) return { change: setting({ policy }), rest: found.rest };
  }
  return null;
};

export const answerPolicy: FieldReader = (text, reading) => {
  const value = searchPolicies.find((name) => isNearly(text.trim().toLowerCase(), name));
  return value
    ? setting({ policy: value })
    : (readPolicy(markText(text, reading.input), reading)?.change ?? null);
};
