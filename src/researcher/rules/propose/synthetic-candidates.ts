import { numberText, percentText } from '../../../lib/text.ts';
import { type Candidate, type Ground, noGain } from './candidate.ts';
import { hasStep, withStep } from './recipe-edits.ts';

const strategy = 'construct_synthetic_data' as const;
const roundTo = (value: number, step: number): number => Math.max(step, Math.round(value / step) * step);

const shareOf = (ground: Ground, codes: string[]): number =>
  ground.evidence.mistakes.filter((m) => codes.includes(m.code)).reduce((sum, m) => sum + m.share, 0);

/** Nodes that make new rows out of the existing ones. */
export function syntheticCandidates(ground: Ground): Candidate[] {
  const { evidence, recipe, training, rows } = ground;
  const found: Candidate[] = [];
  const base = { strategy, trainings: [training], refutedBy: noGain(ground) } satisfies Partial<Candidate>;
  const spanMistakes = shareOf(ground, [
    'wrong_span',
    'one_digit',
    'one_number',
    'wrong_content',
    'swapped_fields',
    'copied_prompt',
  ]);
  if (evidence.spanShare >= 0.4 && !hasStep(recipe, 'synth_swap_spans')) {
    const more = Math.min(2000, roundTo(rows / 2, 100));
    found.push({
      ...base,
      kind: 'synth_swap_spans',
      title: `${numberText(more)} new rows with copied parts exchanged`,
      hypothesis: `${percentText(evidence.spanShare)} of the sampled completions copy a part of their prompt${spanMistakes >= 0.1 ? `, and ${percentText(spanMistakes)} of the mistakes are in such parts` : ''}; rows with these parts exchanged teach copying rather than knowing by heart.`,
      recipe: withStep(recipe, { op: 'synth_swap_spans', rows: more }),
      prior: 0.28 + 0.15 * evidence.spanShare + 0.25 * spanMistakes + (rows < 1500 ? 0.1 : 0),
      tags: ['synthetic', 'copying', 'spans', 'names', 'more', 'data'],
    });
  }
  const surface = shareOf(ground, ['letter_case', 'spacing', 'empty']);
  if (!hasStep(recipe, 'synth_surface')) {
    const more = Math.min(1500, roundTo(rows / 4, 50));
    found.push({
      ...base,
      kind: 'synth_surface',
      title: `${numberText(more)} new rows in other case and spacing`,
      hypothesis:
        surface >= 0.05
          ? `${percentText(surface)} of the mistakes come down to letter case or spacing; the same rows in other case and spacing should make it indifferent to them.`
          : 'The same rows in other letter case and spacing may make the model less dependent on how a prompt is typed.',
      recipe: withStep(recipe, { op: 'synth_surface', rows: more }),
      prior: 0.12 + 0.5 * surface + (rows < 1000 ? 0.08 : 0),
      tags: ['synthetic', 'surface', 'case', 'spacing', 'robust', 'more', 'data'],
    });
  }
  return found;
}
