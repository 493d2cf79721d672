import { numberPattern, parseNumber } from '../../../lib/parse/words.ts';
import { dividingSigns, isLightWord } from './clauses.ts';
import { answerCost } from './cost-answer.ts';
import { type Change, type Doubt, doubting, problem, setting } from './draft.ts';
import { always, formatThreshold, limitChange, limitFrom, never, unitMissing } from './limits.ts';
import { amountAt, amountMark, blank, type MarkedText, markText, take, wordsAt } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

/** Words that require a person's approval before something starts. */
const cue =
  /\b(?:ask(?:ing|s)?(?! price)|check(?:ing)?(?: back)?(?= (?:with|in|before|first|above|over|for))|approv(?:al|als|e|es|ed|ing)|confirm(?:ation|ing)?|permission|(?:my|our|an?) (?:ok|okay|yes|go-?ahead|sign-?off|say-so|consent)|(?:i|we) (?:say|said) (?:so|yes|ok|okay)|tell(?:ing)? me|ping(?:ing)? me|let(?:ting)? me know|warn(?:ing)? me|shout|threshold|no questions asked)\b(?: (?:back|with))?(?: (?:me|us))?/g;
const before = `(?:no (?:need|reason) (?:to|for)|need(?:n't| not)|(?:don't|do not|doesn't|does not|won't|never)(?: (?:have|need|want you) to)?(?: (?:bother|wait|stop))?(?: (?:me|to|for|with|by))*|not|no|never|without|skip(?: the)?|instead of|stop)`;
/** The asking itself is refused. */
const refusedCue = new RegExp(
  `\\b${before}(?: (?:any|my|the|your|having to|need(?:ing)? to|first|me))*\\s*$`,
);
const prohibition =
  /\b(?:don't|do not|never|not|no|nothing|none|won't|mustn't|must not|can't|cannot|may not|shouldn't|should not|only)\b/;
/** Between a prohibition and the cue: nothing happens unless a person was asked. */
const guarded = /\b(?:without|unless|until|before|except|if|when|once|after|with)\b[^⟦]*$/;
const exception = /\b(?:unless|except|only (?:if|when|for|above|over)|but|until|other than)\b/;

const below = `(?:(?:no|not) (?:more|longer|higher) than|not (?:above|over|beyond|exceeding)|below|under|beneath|less than|up to|at most|within|cheaper than|shorter than|smaller than|max(?:imum)?(?: of)?|<=?|≤)`;
const above = `(?:above|over|beyond|past|more than|longer than|higher than|greater than|bigger than|at least|exceed(?:s|ing)?|starting (?:at|from)|from|>=?|≥|(?:costs?|costing|needs?|takes?|wants?|spend(?:s|ing)?)(?: more than| over)?)`;
const amounts = `${amountMark}(?: (?:or|and) ${amountMark})?`;
const perBranch = String.raw`(?:\s*(?:a|per|for a|for one|each|of)? ?(?:single )?(?:branch|branches|node|round|experiment|run|trial|step|compute))?`;
const compared = new RegExp(
  `(?:(?<below>${below})|(?<above>${above}))?(?:\\s*[:=])? ?(?:about |around )?${amounts}(?<behind> or (?:more|less)| and (?:up|above|below))?${perBranch}`,
  'g',
);
const comparedNumber = new RegExp(
  `(?:(?<below>${below})|(?<above>above|over|beyond|more than|>)) (?<number>${numberPattern})(?!\\d|[.,]\\d|\\s*(?:%|percent|⟦|rows?\\b))(?:\\s+(?<noun>(?!a |per |each |for |or |of |without |first\\b|ask|unless |please)[a-z]+))?${perBranch}`,
);

const acts = '(?:(?:you )?(?:do(?:ing)?|start(?:ing)?|run(?:ning)?|launch(?:ing)?|spend(?:ing)?) )?';
/** Jobs that the bot starts, by name: `ask each customer` is about what the model is to do. */
const startsOf = (quantity: string): string =>
  `(?:${quantity})(?: single)?(?: of)?(?: the| these| those)?(?: (?:runs?|branch(?:es)?|nodes?|trials?|experiments?|jobs?|steps?|trainings?|ones?|of them)\\b|(?=\\s*$))`;
const everyOne = `(?:everything\\b|${startsOf('every|each|all')})`;
const everyTime = new RegExp(
  `^\\s*(?:for (?:my |an? )?(?:approval|permission|confirmation|ok|okay|go-?ahead) )?(?:(?:first|please),? )?` +
    `(?:(?:every(?: single)? time|each time|always)\\b|(?:(?:for|about|on|of|before) )?${acts}${everyOne}|before (?:you )?${acts}(?:anything\\b|${startsOf('any')}))`,
);
/** `every run needs my approval`: what it is about comes first. */
const everyOneAhead = new RegExp(`\\b${everyOne}`);
/** Adverbs of how often or how politely: they do not say who asks whom. */
const adverbs = /(?:\b(?:always|please|kindly|still|just|simply|first|also|ever)\s+)+$/;
const shareOfBudget =
  /\b(?:above|over|beyond|more than) (?:half|a third|a quarter|a fifth|\d+\s?%)(?: of)?(?: the| my)? budget/;

/** A stretch of the text between commas and stops. */
interface Segment {
  from: number;
  to: number;
  text: string;
}

const segmentEnd = new RegExp(
  String.raw`[,;!?\n]|\.(?=\s|$)|\s(?:and|but|then)\s(?=\S)(?!⟦)|\s${dividingSigns}\s`,
  'g',
);

function segmentsOf(text: string): Segment[] {
  const cuts = [...text.matchAll(segmentEnd)].map((match) => ({
    from: match.index,
    // `but` and `and` stay with what follows them.
    to: /^\s/.test(match[0]) ? match.index + 1 : match.index + match[0].length,
  }));
  const edges = [{ from: 0, to: 0 }, ...cuts, { from: text.length, to: text.length }];
  return edges.slice(1).map((edge, i) => {
    const from = edges[i]?.to ?? 0;
    return { from, to: edge.from, text: text.slice(from, edge.from) };
  });
}

/** One expression about asking: its place, whether it wants to be asked, and the amount that it names. */
interface Asking {
  from: number;
  to: number;
  isWanted: boolean;
  hasException: boolean;
  isEveryTime: boolean;
  /** `don't always ask` and `no need to ask every time`: it refuses some of the asking, or all of it. */
  isHalfRefused: boolean;
  threshold: Threshold | null;
}

interface Threshold {
  from: number;
  to: number;
  direction: 'above' | 'below' | null;
  /** Indices of spans; empty where there is only a number. */
  spans: string[];
  number: string | null;
  noun: string | null;
}

function thresholdIn({ from, text }: Segment, near: number): Threshold | null {
  const found = [...text.matchAll(compared)].map((match): Threshold => {
    const behind = match.groups?.behind ?? '';
    const isBelow = match.groups?.below !== undefined || /less|below/.test(behind);
    const isAbove = match.groups?.above !== undefined || /more|up|above/.test(behind);
    const lead = match[0].length - match[0].trimStart().length;
    return {
      from: from + match.index + lead,
      to: from + match.index + match[0].length,
      direction: isBelow ? 'below' : isAbove ? 'above' : null,
      spans: match.slice(1).filter((group) => group !== undefined && /^\d+$/.test(group)),
      number: null,
      noun: null,
    };
  });
  const distance = (one: Threshold): number =>
    (one.direction === null ? 1000 : 0) + Math.min(Math.abs(one.from - near), Math.abs(one.to - near));
  const [best] = found.sort((a, b) => distance(a) - distance(b));
  if (best !== undefined) return best;
  const bare = comparedNumber.exec(text);
  if (bare === null) return null;
  const noun = bare.groups?.noun ?? null;
  return {
    from: from + bare.index,
    to: from + bare.index + bare[0].length,
    direction: bare.groups?.below === undefined ? 'above' : 'below',
    spans: [],
    number: String(parseNumber(bare.groups?.number ?? '') ?? 0),
    noun: noun !== null && !/^(?:branch|node|round|run|trial|experiment)/.test(noun) ? noun : null,
  };
}

/** `unless it is above 1 h` behind a comma, and `anything above $5` before one, belong to the asking beside them. */
const goesOn = /^\s*(?:but |and )?(?:unless|except|only|if|when(?:ever)?|once|as soon as|for|above|over)\b/;
const leads = /\b(?:any\w*|every\w*|nothing|all|runs?|branch(?:es)?|nodes?|trials?|if|when(?:ever)?|for)\b/;

const linking = new Set(
  'before unless if when once without until except after branch node trial experiment job first human manual also'.split(
    ' ',
  ),
);
/** Things for which the bot could need an approval. */
const ownThings =
  /^(?:any\w*|every\w*|nothing|all|each|runs?|branch(?:es)?|nodes?|trials?|experiments?|jobs?|steps?|trainings?|things?|ones?|it|you|above|over|below|under|more|less|than|costs?|costing|takes?|needs?|requires?|required|waits?|budget|minutes?|hours?|dollars?)$/;
const firstPerson = /\b(?:me|us|my|our|i|we)\b/;

/**
 * `customers ask for refunds above $500` asks the bot nothing: the word before does not belong to an instruction.
 * Neither does `refunds above $200 need approval`: an approval that is not the speaker's own concerns the words before
 * it, and they must name something that the bot does.
 */
function isAddressed(ahead: string, cued: string): boolean {
  if (refusedCue.test(ahead)) return true;
  const words = wordsOf(ahead.replace(adverbs, ''));
  const last = words.at(-1);
  if (last !== undefined && !isOwn(last) && !ownThings.test(last)) return false;
  const isNoun = /^(?:approvals?|confirmation|permission|threshold)\b/.test(cued);
  return !isNoun || firstPerson.test(cued) || words.every((word) => isOwn(word) || ownThings.test(word));
}

const wordsOf = (text: string): string[] =>
  text.replace(/⟦[a-z]\d+⟧/g, ' ').match(/[\p{L}][\p{L}\p{N}'-]*/gu) ?? [];
const isOwn = (word: string): boolean => isLightWord(word) || linking.has(word);

/** Where the thing without exception is named: `each run needs my approval`; null where none is. */
function allAhead(ahead: string): number | null {
  const isOurs = wordsOf(ahead).every((word) => isOwn(word) || ownThings.test(word));
  return isOurs ? (everyOneAhead.exec(ahead)?.index ?? null) : null;
}

function findAsking(marked: MarkedText): Asking | null {
  const segments = segmentsOf(marked.text);
  for (const [i, segment] of segments.entries())
    for (const match of segment.text.matchAll(cue)) {
      const at = { from: segment.from + match.index, to: segment.from + match.index + match[0].length };
      const ahead = segment.text.slice(0, match.index);
      if (!isAddressed(ahead, match[0])) break;
      const refusal = /no questions asked/.test(match[0]) ? { index: match.index } : refusedCue.exec(ahead);
      const forbidden = prohibition.exec(refusal === null ? ahead : ahead.slice(0, refusal.index));
      const isGuarded = forbidden !== null && guarded.test(ahead.slice(forbidden.index));
      const named = thresholdIn(segment, at.to);
      // Without a word such as `under`, an amount before is another limit: `budget 10 min without asking`.
      const isOther = named !== null && named.direction === null && !isGuarded && named.to <= at.from;
      const own = isOther ? null : named;
      const [last, next] = [segments[i - 1], segments[i + 1]];
      const beside =
        own === null && next !== undefined && goesOn.test(next.text)
          ? { threshold: thresholdIn(next, next.from), text: next.text }
          : own === null && last !== undefined && leads.test(last.text)
            ? { threshold: thresholdIn(last, last.to), text: '' }
            : null;
      const threshold = own ?? (beside?.threshold?.direction == null ? null : beside.threshold);
      const between = `${segment.text.slice(match.index)} ${threshold === own ? '' : (beside?.text ?? '')}`;
      const behind = segment.text.slice(match.index + match[0].length);
      const often = everyTime.exec(behind);
      const adverb = adverbs.exec(ahead)?.[0] ?? '';
      const all = allAhead(ahead);
      const start = isGuarded
        ? segment.from + forbidden.index
        : segment.from + (refusal?.index ?? all ?? match.index - adverb.length);
      return {
        from: Math.min(start, at.from, threshold?.from ?? at.from),
        to: Math.max(at.to + (threshold === null ? (often?.[0].length ?? 0) : 0), threshold?.to ?? at.to),
        isWanted: refusal === null || isGuarded,
        hasException: !isGuarded && exception.test(between),
        isEveryTime:
          often !== null || /\balways\b/.test(adverb) || all !== null || (isGuarded && threshold === null),
        isHalfRefused: !isGuarded && (refusal !== null ? often !== null : forbidden !== null),
        threshold,
      };
    }
  return null;
}

/** Takes nothing where the sentence can be read in two ways. */
function unclear(said: string, limit: string | null): Doubt {
  const values = [...(limit === null ? [] : [limit]), 'every time', 'never'];
  return {
    field: 'askAbove',
    text: `"${said.slice(0, 80)}" can be read in two ways. When shall I ask you before a node?`,
    options: values.map((value) => ({
      label: /^(?:every|never)/.test(value) ? value : `Ask above ${value}`.slice(0, 75),
      value,
    })),
  };
}

function changeOf(marked: MarkedText, asking: Asking, reading: Reading): Change | null {
  const { threshold, isWanted, hasException } = asking;
  const said = wordsAt(marked, asking.from, asking.to);
  if (threshold === null) {
    if (hasException || (asking.isEveryTime && asking.isHalfRefused)) return doubting(unclear(said, null));
    if (!isWanted) return setting({ askAbove: never });
    return asking.isEveryTime ? setting({ askAbove: always }) : null;
  }
  if (threshold.number !== null)
    return doubting(unitMissing(threshold.number, said, 'askAbove', threshold.noun));
  const named = threshold.spans.flatMap((index) => amountAt(marked, index) ?? []);
  // Asked above an amount, or not asked below it: both set the same limit.
  const isClear =
    isWanted || hasException ? threshold.direction !== 'below' : threshold.direction === 'below';
  if (isClear) return limitChange(named, 'askAbove', reading);
  const limit = limitFrom(named, 'askAbove', reading);
  return typeof limit === 'string' || 'field' in limit
    ? limitChange(named, 'askAbove', reading)
    : doubting(unclear(said, formatThreshold(limit)));
}

/**
 * When to ask before a node. Negations are counted: `nothing above $2 without asking` and `no need to ask below $2` set
 * the same limit, and an expression that could mean its opposite is asked about.
 */
export const readAskAbove: Reader = (marked, reading) => {
  const asking = findAsking(marked);
  if (asking === null) return null;
  const share = asking.isWanted ? take(marked, shareOfBudget) : null;
  if (share)
    return {
      change: problem(
        'I take a limit for asking as an amount, such as `2 min` or `$5`, not as a part of the budget.',
      ),
      rest: blank(share.rest, asking.from, asking.to),
    };
  const change = changeOf(marked, asking, reading);
  return change === null ? null : { change, rest: blank(marked, asking.from, asking.to) };
};

const isNever = /^\s*(?:never|no|none|off)\s*[.!]?$/;
const isAlways = /^\s*(?:always|every ?time|each time|everything|yes)\s*[.!]?$/;

export const answerAskAbove: FieldReader = (text, reading) => {
  const marked = markText(text, reading.input);
  if (isNever.test(marked.text)) return setting({ askAbove: never });
  if (isAlways.test(marked.text)) return setting({ askAbove: always });
  const read = readAskAbove(marked, reading);
  return read?.change ?? answerCost('askAbove', text, reading);
};
