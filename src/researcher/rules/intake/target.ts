import { numberPattern, parseNumber } from '../../../lib/parse/words.ts';
import { clauseAround, isLight } from './clauses.ts';
import { type Change, noChange, problem, setting as set } from './draft.ts';
import { type MarkedText, markText, take } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

const number = `(${numberPattern})`;

function whole(field: 'parallel' | 'maxNodes', text: string): Change {
  const value = parseNumber(text.replaceAll(' ', ''));
  const what = field === 'parallel' ? 'trials at a time' : 'nodes';
  const most = field === 'parallel' ? 64 : 10_000;
  if (value === null) return noChange;
  if (!Number.isInteger(value) || value < 1)
    return problem(`${text.trim()} ${what} is not possible; it has to be a whole number from 1 on.`);
  if (value > most) return problem(`${value} ${what} is more than I can run; ${most} is the most.`);
  return set(field === 'parallel' ? { parallel: value } : { maxNodes: value });
}

const runs = '(?:runs?|jobs?|trials?|trainings?|experiments?|branches|branch|slots?|gpus?|of them)';
const parallelTexts = [
  new RegExp(
    `(-?${number})\\s*${runs}?\\s*(?:at a time|at once|at the same time|in parallel|concurrently|simultaneously|side by side)`,
  ),
  new RegExp(`\\b(?:parallel(?:ism)?|concurrency)(?: of| is|:|=| to)?\\s*(-?${number})\\b`),
  new RegExp(`(-?${number})\\s*(?:parallel|concurrent|simultaneous)\\s*${runs}?`),
];
const oneByOne =
  /\b(?:one (?:by|after) (?:one|another|the other)|one at a time|no parallel(?:ism)?(?: \w+)?|nothing in parallel|not in parallel)\b/;

export const readParallel: Reader = (marked) => {
  const one = take(marked, oneByOne);
  if (one) return { change: set({ parallel: 1 }), rest: one.rest };
  for (const pattern of parallelTexts) {
    const found = take(marked, pattern);
    if (found) return { change: whole('parallel', found.match[1] ?? ''), rest: found.rest };
  }
  return null;
};

const nodeWord = '(?:nodes?|experiments?|rounds?|iterations?|branches|attempts|runs)';
const limitedNodes = [
  new RegExp(
    `\\b(?:at most|max(?:imum)?(?: of)?|up to|no more than|not more than|limit(?: of| to)?|stop after|only)\\s*(-?${number})\\s*${nodeWord}\\b`,
  ),
  new RegExp(`(-?${number})\\s*${nodeWord}\\s*(?:at most|max(?:imum)?|tops|in total|are enough|only)\\b`),
  new RegExp(`\\b${nodeWord}(?: at most| max| is|:|=)\\s*(-?${number})\\b`),
];
const countedNodes = new RegExp(`(-?${number})\\s*${nodeWord}\\b`);
/** Nodes with GPUs are machines, and `budget 5 runs` is no number of experiments. */
const otherNodes =
  /\bgpus?\b|\beach\b|\bmachines?\b|\bcluster\b|\bbudget\b|\b(?:use|using|on|across|over) (?:\d+|\w+) nodes?\b/;
const noNodes =
  /\b(?:no|forget the|drop the|without a) limit on (?:the )?(?:number of )?(?:nodes|experiments|rounds)\b/;

export const readMaxNodes: Reader = (marked, { input }) => {
  const none = take(marked, noNodes);
  if (none) return { change: set({ maxNodes: null }), rest: none.rest };
  const isOther = (match: RegExpExecArray): boolean => {
    const clause = clauseAround(marked.text, match.index, match.index + match[0].length);
    return otherNodes.test(marked.text.slice(clause.from, clause.to));
  };
  for (const pattern of limitedNodes) {
    const found = take(marked, pattern);
    if (found && !isOther(found.match))
      return { change: whole('maxNodes', found.match[1] ?? ''), rest: found.rest };
  }
  const counted = take(marked, countedNodes);
  if (!counted || isOther(counted.match)) return null;
  const { match, rest } = counted;
  const names = new Set([
    ...input.tasks.map((task) => task.name.toLowerCase()),
    'nodes',
    'experiments',
    'rounds',
    'iterations',
    'branches',
    'attempts',
    'runs',
    'node',
  ]);
  return isLight(marked, match.index, match.index + match[0].length, names)
    ? { change: whole('maxNodes', match[1] ?? ''), rest }
    : null;
};

/** 95, 95 %, 0.95: a share. Between 1 and 100 without a sign it is read as percent; 1 alone is 100 %. */
function targetFrom(text: string, percent: boolean): Change {
  const negative = text.trim().startsWith('-');
  const value = parseNumber(text.replace('-', '').trim());
  if (value === null) return noChange;
  const share = percent || value > 1 ? value / 100 : value;
  if (negative || share > 1)
    return problem(
      `A target of ${text.trim()}${percent ? '%' : ''} is not possible: scores lie between 0 and 100%.`,
    );
  if (share === 0)
    return problem('A target of 0 is reached before anything starts; please give more or say "no target".');
  return set({ target: Math.round(share * 1e6) / 1e6 });
}

const percentSign = '(\\s?%|\\s?percent|\\s?pct| per cent)';
const share = `(-?${number})${percentSign}?(?![\\w⟦])`;
const metric = '(?:\\s*(?:the )?⟦e\\d+⟧(?: score)?)?';
const comparing =
  '(?:at least|above|over|beyond|more than|better than|no less than|minimum(?: of)?|past|>=|=>|>|≥)';
const noTarget =
  /\b(?:no|forget|forget about|drop|remove|without|clear)(?: (?:the|a|any|my))? (?:target|goal score)\b/;
/** Words that ask for a score. */
const wanted = [
  `\\b(?:target|goal|aim(?: for)?|aiming for)(?: score)?${metric}(?: is| of|:|=| to| at| for)?\\s*(?:${comparing}|about)?\\s*${share}`,
  `\\b(?:reach(?:es|ing)?|get(?:s|ting)? (?:it |us |me )?(?:to|above|over|past)|(?:bring|push|bump) (?:it |us )?(?:to|above|over|past)|hits?|achieves?|until(?: it(?:'s| is)?)?(?: (?:at|reaches|hits|gets to))?|beats?|surpass(?:es)?|exceeds?)${metric}\\s*(?:${comparing}|about)?\\s*${share}`,
  `\\b(?:want|need|would like|looking for|must be|should be|has to be)${metric}(?: to be| of| at)?\\s*${comparing}\\s*${share}`,
  `⟦e\\d+⟧(?: score)?(?: of| to be| must be| should be| is)?\\s*${comparing}\\s*${share}`,
].map((pattern) => new RegExp(pattern));
/** The same in a clause that is about nothing else. */
const alone = [
  `${comparing}\\s*(-?${number})${percentSign}(?![\\w⟦])`,
  `${comparing}\\s*(-?(0?\\.\\d+))()(?![\\w⟦])`,
  `(-?${number})${percentSign}?\\s*(?:or (?:better|more|higher|above)|\\+|and up|at least)`,
  `(-?${number})${percentSign}${metric}\\s*(?:is (?:enough|fine|good enough)|correct|right|would be)?`,
].map((pattern) => new RegExp(pattern));
/** A share of rows, or what a model reaches today. */
const otherShare =
  /\b(?:we are|we're|currently|right now|so far|now at|today|baseline|gets|got|have|has|had|hold|held|validation|split|eval set|test set|sample|subset|rows?|noise|noisy|duplicates?|mislabel\w*|confidence|dropout|warm-?up|quota|discount|tax|vat|last)\b/;

/** Of a text full of shares the first are looked at. */
const maxTries = 12;

export const readTarget: Reader = (marked, reading) => {
  const none = take(marked, noTarget);
  if (none) return { change: set({ target: null }), rest: none.rest };
  const names = new Set(reading.input.tasks.map((task) => task.name.toLowerCase()));
  for (const pattern of [...wanted, ...alone])
    for (const match of [...marked.text.matchAll(new RegExp(pattern, 'g'))].slice(0, maxTries)) {
      const to = match.index + match[0].length;
      const clause = clauseAround(marked.text, match.index, to);
      const isNamed = /^(?:target|goal)/.test(match[0]);
      if (!isNamed && otherShare.test(marked.text.slice(clause.from, clause.to))) continue;
      if (alone.includes(pattern) && !isLight(marked, match.index, to, names)) continue;
      return {
        change: targetFrom(match[1] ?? '', Boolean(match[3]?.trim())),
        rest: withoutStretch(marked, match),
      };
    }
  return null;
};

/** The metric that stands in a target stays to be read. */
function withoutStretch(marked: MarkedText, match: RegExpExecArray): MarkedText {
  const from = match.index;
  const kept = match[0]
    .replace(/[^⟦⟧]+(?![^⟦]*⟧)/g, (words) => ' '.repeat(words.length))
    .replace(/⟦[^e][^⟧]*⟧/g, (mark) => ' '.repeat(mark.length));
  const text = marked.text.slice(0, from) + kept + marked.text.slice(from + match[0].length);
  return { ...marked, text, taken: [...marked.taken, { from, to: from + match[0].length }] };
}

export const answerTarget: FieldReader = (text, reading) => {
  const marked = markText(text, reading.input);
  if (/^\s*(?:none|no|no target|never|off|-|)\s*[.!]?$/.test(marked.text)) return set({ target: null });
  const bare = new RegExp(`^\\W*?(-?${number})${percentSign}?\\W*$`).exec(marked.text);
  if (bare) return targetFrom(bare[1] ?? '', Boolean(bare[3]));
  return readTarget(marked, reading)?.change ?? null;
};

function wholeAnswer(field: 'parallel' | 'maxNodes', reader: Reader): FieldReader {
  return (text, reading: Reading) => {
    const marked = markText(text, reading.input);
    const read = reader(marked, reading);
    if (read) return read.change;
    const found = new RegExp(`(-?${number})(?![.\\d])`).exec(marked.text);
    return found ? whole(field, found[1] ?? '') : null;
  };
}

export const answerParallel = wholeAnswer('parallel', readParallel);
export const answerMaxNodes = wholeAnswer('maxNodes', readMaxNodes);
