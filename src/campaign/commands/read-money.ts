import { findAmount, parseMoney } from '../../lib/parse/amounts.ts';
import { findPrice } from '../../lib/parse/price.ts';
import { parseNumber } from '../../lib/parse/words.ts';
import type { CostLimit } from '../brief.ts';
import type { BudgetChange } from './command.ts';
import { type Problem, type Reader, readPhrases } from './reader.ts';
import type { Said } from './said.ts';

/** A larger amount of either unit is taken for a slip. */
const maxAmount = 1e9;

/** The amount at a mark such as `⟦0⟧`, or why it cannot be used. */
export function amountOf(mark: string | undefined, said: Said): CostLimit | Problem {
  const found = said.amounts[Number(mark?.slice(1, -1))];
  if (found === undefined) return { problem: unclearAmount };
  const words = found.text.trim();
  if (found.kind === 'foreign')
    return { problem: `I count in dollars or in time, not in what "${words}" is in.` };
  if (found.kind === 'gpuTime' && found.gpu !== null)
    return { problem: `I count hours of whichever GPUs run here, not of one kind as in "${words}".` };
  if (found.kind === 'usd' && found.unsure) return { problem: `"${words}" can be read in two ways.` };
  const value = found.kind === 'usd' ? found.usd : found.seconds;
  if (!(value > 0) || value > maxAmount) return { problem: `"${words}" is no amount that I can use.` };
  return found.kind === 'usd' ? { computeSeconds: null, usd: value } : { computeSeconds: value, usd: null };
}

const unclearAmount = 'I cannot make out how much that is.';
const example =
  'Say it in minutes, hours or dollars, for example `raise the budget to 20 min` or `raise the budget by $5`.';

const budget =
  '[the|our|my|its|this] [compute|time|money|total|whole] (budget|limit|cap) [of (this|the) campaign|for (this|this one|this campaign)]';
const up = '(raise|increase|extend|lift|bump|up)';
const down = '(lower|reduce|cut|decrease|shrink)';
const more = '(another|an extra|extra|more|additional|an additional)';
const here = '[to [the|our] budget|of (budget|compute|time)|for (this|it|this one|this campaign)]';
const total = '[in all|in total|total|altogether]';

const change =
  (how: 'set' | 'add' | 'subtract') =>
  (caught: Record<string, string[]>, said: Said): ({ kind: 'budget' } & BudgetChange) | Problem => {
    const limit = amountOf(caught.amount?.[0], said);
    return 'problem' in limit
      ? { problem: `${limit.problem} ${example}` }
      : { kind: 'budget', change: how, limit };
  };
const scale = (factor: number) => () => ({ kind: 'budget', change: 'scale', factor }) as const;

/** `raise the budget to 20 min`, `add $5`, `double the budget`. */
export const readBudget: Reader = readPhrases([
  [`(${up}|${down}|set|change|make|put) (${budget}|it) (to|at) <amount> ${total}`, change('set')],
  [`(make|set) ${budget} <amount> ${total}`, change('set')],
  [`[new] ${budget} [to|is|of|=|:|now|is now|should be] <amount> ${total}`, change('set')],
  [`${up} (${budget}|it) by [another] <amount>`, change('add')],
  [`${down} (${budget}|it) by <amount>`, change('subtract')],
  [`(add|give it|give yourself) [${more}] <amount> [more|extra|on top] ${here}`, change('add')],
  [`${more} <amount> [more|extra|on top|longer] ${here}`, change('add')],
  [`<amount> (more|extra|on top|longer) ${here}`, change('add')],
  [`${up} (${budget}|it)`, () => ({ problem: `By how much? ${example}` })],
  [`double ${budget}`, scale(2)],
  [`triple ${budget}`, scale(3)],
  [`(halve|cut) ${budget} [in half|by half]`, scale(0.5)],
  [
    `(${up}|${down}|set|change|make|put|add) (${budget}|it) (to|at|by) <unclear>|[new] ${budget} [to|is|of|=|:|now] <unclear>|add <unclear> to ${budget}`,
    () => ({ problem: `${unclearAmount} ${example}` }),
  ],
]);

const askLine =
  'I keep to the line for asking that was agreed at Start, and it does not change while the campaign runs.';
const one = '[(a|per|each|every) (node|branch|run|experiment|trial)]';

/** `ask me above 2 min`, `never ask me again`: agreed at Start, and not to be changed by a message. */
export const readAskLine: Reader = readPhrases([
  [
    `[only] ask [me|us] [again] [only] (above|over|beyond|for more than|for anything (above|over)|from) <amount> ${one}|(never|do not|don't) ask [me|us] [again|any more|anymore|for approval]|no need to ask [me|us] [again]|always ask [me|us] [first]`,
    () => ({ problem: askLine }),
  ],
]);

const priceLead = /^(?:the |our )?price(?: of an hour)?(?: on (?:one|a) slot)?(?: here)?(?: is|:|=)? ?/;

/**
 * `price $2.50`, `$2.50 an hour`, `an hour costs $2.50`: only as the whole sentence, because people also discuss
 * prices.
 */
export const readPrice: Reader = ({ text }) => {
  const said = text.replace(priceLead, '');
  const found = findPrice(said);
  if (found !== null)
    return found.length === said.length ? { kind: 'price', usd: found.usd, perGpu: found.perGpu } : null;
  if (said === text) return null;
  const usd = findAmount(said)?.text === said ? parseMoney(said) : parseNumber(said);
  return usd === null ? null : { kind: 'price', usd, perGpu: false };
};
