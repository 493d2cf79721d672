import type { Recipe } from '../../../recipe/recipe.ts';
import { countShapes, type ShapeCount } from '../../../recipe/shapes.ts';
import { copiedSpans, tokensOf } from '../../../recipe/steps/copied-spans.ts';
import { filterCopies } from '../../../recipe/steps/filters.ts';
import type { Row } from '../../../recipe/types.ts';
import { mistakeKinds } from '../../../scoring/mistakes.ts';
import type { ProposalContext } from '../../port.ts';

/** Evidence from the rows and the failing items. Shares are in [0, 1] of the sample (or of the failing items). */
export interface Evidence {
  sample: Row[];
  /** Forms of completions in the sample, the most frequent first. */
  completionShapes: ShapeCount[];
  /** Forms worth keeping, when the rest looks like noise; null when there is no such pattern. */
  pattern: { shapes: string[]; dropShare: number } | null;
  conflictShare: number;
  copyShare: number;
  duplicateShare: number;
  nearDuplicateShare: number;
  /** The labels of a classification task with their share of the sample; null when completions are free. */
  labels: { label: string; share: number }[] | null;
  /** Rows whose completion is none of the labels. */
  strayShare: number;
  /** Most frequent against least frequent group. */
  labelRatio: number;
  promptShapeRatio: number;
  /** Rows whose completion holds a span copied from the prompt. */
  spanShare: number;
  mistakes: { code: string; kind: string; count: number; share: number }[];
  /** Prompt forms of the failing items, the most frequent first. */
  failingShapes: ShapeCount[];
  /** Failing prompt forms that the sample (nearly) lacks. */
  rareShapes: string[];
  /** Share of failing items whose form is rare in the sample. */
  rareShare: number;
}

const normal = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim();
/** Letters and digits only: texts that differ in punctuation, spacing or case become equal. */
const skeleton = (text: string): string => normal(text).replace(/[^\p{L}\p{Nd}]/gu, '');

function shareOf<T>(items: readonly T[], test: (item: T) => boolean): number {
  return items.length === 0 ? 0 : items.filter(test).length / items.length;
}

function repeatShare(keys: string[]): number {
  return keys.length === 0 ? 0 : 1 - new Set(keys).size / keys.length;
}

/** The completion takes over a word or number of its prompt, as `synth_swap_spans` can exchange it. */
function copiesSpan(row: Row): boolean {
  return copiedSpans(row.prompt, tokensOf(row.prompt), tokensOf(row.completion)).length > 0;
}

/** Share of rows that only repeat their prompt. Where right answers do so too (upper: …), that is the task. */
const copiesIn = (rows: Row[]): number =>
  rows.length === 0 ? 0 : 1 - filterCopies(rows).length / rows.length;

function ratioOf(counts: number[]): number {
  if (counts.length < 2) return 1;
  return Math.max(...counts) / Math.min(...counts);
}

const withoutLengths = (shape: string): string => shape.replace(/9+/g, '9');

/**
 * The forms to keep: those of a tenth of the rows or more, and those that failing items expect often. A pattern needs
 * few forms that hold most rows while something is left over.
 */
function patternOf(shapes: ShapeCount[], expected: ShapeCount[]): Evidence['pattern'] {
  const wanted = new Map(expected.map((s) => [s.shape, s.share]));
  const usual = shapes.filter(
    (s) => s.share >= 0.1 || (s.share >= 0.04 && (wanted.get(s.shape) ?? 0) >= 0.15),
  );
  // Two usual forms that differ in length only (99 and 999): then any length is right.
  const short = usual.map((s) => withoutLengths(s.shape));
  const anyLength = new Set(short.filter((form, i) => short.indexOf(form) !== i));
  const kept = shapes.filter((s) => usual.includes(s) || anyLength.has(withoutLengths(s.shape)));
  const dropShare = 1 - kept.reduce((sum, s) => sum + s.share, 0);
  // Below 3 % there is little to gain; above 45 % the variety is the task, not noise.
  if (usual.length === 0 || usual.length > 4 || kept.length > 50 || dropShare < 0.03 || dropShare > 0.45)
    return null;
  return { shapes: kept.map((s) => s.shape).sort(), dropShare };
}

const countTexts = (texts: string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
};

/** A few short texts that recur often are labels. Failing items show them best: those are mostly clean. */
function labelsOf(sample: string[], expected: string[]): Evidence['labels'] {
  const looksLike = (texts: string[], repeats: number): boolean => {
    const distinct = new Set(texts);
    return (
      texts.length >= 10 &&
      distinct.size <= 20 &&
      distinct.size * repeats <= texts.length &&
      [...distinct].every((t) => t.length <= 40)
    );
  };
  if (!looksLike(sample, 5) && !looksLike(expected, 4)) return null;
  const wanted = countTexts(expected);
  const counts = countTexts([...sample]);
  const isWanted = (label: string): boolean =>
    (wanted.get(label) ?? 0) / Math.max(1, expected.length) >= 0.05;
  for (const label of wanted.keys()) if (isWanted(label) && !counts.has(label)) counts.set(label, 0);
  const all = [...counts].map(([label, n]) => ({ label, share: n / Math.max(1, sample.length) }));
  /** `BILLING` beside a more frequent `billing`. */
  const isTwin = ({ label, share }: (typeof all)[number]): boolean =>
    all.some((o) => o.label !== label && o.share > share && o.label.toLowerCase() === label.toLowerCase());
  const labels = all.filter((l) => isWanted(l.label) || (l.share >= 0.08 && !isTwin(l)));
  return labels.length < 2 ? null : labels.sort((a, b) => b.share - a.share || (a.label < b.label ? -1 : 1));
}

/** Rows of the sources that the recipe takes, when the sample holds enough of them. */
function relevantRows(context: ProposalContext, recipe: Recipe): Row[] {
  const used = new Set(recipe.inputs.map((i) => i.source));
  const rows = context.sampleRows.filter((r) => r.source === undefined || used.has(r.source));
  return used.size > 0 && rows.length >= 20 ? rows : context.sampleRows;
}

export function gatherEvidence(context: ProposalContext, recipe: Recipe): Evidence {
  const sample = relevantRows(context, recipe);
  const { failing } = context;
  const completions = countShapes(sample.map((r) => r.completion.trim()));
  const expected = failing.map((f) => f.expected.trim());
  const labels = labelsOf(
    sample.map((r) => r.completion.trim()),
    expected,
  );
  const byPrompt = new Map<string, Set<string>>();
  for (const row of sample) {
    const key = normal(row.prompt);
    byPrompt.set(key, (byPrompt.get(key) ?? new Set()).add(normal(row.completion)));
  }
  const promptShapes = countShapes(sample.map((r) => r.prompt.trim()));
  const shareInSample = new Map(promptShapes.map((s) => [s.shape, s.share]));
  const failingShapes = countShapes(failing.map((f) => f.prompt.trim()));
  const rare = failingShapes.filter((s) => (shareInSample.get(s.shape) ?? 0) < 0.02);
  const frequent = promptShapes.filter((s) => s.count >= 2);
  return {
    sample,
    completionShapes: completions,
    pattern: labels ? null : patternOf(completions, countShapes(expected)),
    conflictShare: shareOf(sample, (r) => (byPrompt.get(normal(r.prompt))?.size ?? 1) > 1),
    copyShare: Math.max(
      0,
      copiesIn(sample) - copiesIn(failing.map((f) => ({ prompt: f.prompt, completion: f.expected }))),
    ),
    duplicateShare: repeatShare(sample.map((r) => `${r.prompt}\u0000${r.completion}`)),
    nearDuplicateShare: repeatShare(sample.map((r) => skeleton(r.prompt))),
    labels,
    strayShare: labels ? Math.max(0, 1 - labels.reduce((sum, l) => sum + l.share, 0)) : 0,
    labelRatio: labels ? ratioOf(labels.map((l) => Math.max(l.share, 1 / sample.length))) : 1,
    promptShapeRatio:
      frequent.length >= 3 && frequent.length <= 30 ? ratioOf(frequent.map((s) => s.count)) : 1,
    spanShare: labels ? 0 : shareOf(sample, copiesSpan),
    mistakes: mistakeKinds(failing).map(({ code, kind, count, share }) => ({ code, kind, count, share })),
    failingShapes,
    rareShapes: rare.map((s) => s.shape),
    rareShare: rare.reduce((sum, s) => sum + s.share, 0),
  };
}
