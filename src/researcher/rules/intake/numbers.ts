import { numberPattern, parseNumber } from '../../../lib/parse/words.ts';
import { type Change, noChange } from './draft.ts';
import { markText, take } from './marked-text.ts';
import type { FieldReader, Reader } from './reading.ts';

const number = `(${numberPattern})`;
const set = (patch: Change['patch']): Change => ({ patch, problems: [] });
const problem = (text: string): Change => ({ patch: {}, problems: [text] });

function whole(field: 'parallel' | 'maxNodes', text: string): Change {
  const value = parseNumber(text.replaceAll(' ', ''));
  const what = field === 'parallel' ? 'trials at a time' : 'experiments';
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
    `(-?\\s?${number})\\s*${runs}?\\s*(?:at a time|at once|at the same time|in parallel|concurrently|simultaneously|side by side)`,
  ),
  new RegExp(`\\b(?:parallel(?:ism)?|concurrency)(?: of| is|:|=| to)?\\s*(-?\\s?${number})\\b`),
  new RegExp(`(-?\\s?${number})\\s*(?:parallel|concurrent|simultaneous)\\s*${runs}?`),
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
const nodeTexts = [
  new RegExp(
    `\\b(?:at most|max(?:imum)?(?: of)?|up to|no more than|not more than|limit(?: of| to)?|stop after|only)\\s*(-?\\s?${number})\\s*${nodeWord}\\b`,
  ),
  new RegExp(
    `(-?\\s?${number})\\s*${nodeWord}(?:\\s*(?:at most|max(?:imum)?|tops|in total|are enough|only))?\\b`,
  ),
  new RegExp(`\\b${nodeWord}(?: at most| max| is|:|=)\\s*(-?\\s?${number})\\b`),
];
const noNodes =
  /\b(?:no|forget the|drop the|without a) limit on (?:the )?(?:number of )?(?:nodes|experiments|rounds)\b/;

export const readMaxNodes: Reader = (marked) => {
  const none = take(marked, noNodes);
  if (none) return { change: set({ maxNodes: null }), rest: none.rest };
  for (const pattern of nodeTexts) {
    const found = take(marked, pattern);
    if (found) return { change: whole('maxNodes', found.match[1] ?? ''), rest: found.rest };
  }
  return null;
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
const share = `(-?\\s?${number})${percentSign}?`;
const decimal = '(-?\\s?(0?\\.\\d+))()';
const noTarget =
  /\b(?:no|forget|forget about|drop|remove|without|clear)(?: (?:the|a|any|my))? (?:target|goal score)\b/;
const targetTexts = [
  new RegExp(
    `\\b(?:target|goal|aim(?: for)?|aiming for)(?: score)?(?: is| of|:|=| to| at| for)?\\s*(?:at least |above |>=? ?)?${share}`,
  ),
  new RegExp(
    `\\b(?:reach(?:es|ing)?|get(?:s|ting)? (?:it |us |me )?(?:to|above|over)|hits?|achieves?|until)\\s*(?:at least |above |about )?${share}`,
  ),
  new RegExp(
    `(?:\\bat least|\\babove|\\bover|\\bminimum(?: of)?|\\bno less than|\\bbetter than|\\bbeyond|>=?|≥)\\s*(-?\\s?${number})${percentSign}`,
  ),
  new RegExp(
    `\\b(?:reach(?:es)?|get(?:s)? to|hits?|until|at least|above|achieves?|better than)\\s*${decimal}`,
  ),
  new RegExp(`(-?\\s?${number})${percentSign}?\\s*(?:or (?:better|more|higher|above)|\\+|and up|at least)`),
  new RegExp(`(-?\\s?${number})${percentSign}\\s*(?:is (?:enough|fine|good enough)|correct|right|would be)?`),
];

export const readTarget: Reader = (marked) => {
  const none = take(marked, noTarget);
  if (none) return { change: set({ target: null }), rest: none.rest };
  for (const pattern of targetTexts) {
    const found = take(marked, pattern);
    if (!found) continue;
    const percent = Boolean(found.match[3]?.trim());
    return { change: targetFrom(found.match[1] ?? '', percent), rest: found.rest };
  }
  return null;
};

export const answerTarget: FieldReader = (text, reading) => {
  const marked = markText(text);
  if (/^\s*(?:none|no|no target|never|off|-|)\s*[.!]?$/.test(marked.text)) return set({ target: null });
  const bare = new RegExp(`^\\W*?(-?\\s?${number})${percentSign}?\\W*$`).exec(marked.text);
  if (bare) return targetFrom(bare[1] ?? '', Boolean(bare[3]));
  return readTarget(marked, reading)?.change ?? null;
};

function wholeAnswer(field: 'parallel' | 'maxNodes', reader: Reader): FieldReader {
  return (text, reading) => {
    const marked = markText(text);
    const read = reader(marked, reading);
    if (read) return read.change;
    const found = new RegExp(`(-?\\s?${number})(?![.\\d])`).exec(marked.text);
    return found ? whole(field, found[1] ?? '') : null;
  };
}

export const answerParallel = wholeAnswer('parallel', readParallel);
export const answerMaxNodes = wholeAnswer('maxNodes', readMaxNodes);
