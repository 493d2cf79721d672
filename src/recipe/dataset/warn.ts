import { clipUnits, countText, numberText, percentText } from '../../lib/text.ts';
import type { Row } from '../types.ts';
import type { Profile } from './profile.ts';
import { sayShare } from './say-share.ts';

/** Below this many rows shares mean little. */
const enoughRows = 20;
const isAre = (count: number): string => (count === 1 ? 'is' : 'are');
/** A share of less than all, in percent; never rounded up to 100%. */
const mostText = (share: number): string => percentText(Math.min(0.99, share));

/** The line of a row in its file, by its index: `12`, or `12 of b.jsonl`. */
export type LineOf = (index: number) => string;

/** Warnings about these rows, each a sentence, the most important first. */
export function warnings(profile: Profile, rows: readonly Row[], lineOf: LineOf): string[] {
  const offShape = findOffShape(profile);
  return [
    ...warnMislabelled(profile, offShape, lineOf),
    ...warnConflicts(profile, lineOf),
    ...warnRepeats(profile),
    ...warnLabels(profile),
    ...warnShapes(profile, offShape, rows, lineOf),
    ...warnLongRows(profile, lineOf),
  ];
}

/**
 * Rows whose completion lacks the form that nearly all others share. Frequent forms (15 % or more) are all fine;
 * labels and free text have no form to lack.
 */
function findOffShape(profile: Profile): number[] {
  if (profile.labels !== null || profile.rows < enoughRows) return [];
  const frequent = profile.shapes.filter((shape) => shape.loose !== '' && shape.count >= 0.15 * profile.rows);
  const covered = frequent.reduce((sum, shape) => sum + shape.count, 0);
  if (covered < 0.55 * profile.rows || covered === profile.rows) return [];
  const fine = new Set(frequent.map((shape) => shape.id));
  return profile.shapeIds.flatMap((id, index) => (fine.has(id) ? [] : [index]));
}

/** A form with figures or several punctuation marks is a format; missing it is a mistake rather than a variant. */
const isFormat = (loose: string): boolean => /9/.test(loose) || loose.replace(/[a9\s]/g, '').length >= 2;

function warnMislabelled(profile: Profile, offShape: number[], lineOf: LineOf): string[] {
  const top = profile.shapes[0];
  const wrongForm = top !== undefined && isFormat(top.loose) ? offShape : [];
  const suspects = [...new Set([...profile.conflicts.minority, ...wrongForm])].sort((a, b) => a - b);
  const first = suspects[0];
  if (first === undefined || profile.rows < enoughRows || suspects.length < 0.01 * profile.rows) return [];
  return [
    `${sayShare(suspects.length, profile.rows)} mislabelled to me (for example line ${lineOf(first)}).`,
  ];
}

function warnConflicts({ conflicts }: Profile, lineOf: LineOf): string[] {
  const first = conflicts.minority[0];
  if (first === undefined) return [];
  const verb = conflicts.prompts === 1 ? 'appears' : 'appear';
  return [
    `${countText(conflicts.prompts, 'prompt')} ${verb} with different completions (for example line ${lineOf(first)}).`,
  ];
}

function warnRepeats({ exactRepeats, rows }: Profile): string[] {
  if (exactRepeats === 0) return [];
  const distinct = rows - exactRepeats;
  return [
    exactRepeats === 1
      ? '1 row repeats an earlier one.'
      : `${numberText(exactRepeats)} rows repeat an earlier one; ${numberText(distinct)} ${isAre(distinct)} distinct.`,
  ];
}

function warnLabels({ labels, rows }: Profile): string[] {
  const top = labels?.[0];
  if (labels === null || top === undefined || rows < enoughRows) return [];
  if (labels.length === 1)
    return [`All completions are the same (\`${clipUnits(top.label, 40)}\`); there is nothing to learn.`];
  const said: string[] = [];
  if (top.count >= 0.8 * rows)
    said.push(
      `\`${clipUnits(top.label, 40)}\` is ${mostText(top.count / rows)} of the completions; saying it always would already score that much.`,
    );
  const rare = labels.filter(({ count }) => count < Math.min(5, rows / labels.length / 4));
  if (rare.length > 0) {
    const shown = rare.slice(0, 3).map(({ label }) => `\`${clipUnits(label, 40)}\``);
    const more = rare.length > 3 ? ', …' : '';
    said.push(
      `${countText(rare.length, 'label')} ${rare.length === 1 ? 'has' : 'have'} fewer than 5 rows (${shown.join(', ')}${more}).`,
    );
  }
  const folded = new Map<string, string>();
  for (const { label } of labels) {
    const key = label.trim().toLowerCase();
    const other = folded.get(key);
    if (other !== undefined)
      said.push(
        `\`${clipUnits(other, 40)}\` and \`${clipUnits(label, 40)}\` differ only in letter case or spaces and count as different.`,
      );
    else folded.set(key, label);
  }
  return said.slice(0, 4);
}

function warnShapes(
  { shapes, rows: count }: Profile,
  offShape: number[],
  rows: readonly Row[],
  lineOf: LineOf,
): string[] {
  const [top] = shapes;
  const [first] = offShape;
  if (top === undefined || first === undefined) return [];
  const example = clipUnits(rows[first]!.completion.replace(/\s+/g, ' '), 40);
  return [
    `Completions have mixed forms: ${mostText(top.count / count)} look like \`${clipUnits(top.shown, 40)}\`, ${numberText(offShape.length)} ${isAre(offShape.length)} unlike the others (line ${lineOf(first)}: \`${example}\`).`,
  ];
}

function warnLongRows({ lengths }: Profile, lineOf: LineOf): string[] {
  const sorted = Float64Array.from(lengths).sort();
  const median = sorted[sorted.length >> 1] ?? 0;
  const limit = Math.max(2000, 10 * median);
  let long = 0;
  let longest = 0;
  for (let i = 0; i < lengths.length; i++) {
    if (lengths[i]! > limit) long += 1;
    if (lengths[i]! > lengths[longest]!) longest = i;
  }
  if (long === 0) return [];
  return [
    `${countText(long, 'row')} ${isAre(long)} far longer than the rest (line ${lineOf(longest)}: ${numberText(lengths[longest] ?? 0)} characters, usual ${numberText(median)}); a short context cannot hold ${long === 1 ? 'it' : 'them'}.`,
  ];
}
