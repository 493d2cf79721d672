import { type FoundAmount, findAmounts } from '../../../lib/parse/amounts.ts';
import { parseNumber } from '../../../lib/parse/words.ts';
import {
  bareBudget,
  boundAmount,
  boundNumber,
  budgetOfSetting,
  goesOnBehind,
  isOthers,
  rate,
  rateNouns,
} from './budget-words.ts';
import { clauseAround, isLight } from './clauses.ts';
import { answerCost } from './cost-answer.ts';
import { doubting, noChange, problem } from './draft.ts';
import { limitChange, perhapsBudget, rateNoTotal, unitMissing } from './limits.ts';
import {
  amountAt,
  amountMark,
  blank,
  type MarkedText,
  markText,
  take,
  takenWords,
  wordsAt,
} from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

const noBudget =
  /\b(?:no (?:budget|limit)s?(?: on (?:time|cost|spending|the budget))?|unlimited(?: budget)?|(?:infinite|endless) budget|budget(?: is|:)? (?:unlimited|endless|infinite))\b/;
const forgetBudget = /\b(?:forget|drop|remove|clear) the budget\b/;
export const readBudget: Reader = (marked, reading) => {
  const none = take(marked, noBudget) ?? take(marked, forgetBudget);
  if (none)
    return {
      change: {
        patch: { budget: null },
        problems: ['I need a limit: without a budget I would not know when to stop.'],
      },
      rest: none.rest,
    };
  const { amounts, unsure, rest } = boundAmounts(marked, reading);
  const number = boundNumbers(rest);
  if (amounts[0] !== undefined) {
    const same = number === null ? undefined : inUnitOf(number.number, amounts[0]);
    const all = same === undefined ? amounts : [...amounts, same];
    return { change: limitChange(all, 'budget', reading), rest: number?.rest ?? rest };
  }
  const [first] = unsure;
  if (first !== undefined)
    return {
      change: doubting(first.isRate ? rateNoTotal(first) : perhapsBudget(first)),
      rest: blank(rest, first.from, first.to),
    };
  if (number !== null)
    return { change: doubting(unitMissing(number.number, number.words, 'budget', null)), rest: number.rest };
  const bare = take(rest, bareBudget) ?? take(rest, budgetOfSetting);
  if (!bare) return null;
  const words = takenWords(rest, bare.rest);
  const isSetting = bare.match[0].includes('⟦');
  const count = isSetting ? '' : String(parseNumber(bare.match[1] ?? '') ?? bare.match[1]);
  if (!isSetting && !(Number(count) > 0))
    return {
      change: problem(`"${words}" leaves nothing to work with; a budget has to be above zero.`),
      rest: bare.rest,
    };
  return {
    change: doubting(unitMissing(count, words, 'budget', isSetting ? words : (bare.match[2] ?? null))),
    rest: bare.rest,
  };
};

const maxBound = 12;

interface Bound {
  amounts: FoundAmount[];
  /** Amounts that are one of many (`budget $100 a day`), or are in a sentence that may be about something else. */
  unsure: { amount: FoundAmount; words: string; isRate: boolean; from: number; to: number }[];
  rest: MarkedText;
}

/** Every amount that words of spending bind, or that is alone in its clause. */
function boundAmounts(marked: MarkedText, { input }: Reading): Bound {
  const names = new Set(input.tasks.map((task) => task.name.toLowerCase()));
  const amounts: FoundAmount[] = [];
  const unsure: Bound['unsure'] = [];
  const seen = new Set<number>();
  let rest = marked;
  const hear = (
    index: string | undefined,
    { from, to }: { from: number; to: number },
    isCertain: boolean,
  ) => {
    const amount = amountAt(marked, index);
    if (amount === null || seen.has(amount.start)) return;
    seen.add(amount.start);
    const each = rate.test(rest.text.slice(to))
      ? /^ *(?:\/ *\w+|\w+(?: +\w+)?)/.exec(rest.text.slice(to))
      : null;
    if (each === null && isCertain) {
      amounts.push(amount);
      rest = blank(rest, from, to);
    } else {
      const end = to + (each?.[0].length ?? 0);
      unsure.push({ amount, words: wordsAt(marked, from, end), isRate: each !== null, from, to: end });
    }
  };
  for (const pattern of boundAmount)
    for (const match of [...rest.text.matchAll(pattern)].slice(0, maxBound)) {
      const place = { from: match.index, to: match.index + match[0].length };
      const clause = clauseAround(marked.text, place.from, place.to);
      if (isOthers(marked.text.slice(clause.from, clause.to), match[0])) continue;
      const isAside =
        goesOnBehind.test(marked.text.slice(place.to, clause.to)) &&
        !isLight({ ...marked, text: marked.text.slice(0, place.from) }, clause.from, place.from, names);
      hear(
        match.findLast((group) => group !== undefined && /^\d+$/.test(group)),
        place,
        !isAside,
      );
    }
  // `budget 2 hours or $20`: the limit goes on.
  const light = new Set([...names, ...rateNouns]);
  for (const match of [...rest.text.matchAll(new RegExp(amountMark, 'g'))].slice(0, maxBound)) {
    const place = { from: match.index, to: match.index + match[0].length };
    const isRate = rate.test(rest.text.slice(place.to));
    if (isLight(rest, place.from, place.to, isRate ? light : names)) hear(match[1], place, true);
  }
  return { amounts, unsure, rest };
}

/** Numbers without a unit that words of spending bind; `unit` is that of the amounts beside them. */
function boundNumbers(marked: MarkedText): { number: string; words: string; rest: MarkedText } | null {
  for (const pattern of boundNumber)
    for (const match of [...marked.text.matchAll(pattern)].slice(0, maxBound)) {
      const [from, to] = [match.index, match.index + match[0].length];
      const clause = clauseAround(marked.text, from, to);
      if (isOthers(marked.text.slice(clause.from, clause.to), match[0])) continue;
      const number = parseNumber(match.groups?.number ?? '');
      if (number === null) continue;
      return { number: String(number), words: wordsAt(marked, from, to), rest: blank(marked, from, to) };
    }
  return null;
}

/** `5` beside `10 min` is 5 min. */
const inUnitOf = (number: string, amount: FoundAmount): FoundAmount | undefined =>
  findAmounts(
    amount.kind === 'usd' ? `$${number}` : `${number} ${/[a-z]+$/i.exec(amount.text.trim())?.[0] ?? ''}`,
  )[0];

export const answerBudget: FieldReader = (text, reading) => {
  const marked = markText(text, reading.input);
  if (noBudget.test(marked.text))
    return readBudget(marked, { ...reading, pending: null })?.change ?? noChange;
  return answerCost('budget', text, reading);
};
