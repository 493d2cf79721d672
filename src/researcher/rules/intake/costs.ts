import type { CostLimit } from '../../../campaign/brief.ts';
import { type FoundAmount, formatSeconds } from '../../../lib/parse/amounts.ts';
import { numberPattern, parseNumber } from '../../../lib/parse/words.ts';
import { type Change, type Draft, noChange } from './draft.ts';
import { amountAt, amountMark, markText, take } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

const longest = 400 * 86_400;

/** `15 min`, `$20`, `15 min or $20`. */
export function formatLimit(limit: CostLimit): string {
  const parts = [
    limit.computeSeconds === null ? null : formatSeconds(limit.computeSeconds),
    limit.usd === null ? null : `$${Math.round(limit.usd * 100) / 100}`,
  ].filter((part) => part !== null);
  return parts.join(' or ');
}

/** `2 min`, `never`, `every time`. */
export const formatThreshold = (limit: CostLimit): string =>
  limit.computeSeconds === always.computeSeconds ? 'every time' : formatLimit(limit) || 'never';

type Known = Pick<Reading, 'input' | 'draft'>;

/** A limit from an amount, or a sentence why not. */
function limitFrom(
  amount: FoundAmount,
  what: 'budget' | 'askAbove',
  { input, draft }: Known,
): CostLimit | string {
  const name = what === 'budget' ? 'A budget' : 'A threshold';
  if (amount.kind === 'foreign')
    return `I count in US dollars or in minutes, not in ${amount.currency}. Please give one of these.`;
  if (amount.kind === 'time' || amount.kind === 'gpuTime') {
    const seconds = amount.kind === 'time' ? amount.seconds : amount.seconds / input.gpusPerSlot;
    if (!(seconds > 0))
      return `${name} of ${amount.text.trim()} leaves nothing to work with; it has to be above zero.`;
    if (seconds > longest) return `${name} of more than a year is beyond me; please give less.`;
    return { computeSeconds: Math.round(seconds * 1000) / 1000, usd: null };
  }
  if (!(amount.usd > 0))
    return `${name} of ${amount.text.trim()} leaves nothing to work with; it has to be above zero.`;
  if (input.usdPerHour === null && draft.minutesOnly)
    return 'Nobody has told me what an hour on one slot costs, so I cannot keep a limit in dollars. Please give it in minutes, or tell me the price, such as `$2.50 an hour`.';
  if (input.usdPerHour === 0)
    return 'Compute is free here, so dollars would never run out. I need the limit in minutes.';
  return { computeSeconds: null, usd: amount.usd };
}

function changeFrom(amount: FoundAmount, what: 'budget' | 'askAbove', known: Known): Change {
  const limit = limitFrom(amount, what, known);
  if (typeof limit !== 'string')
    return {
      patch: what === 'budget' ? { budget: limit, dollarsRefused: false } : { askAbove: limit },
      problems: [],
    };
  const refused: Partial<Draft> =
    what === 'budget' && amount.kind === 'usd' && amount.usd > 0 ? { dollarsRefused: true } : {};
  return { patch: refused, problems: [limit] };
}

const minutes = (value: number): FoundAmount => ({
  kind: 'time',
  seconds: value * 60,
  start: 0,
  end: 0,
  text: `${value} minutes`,
});

const never = { computeSeconds: null, usd: null };
/** Below any real run, so that every branch is asked for. */
const always = { computeSeconds: 1, usd: null };

const askNever =
  /\b(?:no need to ask|do(?:n'?t| not) (?:need to )?(?:ask|bother)(?: me)?(?: (?:again|anything|first|at all|for approval))?|never ask(?: me)?|without asking(?: me)?|no approvals?(?: needed)?|no questions asked|approve everything)\b/;
const askAlways =
  /\b(?:(?:always ask|ask)(?: me)? (?:every(?: single)? time|each time|always|for every(?:thing)?(?: \w+)?|before (?:every|each|any)(?:thing)?(?: \w+)?)|always ask(?: me)?(?: first)?)\b(?!\s*(?:that |which )?(?:\w+ )?(?:above|over|beyond|more than|costs?|costing|needs?|takes?|⟦))/;
const askVerb = String.raw`\b(?:ask(?:ing)?|check(?: back)?|approval|approve|confirm|permission|okay|ok|tell me|ping me|threshold)\b`;
const between = String.raw`[^⟦.;!?\n]{0,60}?`;
const perBranch = String.raw`(?:\s*(?:a|per|for a|for one|each|of)? ?(?:single )?(?:branch|branches|node|round|experiment|run|trial|step|compute))?`;
const askAboveText = new RegExp(`${askVerb}${between}${amountMark}(?: or more)?${perBranch}`);
const aboveThenAsk = new RegExp(
  `\\b(?:above|over|beyond|more than|anything above|anything over) ${amountMark}${perBranch}[^⟦.;!?\\n]{0,30}?${askVerb}(?: (?:me|first))?`,
);

const bareAbove = new RegExp(
  `${askVerb}[^⟦.;!?\\n]{0,60}?\\b(?:above|over|beyond|more than) (${numberPattern})(?!\\s*(?:%|percent|nodes?|experiments?|rounds?|rows?))${perBranch}`,
);

export const readAskAbove: Reader = (marked, reading) => {
  const no = take(marked, askNever);
  if (no) return { change: { patch: { askAbove: never }, problems: [] }, rest: no.rest };
  const every = take(marked, askAlways);
  if (every) return { change: { patch: { askAbove: always }, problems: [] }, rest: every.rest };
  const found = take(marked, aboveThenAsk) ?? take(marked, askAboveText);
  const amount = amountAt(marked, found?.match[1]);
  if (found && amount) return { change: changeFrom(amount, 'askAbove', reading), rest: found.rest };
  const bare = take(marked, bareAbove);
  if (!bare) return null;
  return {
    change: changeFrom(minutes(parseNumber(bare.match[1] ?? '') ?? 0), 'askAbove', reading),
    rest: bare.rest,
  };
};

const noBudget =
  /\b(?:no (?:budget|limit)s?(?: on (?:time|cost|spending|the budget))?|unlimited(?: budget)?|budget (?:is )?(?:unlimited|endless))\b/;
const forgetBudget = /\b(?:forget|drop|remove|clear) the budget\b/;
const bareBudget = /\bbudget(?: is| of|:|=| to)?\s+(-?\d+(?:\.\d+)?)\b(?!\s*%)/;

export const readBudget: Reader = (marked, reading) => {
  const none = take(marked, noBudget) ?? take(marked, forgetBudget);
  if (none) {
    const text = 'I need a limit: without a budget I would not know when to stop.';
    return { change: { patch: { budget: null }, problems: [text] }, rest: none.rest };
  }
  const bare = take(marked, bareBudget);
  if (bare) return { change: changeFrom(minutes(Number(bare.match[1])), 'budget', reading), rest: bare.rest };
  // Several amounts: the one beside a word of spending, else the last (people correct themselves towards the end).
  const worded = new RegExp(
    `\\b(?:budget|spend|max(?:imum)?|at most|up to|no more than|within|make it|limit|cap)${between}${amountMark}`,
  );
  let rest = marked;
  let amount: FoundAmount | null = null;
  const first = take(rest, worded);
  if (first) {
    amount = amountAt(marked, first.match[1]);
    rest = first.rest;
  }
  for (let next = take(rest, new RegExp(amountMark)); next; next = take(rest, new RegExp(amountMark))) {
    const found = amountAt(marked, next.match[1]);
    if (!first || /\b(?:make it|no|better|rather|actually)\W*$/.test(rest.text.slice(0, next.match.index)))
      amount = found;
    rest = next.rest;
  }
  return amount ? { change: changeFrom(amount, 'budget', reading), rest } : null;
};

/** A bare number is minutes. */
function costAnswer(what: 'budget' | 'askAbove'): FieldReader {
  return (text, reading) => {
    const marked = markText(text);
    if (what === 'askAbove') {
      if (askNever.test(marked.text) || /^\s*(?:never|no|none|off)\s*[.!]?$/.test(marked.text))
        return { patch: { askAbove: never }, problems: [] };
      if (askAlways.test(marked.text) || /^\s*(?:always|every ?time|yes)\s*[.!]?$/.test(marked.text))
        return { patch: { askAbove: always }, problems: [] };
    } else if (noBudget.test(marked.text))
      return readBudget(marked, { ...reading, pending: null })?.change ?? noChange;
    const amount = marked.amounts.at(-1);
    if (amount) return changeFrom(amount, what, reading);
    const bare =
      /^\W*?(?:about|around|maybe|say|let's say|make it|at most|max|up to)?\s*(-?)\s*([\d.,]+|[a-z]+(?:[- ][a-z]+)?)\s*(?:or so|please|max)?\W*$/.exec(
        marked.text,
      );
    const value = bare ? parseNumber(bare[2] ?? '') : null;
    if (value === null || !bare) return null;
    return changeFrom(minutes(bare[1] ? -value : value), what, reading);
  };
}

export const answerBudget = costAnswer('budget');
export const answerAskAbove = costAnswer('askAbove');
