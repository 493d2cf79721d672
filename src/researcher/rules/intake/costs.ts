import type { CostLimit } from '../../../campaign/brief.ts';
import type { FoundAmount } from '../../../lib/parse/amounts.ts';
import { numberPattern, parseNumber } from '../../../lib/parse/words.ts';
import { clauseAround, isLight } from './clauses.ts';
import { type Change, doubting, noChange, problem, setting } from './draft.ts';
import {
  always,
  formatLimit,
  type LimitField,
  limitChange,
  never,
  rateNoTotal,
  unitMissing,
} from './limits.ts';
import {
  amountAt,
  amountMark,
  amountsIn,
  blank,
  type MarkedText,
  markText,
  take,
  takenWords,
  wordsAt,
} from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

const askNever =
  /\b(?:no need to ask|do(?:n'?t| not) (?:need to )?(?:ask|bother)(?: me)?(?: (?:again|anything|first|at all|for approval))?|never ask(?: me)?|without asking(?: me)?|no approvals?(?: needed)?|no questions asked|approve everything)\b/;
const askAlways =
  /\b(?:(?:always ask|ask)(?: me)? (?:every(?: single)? time|each time|always|for every(?:thing)?(?: \w+)?|before (?:every|each|any)(?:thing)?(?: \w+)?)|always ask(?: me)?(?: first)?)\b(?!\s*(?:that |which )?(?:\w+ )?(?:above|over|beyond|more than|costs?|costing|needs?|takes?|⟦))/;
/** `don't go over $10 a run without asking`, `nothing above $5 without my ok`: the amount is where asking begins. */
const notWithoutAsking = new RegExp(
  `\\b(?:don't|do not|never|not|no|nothing)\\b[^⟦.;!?\\n]{0,60}?(?:${amountMark}[^⟦.;!?\\n]{0,60}?)?\\bwithout (?:asking|checking|approval|permission|my|an? (?:ok|okay|yes))(?: (?:me|us|first|ok|okay|approval|permission|yes|with me))*`,
);
const askVerb = String.raw`\b(?:ask(?:ing)?|check(?: back)?|approval|approve|confirm|permission|(?:to|my|your|an?|our) ok(?:ay)?|tell me|ping me|let me know|warn me|shout|threshold)\b`;
/** An amount beyond the word `budget` is the budget. */
const between = String.raw`(?:(?!\bbudget\b)[^⟦.;!?\n]){0,60}?`;
const perBranch = String.raw`(?:\s*(?:a|per|for a|for one|each|of)? ?(?:single )?(?:branch|branches|node|round|experiment|run|trial|step|compute))?`;
const askAboveText = new RegExp(`${askVerb}${between}${amountMark}(?: or more)?${perBranch}`);
const aboveThenAsk = new RegExp(
  `\\b(?:above|over|beyond|more than|anything above|anything over) ${amountMark}${perBranch}[^⟦.;!?\\n]{0,30}?${askVerb}(?: (?:me|first))?`,
);
const bareAbove = new RegExp(
  `${askVerb}[^⟦.;!?\\n]{0,60}?\\b(?:above|over|beyond|more than) (${numberPattern})(?!\\s*(?:%|percent|rows?))(?:\\s+((?!a |per |each |for |or |of )[a-z]+))?${perBranch}`,
);
const shareOfBudget = new RegExp(
  `${askVerb}[^⟦.;!?\\n]{0,40}?\\b(?:above|over|beyond|more than) (?:half|a third|a quarter|a fifth|\\d+\\s?%)(?: of)?(?: the| my)? budget`,
);

export const readAskAbove: Reader = (marked, reading) => {
  const guarded = take(marked, notWithoutAsking);
  if (guarded) {
    const above = amountAt(marked, guarded.match[1]);
    const change = above === null ? setting({ askAbove: always }) : limitChange([above], 'askAbove', reading);
    return { change, rest: guarded.rest };
  }
  const no = take(marked, askNever);
  if (no) return { change: setting({ askAbove: never }), rest: no.rest };
  const every = take(marked, askAlways);
  if (every) return { change: setting({ askAbove: always }), rest: every.rest };
  const found = take(marked, aboveThenAsk) ?? take(marked, askAboveText);
  const amount = amountAt(marked, found?.match[1]);
  if (found && amount) return { change: limitChange([amount], 'askAbove', reading), rest: found.rest };
  const share = take(marked, shareOfBudget);
  if (share)
    return {
      change: problem(
        `I take a limit for asking as an amount, such as \`2 min\` or \`$5\`, not as a part of the budget.`,
      ),
      rest: share.rest,
    };
  const bare = take(marked, bareAbove);
  if (!bare) return null;
  const number = parseNumber(bare.match[1] ?? '') ?? 0;
  const noun =
    bare.match[2] !== undefined && !/^(?:branch|node|round|run|trial)/.test(bare.match[2])
      ? bare.match[2]
      : null;
  return {
    change: doubting(unitMissing(String(number), takenWords(marked, bare.rest), 'askAbove', noun)),
    rest: bare.rest,
  };
};

const noBudget =
  /\b(?:no (?:budget|limit)s?(?: on (?:time|cost|spending|the budget))?|unlimited(?: budget)?|(?:infinite|endless) budget|budget(?: is|:)? (?:unlimited|endless|infinite))\b/;
const forgetBudget = /\b(?:forget|drop|remove|clear) the budget\b/;
const upTo = String.raw`(?:(?:up to|at most|max(?:imum)?(?: of)?|no more than|not more than|about|around|roughly|say|only|just|another|a total of|under|below|within|between)\s+){0,2}`;
const connecting = String.raw`(?:\s*(?:is|of|to|at|will be|would be|should be|can be|limit|cap|for this|for it|here|in total|in all|total|overall|max|maximum|say|now|set|as|a|an|the|[:=,-])(?![a-z])){0,5}`;
const spender = String.raw`(?<!\b(?:they|users?|customers?|people|who|clients?|companies|that|we|i|which) )spend`;

/** Words that make a limit of the whole out of the amount beside them. */
const binding = [
  `\\bbudget${connecting}\\s*${upTo}${amountMark}`,
  `\\bbudget[^⟦.;!?\\n,]{0,40}?(?:\\bis|\\bof|\\bat|\\bto|:|=)\\s*${upTo}${amountMark}`,
  `(?:\\b${spender}(?:ing)?|\\bpay|\\bafford|\\ballow(?:ance|ed)?|\\binvest|\\bburn|\\bcap(?:ped)?|\\bmax(?:imum)?(?: total)? (?:cost|compute|time))(?: yourself| yourselves| it| this| everything| (?:the )?(?:spend|spending|costs?|compute|total))?${connecting}\\s*${upTo}${amountMark}`,
  `\\b${spender}(?:ing)?\\b[^⟦.;!?\\n,]{0,40}?\\b(?:up to|at most|no more than|max(?:imum)?(?: of)?)\\s+${amountMark}`,
  `\\b(?:don't|do not|not|never|won't|can't|cannot|shouldn't)(?: want (?:you )?to)? (?:spend|pay|use|burn|cost|take)(?:ing)?(?: us)? (?:more than|over|above|beyond)\\s+${amountMark}`,
  `\\bspend(?:ing)?${connecting}\\s*${upTo}${amountMark}(?=\\s+(?:on|for) (?:this|it)\\b)`,
  `(?:(?:time|cost|spending|compute|money|hard|overall|total)[- ]limit|\\blimit)(?: is| of|\\s*[:=])?\\s*${upTo}${amountMark}`,
  `\\blimit (?:it|this|yourself|cost|costs|spending|compute|the (?:campaign|search|cost|costs|spending|compute|time|run|whole thing)) (?:to|at)\\s+${upTo}${amountMark}`,
  `\\b(?:must|should|may|can|to|shall)(?: not|n't)? (?:cost|exceed|take|use|go (?:over|above|beyond))(?: more than| over)?\\s+${upTo}${amountMark}`,
  `\\b(?:do not|don't|not|never|without) (?:exceed(?:ing)?|go(?:ing)? (?:over|above|beyond)|us(?:e|ing) more than)\\s+${amountMark}`,
  `\\b(?:stay|keep (?:it|this|cost|costs|spend|spending|everything|the (?:cost|costs|spend|total|whole thing)))(?:ing)? (?:under|below|within|to)\\s+${upTo}${amountMark}`,
  `\\b(?:you (?:have|get|may use|can use|can have|may have)|(?:use|take)(?= (?:up to|at most|no more|not more|max|only))|give (?:it|you|this))\\s+${upTo}${amountMark}(?!\\s+of (?:data|logs|audio|speech|video))`,
  `\\b(?:we|i) have\\s+${upTo}${amountMark}(?=\\s*(?:[,.;!?\\n]|$|(?:on|for) (?:this|it)|to spend|in (?:all|total)))`,
  `\\b(?:run|train|search|work|experiment|explore|go)(?: it| this| on it| on this)? for\\s+${upTo}${amountMark}`,
  `\\b(?:not|no) more than\\s+${amountMark}(?=\\s*(?:in (?:all|total)|total|overall|altogether))`,
  `${upTo}${amountMark}(?=\\s*(?:of |as |for )?(?:the |my |our |a )?(?:budget|compute\\b|gpu time|in (?:all|total)\\b|total\\b|overall\\b|altogether\\b|all in\\b|for (?:everything|the whole)|(?:on|for) this\\b))`,
  `\\b(?:raise|increase|lift|extend|lower|reduce|cut|set|change|make|bring|bump)(?: (?:it|this|that|(?:the|my) (?:budget|limit|cap)))?(?: back| up| down)?\\s+to\\s+${upTo}${amountMark}`,
].map((pattern) => new RegExp(pattern));

const noun = String.raw`(?:\s+((?!or |and |but |to |for |in |at |with |per |a |max|tops|please|total|overall|ask|by |until |on |then |use |metric|target)[a-z]+))?`;
const bareBudget = new RegExp(
  `\\bbudget${connecting}\\s*${upTo}(-?${numberPattern})[km]?(?![\\d.,]*\\s*%|[\\w.:])${noun}`,
);
const budgetOfSetting = new RegExp(`\\bbudget${connecting}\\s*${upTo}⟦h(\\d+)⟧`);

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
  const { amounts, rates, rest } = boundAmounts(marked, reading);
  if (amounts.length > 0) return { change: limitChange(amounts, 'budget', reading), rest };
  if (rates[0] !== undefined) return { change: doubting(rateNoTotal(rates[0])), rest };
  const bare = take(rest, bareBudget) ?? take(rest, budgetOfSetting);
  if (!bare) return null;
  const words = takenWords(rest, bare.rest);
  const isSetting = bare.match[0].includes('⟦');
  const number = isSetting ? '' : String(parseNumber(bare.match[1] ?? '') ?? bare.match[1]);
  if (!isSetting && !(Number(number) > 0))
    return {
      change: problem(`"${words}" leaves nothing to work with; a budget has to be above zero.`),
      rest: bare.rest,
    };
  return {
    change: doubting(unitMissing(number, words, 'budget', isSetting ? words : (bare.match[2] ?? null))),
    rest: bare.rest,
  };
};

/** One amount for the whole campaign is no amount a day or a run. */
const rate =
  /^\s*(?:\/|per\b|each\b|every\b|apiece\b|an? (?:day|night|week|month|run|node|branch|trial|experiment|person|gpu|row|ticket|item)\b)/;
const habit =
  /\b(?:we|they|users?|customers?|people|agents?|i|the team)(?: \w+)? (?:spend|spent|waste|wasted|pay|paid|need|take|took)\b/;
const maxBound = 12;

interface Bound {
  amounts: FoundAmount[];
  /** Words that bind an amount which is one of many: `budget $100 a day`. */
  rates: string[];
  rest: MarkedText;
}

/** Every amount that words of spending bind, or that stands alone in its clause. */
function boundAmounts(marked: MarkedText, { input }: Reading): Bound {
  const amounts: FoundAmount[] = [];
  const rates: string[] = [];
  let rest = marked;
  for (const pattern of binding)
    for (let found = take(rest, pattern), n = 0; found && n < maxBound; found = take(rest, pattern), n++) {
      const { match } = found;
      const to = match.index + match[0].length;
      const clause = clauseAround(marked.text, match.index, to);
      const words = marked.text.slice(clause.from, clause.to);
      // Left in the text for others, but not for the next pattern.
      if (habit.test(words)) break;
      const amount = amountAt(
        marked,
        match.findLast((group) => group !== undefined && /^\d+$/.test(group)),
      );
      const each = rate.test(rest.text.slice(to))
        ? /^\s*(?:\/\s*\w+|\w+(?:\s+\w+)?)/.exec(rest.text.slice(to))
        : null;
      if (each) rates.push(`${takenWords(rest, found.rest)} ${wordsAt(marked, to, to + each[0].length)}`);
      else if (amount) amounts.push(amount);
      rest = found.rest;
    }
  // `budget 2 hours or $20`: the limit goes on.
  const names = new Set(input.tasks.map((task) => task.name.toLowerCase()));
  for (const match of [...rest.text.matchAll(new RegExp(amountMark, 'g'))].slice(0, maxBound)) {
    const amount = amountAt(marked, match[1]);
    const to = match.index + match[0].length;
    if (amount === null || rate.test(rest.text.slice(to)) || !isLight(rest, match.index, to, names)) continue;
    amounts.push(amount);
    rest = blank(rest, match.index, to);
  }
  return { amounts, rates, rest };
}

const times: Record<string, number> = { double: 2, twice: 2, triple: 3, quadruple: 4, halve: 0.5, half: 0.5 };
const parts: Record<string, number> = { half: 0.5, third: 1 / 3, quarter: 0.25, fifth: 0.2, tenth: 0.1 };
const factorText =
  /\b(double|twice|triple|quadruple|halve|half)(?: (?:of )?(?:the|that|my|this|its))? (budget|limit|it|that|amount)\b/;
const timesText = new RegExp(`\\b(${numberPattern}) times (?:the|that|as much)(?: budget)?`);
const partText =
  /\b(?:by )?(?:an? |one )?(half|third|quarter|fifth|tenth|(\d{1,3})\s?%)(?: of (?:it|that|the budget))? (more|less|higher|lower|longer|shorter|as much again)\b/;
const byPartText =
  /\b(raise|increase|lift|lower|reduce|cut|shorten|decrease)(?: it| that| (?:the|my) budget)? by (?:an? |one )?(half|third|quarter|fifth|tenth|(\d{1,3})\s?%)/;
const amountMore = new RegExp(
  `(?:\\b(?:add|give (?:it|you)|plus) )?(?:\\banother )?${amountMark} (more|less|longer|shorter|on top|extra)\\b`,
);
const addAmount = new RegExp(`\\b(?:(add)|(?:another))\\s+${amountMark}`);
const byAmount = new RegExp(
  `\\b(raise|increase|lift|extend|lower|reduce|cut|shorten|decrease)(?: it| that| (?:the|my) budget)? by ${amountMark}`,
);
const isLess = (word: string | undefined): boolean =>
  /^(?:less|lower|shorter|reduce|cut|shorten|decrease)$/.test(word ?? '');

/** `double the budget`, `a third less`, `10 minutes more`: changes of what was said before. */
export const readRelativeLimit: Reader = (marked, reading) => {
  const field: LimitField =
    reading.draft.lastNumber === 'askAbove' && !/\bbudget\b/.test(marked.text) ? 'askAbove' : 'budget';
  const limit = reading.draft[field];
  const change = (scale: (limit: CostLimit) => CostLimit | null, rest: MarkedText): ReturnType<Reader> => {
    const next = limit === null ? null : scale(limit);
    if (next === null)
      return {
        change: problem(
          `"${takenWords(marked, rest)}" needs an amount to start from; please say the ${field === 'budget' ? 'budget' : 'limit'} itself.`,
        ),
        rest,
      };
    if ((next.computeSeconds ?? 1) <= 0 || (next.usd ?? 1) <= 0)
      return { change: problem(`That would leave nothing of ${formatLimit(limit ?? next)}.`), rest };
    return { change: setting(field === 'budget' ? { budget: next } : { askAbove: next }), rest };
  };
  const by =
    (factor: number) =>
    (of: CostLimit): CostLimit => ({
      computeSeconds:
        of.computeSeconds === null ? null : Math.round(of.computeSeconds * factor * 1000) / 1000,
      usd: of.usd === null ? null : Math.round(of.usd * factor * 100) / 100,
    });
  const factor = take(marked, factorText);
  if (factor) return change(by(times[factor.match[1] ?? ''] ?? 1), factor.rest);
  const multiple = take(marked, timesText);
  if (multiple) return change(by(parseNumber(multiple.match[1] ?? '') ?? 1), multiple.rest);
  const part = take(marked, partText);
  if (part) {
    const share =
      part.match[2] === undefined ? (parts[part.match[1] ?? ''] ?? 0) : Number(part.match[2]) / 100;
    return change(by(isLess(part.match[3]) ? 1 - share : 1 + share), part.rest);
  }
  const byPart = take(marked, byPartText);
  if (byPart) {
    const share =
      byPart.match[3] === undefined ? (parts[byPart.match[2] ?? ''] ?? 0) : Number(byPart.match[3]) / 100;
    return change(by(isLess(byPart.match[1]) ? 1 - share : 1 + share), byPart.rest);
  }
  const more =
    take(marked, byAmount) ?? take(marked, amountMore) ?? (limit === null ? null : take(marked, addAmount));
  const amount = amountAt(
    marked,
    more?.match.slice(1).find((group) => group !== undefined && /^\d+$/.test(group)),
  );
  if (!more || !amount) return null;
  const words = more.match.slice(1).filter((group) => group !== undefined && !/^\d+$/.test(group));
  const sign = words.some((word) => isLess(word) || word === 'lower') ? -1 : 1;
  return change((of) => {
    if (amount.kind === 'usd' && of.usd !== null) return { ...of, usd: of.usd + sign * amount.usd };
    if ((amount.kind === 'time' || amount.kind === 'gpuTime') && of.computeSeconds !== null)
      return { ...of, computeSeconds: of.computeSeconds + sign * amount.seconds };
    return null;
  }, more.rest);
};

/** A bare number is minutes, as the question says. */
function costAnswer(field: LimitField): FieldReader {
  return (text, reading): Change | null => {
    const marked = markText(text, reading.input);
    if (field === 'askAbove') {
      if (askNever.test(marked.text) || /^\s*(?:never|no|none|off)\s*[.!]?$/.test(marked.text))
        return setting({ askAbove: never });
      if (askAlways.test(marked.text) || /^\s*(?:always|every ?time|yes)\s*[.!]?$/.test(marked.text))
        return setting({ askAbove: always });
    } else if (noBudget.test(marked.text))
      return readBudget(marked, { ...reading, pending: null })?.change ?? noChange;
    const amounts = amountsIn(marked);
    if (amounts.length > 0) return limitChange(amounts, field, reading, true);
    const bare =
      /^\W*?(?:about|around|maybe|say|let's say|make it|at most|max|up to)?\s*(-?)\s*([\d.,]+|[a-z]+(?:[- ][a-z]+)?)\s*(?:or so|please|max)?\W*$/.exec(
        marked.text,
      );
    const value = bare ? parseNumber(bare[2] ?? '') : null;
    if (value === null || !bare) return null;
    const seconds = (bare[1] ? -value : value) * 60;
    const minutes: FoundAmount = {
      kind: 'time',
      seconds,
      start: 0,
      end: 0,
      text: `${bare[1] ?? ''}${value} minutes`,
    };
    return limitChange([minutes], field, reading, true);
  };
}

export const answerBudget = costAnswer('budget');
export const answerAskAbove = costAnswer('askAbove');
