import { listText } from '../../../lib/text.ts';
import type { IntakeInput } from '../../port.ts';
import { clauseAround, isLightWord } from './clauses.ts';
import type { NotUsed } from './draft.ts';
import { type MarkedText, spansLeft, wordsAt } from './marked-text.ts';
import type { Span } from './spans/span.ts';

/** Numbers of machines and runs that no role took; other counted things belong to the description. */
const counted =
  /(?<![\w.⟦-])\d[\d.,]*\s*x?\s*(?:[ahblv]\d{2,3}s?\b|(?:gpus?|tpus?|nodes?|machines?|servers?|hosts?|cores?|cpus?|workers?|nights?|weekends?|runs?|trials?|seeds?|checkpoints?)\b(?:\s+(?:with|of|x)\s+\d+\s*\w+)?(?:\s+each)?)/g;
const wishes =
  /\b\d+[- ]?folds?(?: cross[- ]validation)?\b|\bovernight\b|\bover the weekend\b|\ball (?:night|weekend)\b|\bas (?:soon|fast|cheap(?:ly)?) as possible\b|\basap\b/g;
const shares = /(?:(?:[<>]=?|≥|≤)\s*)?(?<![\w.⟦])-?\d+(?:[.,]\d+)?\s?(?:%|percent\b|pct\b)/g;
const compared = /(?:[<>]=?|≥|≤)\s*-?\d+(?:[.,]\d+)?(?![\w%⟦])/g;
/** Any other number, with what it counts. */
const numbers =
  /(?:\b(?:max(?:imum)?|min(?:imum)?|at (?:most|least)|up to|above|below|over|under|only|top|first|last)\s+)?(?<![\w.⟦-])[-+]?(?:\d[\d.,:]*\d|\d|\.\d+)(?:[kmbx]\b)?(?![\w⟧]|\.\d)(?:[- ](?!and\b|or\b|to\b|for\b|in\b|on\b|of\b|with\b|is\b|are\b|the\b|as\b)\p{L}[\p{L}-]*)?/gu;
const names =
  /[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w.])[@#][\w-]{2,}|(?<![\w./@-])[\w-]{2,60}\.[a-z][a-z0-9]{1,11}(?![\w.])|(?<![\w⟦-])(?=[a-z_-]*\d)[a-z][a-z0-9_-]{1,40}(?![\w⟧])|(?<![\w.⟦-])\d+[a-z]+\d\w{0,40}/g;
const taskCalled = /\btask(?: called| named|:)? ["'`]?([a-z][\w-]*)["'`]?(?=\s*(?:[,.;:!?\n]|$))/g;
const splitWords = /\b(?:hold|held|validation|valid|dev|eval|evaluation|test|split|holdout)\b/;

function reasonFor(span: Span, { supports }: Pick<IntakeInput, 'supports'>): string | null {
  switch (span.kind) {
    case 'setting':
      return 'I choose hyperparameters myself';
    case 'method':
      return `I train with ${listText(supports.objectives.map((one) => one.toUpperCase()))}`;
    case 'metric':
      return 'I measure one metric';
    case 'address':
      return `I cannot read ${span.store}`;
    case 'columns':
      return 'I take columns by their names';
    case 'foreign':
      return 'I count in US dollars or time';
    default:
      return null;
  }
}

const maxListed = 20;

/** A part of a request that means something by itself, and its place. */
export interface Piece {
  from: number;
  to: number;
  one: NotUsed;
}

/** Spans, numbers and names that no role has taken, without overlaps. */
export function findPieces(marked: MarkedText, input: IntakeInput): Piece[] {
  const found = spansLeft(
    marked,
    'usd',
    'foreign',
    'time',
    'gpuTime',
    'price',
    'moment',
    'file',
    'address',
    'model',
    'metric',
    'method',
    'setting',
    'columns',
  )
    .slice(0, maxListed)
    .map(
      ({ span, from, to }): Piece => ({
        from,
        to,
        one: { words: span.text.replace(/\s+/g, ' ').trim(), why: reasonFor(span, input) },
      }),
    );
  const add = (pattern: RegExp, why: (clause: string) => string | null): void => {
    for (const match of [...marked.text.matchAll(pattern)].slice(0, maxListed)) {
      const [from, to] = [match.index, match.index + match[0].length];
      const isInside = found.some((piece) => piece.from < to && from < piece.to);
      if (isInside || isLightWord(match[1] ?? '')) continue;
      const clause = clauseAround(marked.text, from, to);
      const words = wordsAt(marked, from, to);
      if (words !== '')
        found.push({ from, to, one: { words, why: why(marked.text.slice(clause.from, clause.to)) } });
    }
  };
  add(counted, () => 'that is set where I run');
  add(wishes, () => null);
  add(shares, (clause) => (splitWords.test(clause) ? 'I split the rows myself' : null));
  add(compared, () => null);
  add(names, () => null);
  add(numbers, () => null);
  add(taskCalled, () => 'I have no task of that name');
  return found.sort((a, b) => a.from - b.from);
}
