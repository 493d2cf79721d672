import type { IntakeInput } from '../../port.ts';
import { clauseAround, isLight } from './clauses.ts';
import type { NotUsed } from './draft.ts';
import { type MarkedText, spansLeft, wordsAt } from './marked-text.ts';
import type { Span } from './spans/span.ts';
import { listOf } from './training.ts';

/** Numbers of machines and runs that no role took; other counted things belong to the description. */
const counted =
  /(?<![\w.⟦-])\d[\d.,]*\s*x?\s*(?:[ahblv]\d{2,3}s?\b|(?:gpus?|tpus?|nodes?|machines?|servers?|hosts?|cores?|cpus?|workers?|nights?|weekends?|runs?|trials?|seeds?|checkpoints?)\b(?:\s+(?:with|of|x)\s+\d+\s*\w+)?(?:\s+each)?)/g;
const wishes =
  /\b\d+[- ]?folds?(?: cross[- ]validation)?\b|\bovernight\b|\bover the weekend\b|\ball (?:night|weekend)\b|\bas (?:soon|fast|cheap(?:ly)?) as possible\b|\basap\b/g;
const shares = /(?:(?:[<>]=?|≥|≤)\s*)?(?<![\w.⟦])-?\d+(?:[.,]\d+)?\s?(?:%|percent\b|pct\b)/g;
const compared = /(?:[<>]=?|≥|≤)\s*-?\d+(?:[.,]\d+)?(?![\w%⟦])/g;
/** A number that is wanted, without a sign or a metric that would make a target of it. */
const bare = /(?<=\b(?:need|want|expect|around|about|roughly)\s)\d{1,3}(?:\.\d+)?(?=\s*(?:[,.;!?\n]|$))/g;
const splitWords = /\b(?:hold|held|validation|valid|dev|eval|evaluation|test|split|holdout)\b/;

const isSchedule = /\b(?:start|begin|starting|kick off|launch|go)(?: it| this)?(?: on| at| from)?\s+$/;

function reasonFor(span: Span, { supports }: Pick<IntakeInput, 'supports'>): string | null {
  switch (span.kind) {
    case 'setting':
      return 'I choose hyperparameters myself';
    case 'method':
      return `I train with ${listOf(supports.objectives.map((one) => one.toUpperCase()))}`;
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

/** What a request holds that no role has taken, in its order. `names`: words of tasks, which make no clause heavier. */
export function findNotUsed(marked: MarkedText, input: IntakeInput): NotUsed[] {
  const found: { from: number; one: NotUsed }[] = [];
  const names = new Set(input.tasks.map((task) => task.name.toLowerCase()));
  for (const { span, from, to } of spansLeft(
    marked,
    'usd',
    'foreign',
    'time',
    'gpuTime',
    'price',
    'moment',
    'address',
    'model',
    'metric',
    'method',
    'setting',
    'columns',
  ).slice(0, maxListed)) {
    // A day that belongs to the description (`tickets from last week`) wants nothing.
    if (
      span.kind === 'moment' &&
      !isLight(marked, from, to, names) &&
      !isSchedule.test(marked.text.slice(Math.max(0, from - 20), from))
    )
      continue;
    found.push({ from, one: { words: span.text.replace(/\s+/g, ' ').trim(), why: reasonFor(span, input) } });
  }
  const add = (pattern: RegExp, why: (clause: string) => string | null): void => {
    for (const match of [...marked.text.matchAll(pattern)].slice(0, maxListed)) {
      const to = match.index + match[0].length;
      const isInside = found.some(
        ({ from, one }) => from <= match.index && match.index < from + one.words.length,
      );
      const clause = clauseAround(marked.text, match.index, to);
      const words = wordsAt(marked, match.index, to);
      if (!isInside && words !== '')
        found.push({
          from: match.index,
          one: { words, why: why(marked.text.slice(clause.from, clause.to)) },
        });
    }
  };
  add(counted, () => 'that is set where I run');
  add(wishes, () => null);
  add(shares, (clause) => (splitWords.test(clause) ? 'I split the rows myself' : null));
  add(compared, () => null);
  add(bare, () => null);
  return found.sort((a, b) => a.from - b.from).map(({ one }) => one);
}
