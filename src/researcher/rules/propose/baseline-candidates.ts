import { type TrainingMethod, trainingMethods } from '../../../campaign/brief.ts';
import { methodOf } from '../../../campaign/run-spec.ts';
import type { Strategy } from '../../../campaign/states.ts';
import { methodNames } from '../../../campaign/training-support.ts';
import { clipUnits, numberText, percentText } from '../../../lib/text.ts';
import type { Candidate, Ground } from './candidate.ts';
import { estimateRows, recipeOf } from './recipe-edits.ts';
import { epochsFor, formatRate, roundRate, withMethod } from './settings.ts';
import { shortTitle } from './sources.ts';

const merits: Record<TrainingMethod, string> = {
  full: 'can change more',
  lora: 'forgets less',
  qlora: 'forgets less and takes a quarter of the memory for the base',
};

/** First trainings below the untrained root: one per fitting source, the best of them first, then variants. */
export function baselineCandidates(ground: Ground): Candidate[] {
  const { context, sources, training, evidence } = ground;
  const banned = context.steering.bannedStrategies;
  const order: Strategy[] = ['establish_baseline', 'adjust_training_scheme', 'refine_data_pipeline'];
  const strategy = order.find((s) => !banned.includes(s)) ?? 'establish_baseline';
  const seed = ground.recipe.seed;
  const fitting = sources.filter((s) => s.quality !== 'unrelated');
  const usable = fitting.length > 0 ? fitting : sources;
  const base = { strategy, refutedBy: 'no gain over the untrained model', tags: ['baseline'] };
  const found: Candidate[] = usable.slice(0, 4).map(({ source, fit }, index) => {
    const epochs = epochsFor(source.rows);
    const rate = formatRate(training.learningRate);
    return {
      ...base,
      kind: `baseline ${source.id}`,
      title: clipUnits(`baseline: ${shortTitle(source)}`, 60),
      hypothesis: `A plain ${{ full: 'full', lora: 'LoRA', qlora: 'QLoRA' }[methodOf(training)]} fine-tuning on all ${numberText(source.rows)} rows of "${shortTitle(source)}" (${epochs} epoch${epochs === 1 ? '' : 's'}, rate ${rate}) shows what the data gives without any care.`,
      recipe: recipeOf([source.id], seed),
      trainings: [{ ...training, epochs }],
      prior: index === 0 ? 2 : 0.2 + 0.5 * fit,
    };
  });
  const good = usable.filter((s) => s.quality !== 'repeated');
  if (good.length > 1) {
    const recipe = recipeOf(
      good.map((s) => s.source.id),
      seed,
    );
    const rows = estimateRows(recipe, context.sources);
    found.push({
      ...base,
      kind: 'baseline all',
      title: 'baseline: all sources together',
      hypothesis: `All fitting sources together hold ${numberText(rows)} rows; more forms are covered than by any of them alone.`,
      recipe,
      trainings: [{ ...training, epochs: epochsFor(rows) }],
      prior: 0.75 + 0.2 * evidence.rareShare,
      tags: ['baseline', 'mix', 'coverage'],
    });
  }
  const first = found[0];
  if (!first?.trainings[0]) return found;
  const settings = first.trainings[0];
  found.push({
    ...first,
    kind: 'baseline batch',
    title: 'baseline with batch 8 and half the rate',
    hypothesis: 'Smaller batches take more steps over the same rows; at half the rate they forget less.',
    trainings: [
      { ...settings, batchSize: 8 },
      { ...settings, batchSize: 8, learningRate: roundRate(settings.learningRate / 2) },
    ],
    prior: 0.5,
  });
  found.push({
    ...first,
    kind: 'baseline rate',
    title: `baseline at rate ${formatRate(roundRate(settings.learningRate / 3))}`,
    hypothesis: `A third of the rate, in case ${formatRate(settings.learningRate)} is too high here.`,
    trainings: [{ ...settings, learningRate: roundRate(settings.learningRate / 3) }],
    prior: 0.2,
  });
  for (const other of trainingMethods.filter((method) => method !== methodOf(settings)))
    found.push({
      ...first,
      kind: `baseline ${other}`,
      title: `baseline with ${methodNames[other]}`,
      hypothesis: `The same rows with ${methodNames[other]}, which ${merits[other]}.`,
      trainings: [withMethod(settings, other)],
      prior: other === 'qlora' || methodOf(settings) === 'qlora' ? 0.2 : 0.45,
      tags: ['baseline', other],
    });
  if (evidence.pattern)
    found.push({
      ...first,
      kind: 'baseline pattern',
      title: 'baseline without rows that break the pattern',
      hypothesis: `${percentText(evidence.pattern.dropShare)} of the sampled completions are not of the form ${evidence.pattern.shapes[0]}; a baseline without them.`,
      recipe: { ...first.recipe, steps: [{ op: 'filter_shape', shapes: evidence.pattern.shapes }] },
      prior: 0.3,
      tags: ['baseline', 'noise', 'filter', 'pattern'],
    });
  return found;
}
