import { clipUnits, numberText, percentText } from '../../../lib/text.ts';
import { type Candidate, type Ground, noGain } from './candidate.ts';
import { hasStep, usesSource, withoutSource, withSource, withStep } from './recipe-edits.ts';
import { epochsFor } from './settings.ts';
import { shortTitle } from './sources.ts';

const strategy = 'refine_data_pipeline' as const;
/** For patterns with the u flag, which forbids needless escapes. */
const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

function filters(ground: Ground): Candidate[] {
  const { evidence, recipe, training } = ground;
  const base = {
    strategy,
    recipe,
    trainings: [training],
    refutedBy: noGain(ground),
  } satisfies Partial<Candidate>;
  const found: Candidate[] = [];
  const formShare = evidence.mistakes
    .filter((m) => m.code === 'other_form')
    .reduce((sum, m) => sum + m.share, 0);
  if (evidence.pattern && !hasStep(recipe, 'filter_shape')) {
    const { shapes, dropShare } = evidence.pattern;
    const pattern = shapes.slice(0, 2).join(' or ');
    found.push({
      ...base,
      kind: 'filter_shape',
      title: clipUnits(`drop rows that break the pattern ${pattern}`, 60),
      hypothesis: `${percentText(dropShare)} of the sampled rows have a completion that is not of the form ${pattern}; they look mislabelled, and without them the model should answer in one form.`,
      recipe: withStep(recipe, { op: 'filter_shape', shapes }),
      prior: 0.65 + Math.min(0.25, 1.5 * dropShare) + 0.15 * formShare,
      tags: ['noise', 'labels', 'filter', 'pattern', 'format', 'clean', 'rows'],
    });
  }
  const labels = evidence.labels?.map((l) => l.label) ?? [];
  const oneOf = `^\\s*(?:${labels.map(escapePattern).join('|')})\\s*$`;
  if (
    evidence.strayShare >= 0.03 &&
    evidence.strayShare <= 0.45 &&
    oneOf.length <= 300 &&
    !hasStep(recipe, 'filter_regex')
  )
    found.push({
      ...base,
      kind: 'filter_labels',
      title: `drop rows with none of the ${labels.length} labels`,
      hypothesis: `${percentText(evidence.strayShare)} of the sampled completions are none of the usual labels (${clipUnits(labels.join(', '), 60)}); they look mislabelled.`,
      recipe: withStep(recipe, { op: 'filter_regex', pattern: oneOf, on: 'completion' }),
      prior: 0.65 + Math.min(0.25, 1.5 * evidence.strayShare),
      tags: ['noise', 'labels', 'filter', 'pattern', 'clean', 'rows'],
    });
  if (!hasStep(recipe, 'filter_conflicts'))
    found.push({
      ...base,
      kind: 'filter_conflicts',
      title: 'drop prompts with contradictory completions',
      hypothesis:
        evidence.conflictShare > 0
          ? `${percentText(evidence.conflictShare)} of the sampled rows share their prompt with a row that says something else; only one of them can be right.`
          : 'A small sample shows no prompt with two different completions, but all rows together may hold some.',
      recipe: withStep(recipe, { op: 'filter_conflicts', keepShare: 0.6 }),
      prior: evidence.conflictShare >= 0.02 ? 0.35 + Math.min(0.3, evidence.conflictShare) : 0.1,
      tags: ['noise', 'labels', 'conflicts', 'filter', 'clean'],
    });
  if (evidence.copyShare >= 0.02 && !hasStep(recipe, 'filter_copies')) {
    const copied = evidence.mistakes
      .filter((m) => m.code === 'copied_prompt')
      .reduce((sum, m) => sum + m.share, 0);
    found.push({
      ...base,
      kind: 'filter_copies',
      title: 'drop rows that only copy the prompt',
      hypothesis: `${percentText(evidence.copyShare)} of the sampled completions only repeat their prompt; they teach copying instead of the task.`,
      recipe: withStep(recipe, { op: 'filter_copies' }),
      prior: 0.35 + Math.min(0.25, evidence.copyShare) + 0.3 * copied,
      tags: ['noise', 'copies', 'filter', 'clean'],
    });
  }
  return found;
}

function repeats(ground: Ground): Candidate[] {
  const { evidence, recipe, training, rows } = ground;
  const base = { strategy, recipe, refutedBy: noGain(ground) } satisfies Partial<Candidate>;
  const left = Math.max(50, Math.round(rows * (1 - evidence.duplicateShare)));
  const longer = { ...training, epochs: Math.max(training.epochs, epochsFor(left)) };
  const trainings = longer.epochs === training.epochs ? [training] : [training, longer];
  const found: Candidate[] = [];
  if (evidence.duplicateShare >= 0.03 && !hasStep(recipe, 'dedup_exact'))
    found.push({
      ...base,
      kind: 'dedup_exact',
      title: 'drop repeated rows',
      hypothesis: `${percentText(evidence.duplicateShare)} of the sampled rows are repeats; without them a pass is cheaper and the rest weighs more.`,
      recipe: withStep(recipe, { op: 'dedup_exact' }),
      trainings,
      prior: 0.3 + Math.min(0.35, evidence.duplicateShare * 0.6),
      tags: ['duplicates', 'repeats', 'dedup', 'clean'],
    });
  if (evidence.nearDuplicateShare - evidence.duplicateShare >= 0.05 && !hasStep(recipe, 'dedup_near'))
    found.push({
      ...base,
      kind: 'dedup_near',
      title: 'drop near duplicates',
      hypothesis: `${percentText(evidence.nearDuplicateShare)} of the sampled prompts differ from another one only in case or punctuation.`,
      recipe: withStep(recipe, { op: 'dedup_near', similarity: 0.9 }),
      trainings: [training],
      prior: 0.22 + Math.min(0.2, evidence.nearDuplicateShare * 0.4),
      tags: ['duplicates', 'repeats', 'dedup', 'clean'],
    });
  return found;
}

function evenness(ground: Ground): Candidate[] {
  const { evidence, recipe, training } = ground;
  if (hasStep(recipe, 'balance')) return [];
  const base = { strategy, trainings: [training] } satisfies Partial<Candidate>;
  const labels = evidence.labels;
  if (labels && evidence.labelRatio >= 2.5) {
    const [most, least] = [labels[0], labels.at(-1)];
    return [
      {
        ...base,
        kind: 'balance_completion',
        title: 'even out the labels',
        hypothesis: `"${clipUnits(most?.label ?? '', 30)}" is ${percentText(most?.share ?? 0)} of the sample, "${clipUnits(least?.label ?? '', 30)}" only ${percentText(least?.share ?? 0)}; the rare labels need more weight.`,
        refutedBy: `no gain on items labelled "${clipUnits(least?.label ?? '', 40)}"`,
        recipe: withStep(recipe, {
          op: 'balance',
          by: 'completion',
          maxRepeat: evidence.labelRatio >= 6 ? 6 : 3,
        }),
        prior: 0.4 + Math.min(0.3, evidence.labelRatio * 0.03),
        tags: ['balance', 'labels', 'rare', 'imbalance', 'classes'],
      },
    ];
  }
  const uneven = evidence.promptShapeRatio >= 4 || evidence.rareShare >= 0.15;
  if (labels || !uneven) return [];
  return [
    {
      ...base,
      kind: 'balance_prompt_shape',
      title: 'even out the forms of prompts',
      hypothesis: `Some forms of prompts are ${Math.max(2, Math.round(evidence.promptShapeRatio))} times as frequent as others in the sample${ground.worstForm ? `, and most mistakes are in "${ground.worstForm}"` : ''}.`,
      refutedBy: noGain(ground),
      recipe: withStep(recipe, { op: 'balance', by: 'prompt_shape', maxRepeat: 3 }),
      prior: 0.25 + 0.25 * evidence.rareShare,
      tags: ['balance', 'rare', 'forms', 'formats', 'coverage'],
    },
  ];
}

function mixing(ground: Ground): Candidate[] {
  const { evidence, recipe, training, sources } = ground;
  const found: Candidate[] = [];
  for (const { source, quality } of sources) {
    if (usesSource(recipe, source.id)) {
      if (quality === 'unrelated' && recipe.inputs.length > 1)
        found.push({
          kind: `drop_source ${source.id}`,
          strategy,
          title: clipUnits(`leave out ${shortTitle(source)}`, 60),
          hypothesis: `The rows of "${shortTitle(source)}" look like another task; without them the passes go to what is asked.`,
          refutedBy: noGain(ground),
          recipe: withoutSource(recipe, source.id),
          trainings: [training],
          prior: 0.35,
          tags: ['mix', 'sources', 'data'],
        });
      continue;
    }
    const prior = { clean: 0.5, noisy: 0.4, unknown: 0.4, repeated: 0.12, unrelated: 0.02 }[quality];
    found.push({
      kind: `add_source ${source.id}`,
      strategy,
      title: clipUnits(`add ${numberText(source.rows)} rows: ${shortTitle(source)}`, 60),
      hypothesis: `"${shortTitle(source)}" (${clipUnits(source.note.replace(/\.$/, ''), 80)}) adds ${numberText(source.rows)} rows${evidence.rareShare >= 0.1 ? `; ${percentText(evidence.rareShare)} of the mistakes are in forms that the sample hardly holds` : ' to what the model has seen'}.`,
      refutedBy: noGain(ground),
      recipe: withSource(recipe, source.id, quality === 'unrelated' ? 500 : null),
      trainings: [training],
      prior: prior + 0.3 * evidence.rareShare,
      tags: ['mix', 'sources', 'data', 'coverage', 'more', quality],
    });
  }
  return found;
}

function ordering(ground: Ground): Candidate[] {
  const { recipe, training, sources, context } = ground;
  const found: Candidate[] = [];
  const inOrder = { ...training, order: 'as_given' as const };
  const clean = sources.filter((s) => s.quality === 'clean' && usesSource(recipe, s.source.id));
  if (clean.length > 0 && recipe.inputs.length > clean.length && !hasStep(recipe, 'last'))
    found.push({
      kind: 'last',
      strategy,
      title: 'clean rows last',
      hypothesis:
        'What is seen last sticks best, and the rate is already low then: the clean rows should have the last word.',
      refutedBy: noGain(ground),
      recipe: withStep(recipe, { op: 'last', sources: clean.map((s) => s.source.id) }),
      trainings: [inOrder],
      prior: 0.25,
      tags: ['order', 'curriculum', 'clean'],
    });
  const words = context.steering.focus.join(' ').toLowerCase();
  const direction = /\bshort/.test(words) ? 'short_first' : /\blong/.test(words) ? 'long_first' : null;
  if (direction && !hasStep(recipe, 'sort_by_length'))
    found.push({
      kind: 'sort_by_length',
      strategy,
      title: `${direction === 'short_first' ? 'short' : 'long'} rows first`,
      hypothesis: `You asked to focus on ${clipUnits(words, 60)}; rows in order of length let the model learn these first.`,
      refutedBy: noGain(ground),
      recipe: withStep(recipe, { op: 'sort_by_length', direction }),
      trainings: [inOrder],
      prior: 0.15,
      tags: ['order', 'short', 'long', 'answers', 'length'],
    });
  return found;
}

/** Nodes that change the data and keep the parent's best training. */
export const dataCandidates = (ground: Ground): Candidate[] => [
  ...filters(ground),
  ...repeats(ground),
  ...evenness(ground),
  ...mixing(ground),
  ...ordering(ground),
];
