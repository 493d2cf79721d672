import { parseNumber } from '../../../lib/parse/words.ts';
import { clauseAround, isLight } from './clauses.ts';
import { type Change, noChange, problem, setting } from './draft.ts';
import { type MarkedText, markText, take } from './marked-text.ts';
import type { FieldReader, Reader } from './reading.ts';
import { anyNumber } from './whole-number.ts';

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
  return setting({ target: Math.round(share * 1e6) / 1e6 });
}

const percentSign = '(\\s?%|\\s?percent|\\s?pct| per cent)';
const share = `(-?${anyNumber})${percentSign}?(?![\\w⟦])`;
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
  `${comparing}\\s*(-?${anyNumber})${percentSign}(?![\\w⟦])`,
  `${comparing}\\s*(-?(0?\\.\\d+))()(?![\\w⟦])`,
  `(-?${anyNumber})${percentSign}?\\s*(?:or (?:better|more|higher|above)|\\+|and up|at least)`,
  `(-?${anyNumber})${percentSign}${metric}\\s*(?:is (?:enough|fine|good enough)|correct|right|would be)?`,
].map((pattern) => new RegExp(pattern));
/** A share of rows, or the score that a model reaches today. */
const otherShare =
  /\b(?:we are|we're|currently|right now|so far|now at|today|baseline|gets|got|have|has|had|hold|held|validation|split|eval set|test set|sample|subset|rows?|noise|noisy|duplicates?|mislabel\w*|confidence|dropout|warm-?up|quota|discount|tax|vat|last)\b/;

/** At most this many shares of a text are examined, the first ones. */
const maxTries = 12;

export const readTarget: Reader = (marked, reading) => {
  const none = take(marked, noTarget);
  if (none) return { change: setting({ target: null }), rest: none.rest };
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

/** The metric inside a target is left for its own reader. */
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
  if (/^\s*(?:none|no|no target|never|off|-|)\s*[.!]?$/.test(marked.text)) return setting({ target: null });
  const bare = new RegExp(`^\\W*?(-?${anyNumber})${percentSign}?\\W*$`).exec(marked.text);
  if (bare) return targetFrom(bare[1] ?? '', Boolean(bare[3]));
  return readTarget(marked, reading)?.change ?? null;
};
