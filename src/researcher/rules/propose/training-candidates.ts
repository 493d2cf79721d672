import { maxGeneralLossRise } from '../../../campaign/guard.ts';
import { methodOf, type TrainingSettings } from '../../../campaign/run-spec.ts';
import { methodNames } from '../../../campaign/training-support.ts';
import { numberText, percentText } from '../../../lib/text.ts';
import { type Candidate, distinctText, type Ground } from './candidate.ts';
import { estimateRows, usesSource, withSource } from './recipe-edits.ts';
import { epochsFor, fitBatch, formatRate, roundRate, withMethod, withRank } from './settings.ts';

const strategy = 'adjust_training_scheme' as const;

/** The next of 1, 2, 5, 10: about a third of a decade, since half a decade up often forgets too much. */
function neighbourRate(rate: number, up: boolean): number {
  const decade = 10 ** Math.floor(Math.log10(rate) + 1e-9);
  const mantissa = rate / decade;
  const steps = up ? [2, 5, 10, 20] : [5, 2, 1, 0.5];
  const next = steps.find((s) => (up ? s > mantissa * 1.2 : s < mantissa / 1.2)) ?? (up ? 10 : 0.5);
  return roundRate(next * decade);
}
const rateUp = (rate: number): number => neighbourRate(rate, true);
const rateDown = (rate: number): number => neighbourRate(rate, false);

/** Rise of the loss on general text over the base model's: how much was forgotten; null when not measured. */
function forgotten({ context }: Ground): number | null {
  const { view } = context.parent;
  const best = view.trials[view.bestTrial ?? -1];
  if (best?.generalLoss == null || best.baseGeneralLoss == null) return null;
  return best.generalLoss - best.baseGeneralLoss;
}

type Drafts = (Omit<Candidate, 'recipe' | 'strategy' | 'refutedBy'> & { refutedBy?: string })[];

function drafts(ground: Ground): Drafts {
  const { training: t, rows, context } = ground;
  const value = context.parent.view.score?.value ?? 0;
  const lost = forgotten(ground);
  // Two thirds of what the guard allows.
  const forgets = lost !== null && lost > maxGeneralLossRise * 0.66;
  const seen = rows * t.epochs;
  const up = rateUp(t.learningRate);
  const down = rateDown(t.learningRate);
  const smaller = fitBatch({ ...t, batchSize: Math.max(4, Math.floor(t.batchSize / 2)) }).batchSize;
  const where = `#${context.parent.view.number}`;
  const found: Drafts = [
    {
      kind: 'rate',
      title: (trials) => `learning rate ${distinctText(trials.map((s) => formatRate(s.learningRate)))}`,
      hypothesis: `${where} ran at ${formatRate(t.learningRate)}; a step to either side shows on which side the best rate lies${forgets ? ', and a lower one should also forget less' : ''}.`,
      trainings: forgets
        ? [
            { ...t, learningRate: down },
            { ...t, learningRate: rateDown(down) },
          ]
        : [
            { ...t, learningRate: up },
            { ...t, learningRate: down },
          ],
      prior: 0.42,
      tags: ['rate', 'learning', 'training'],
    },
    {
      kind: 'batch',
      title: (trials) =>
        `batch ${smaller} at rate ${distinctText(trials.map((s) => formatRate(s.learningRate)))}`,
      hypothesis: `With about ${Math.max(1, Math.round(seen / t.batchSize))} steps in ${where}, a smaller batch gives more steps for the same passes; at half the rate it should also forget less.`,
      trainings:
        t.objective !== undefined && smaller >= t.batchSize
          ? []
          : [
              { ...t, batchSize: smaller },
              { ...t, batchSize: smaller, learningRate: roundRate(t.learningRate / 2) },
            ],
      prior: t.batchSize > 8 ? 0.5 : 0.1,
      tags: ['batch', 'steps', 'training', 'forgetting'],
    },
    {
      kind: 'epochs',
      title: (trials) => `${distinctText(trials.map((s) => s.epochs))} epochs`,
      hypothesis: `${where} saw about ${numberText(seen)} rows in ${t.epochs} epoch${t.epochs === 1 ? '' : 's'} and stands at ${value.toFixed(2)}; more passes should help as long as it has not learned them by heart.`,
      trainings: [2, 3]
        .map((f) => ({ ...t, epochs: t.epochs * f }))
        .filter((s) => s.epochs <= 6 * epochsFor(rows)),
      prior: seen < 15_000 ? 0.38 : 0.2,
      tags: ['epochs', 'longer', 'passes', 'training'],
    },
    {
      kind: 'regularise',
      title: (trials) =>
        trials
          .map((s) =>
            s.weightDecay === t.weightDecay
              ? `warm-up ${percentText(s.warmupRatio)}`
              : `weight decay ${s.weightDecay}`,
          )
          .join(', then '),
      hypothesis: forgets
        ? `${where} forgot ${lost?.toFixed(2)} of general loss; more weight decay or a gentler start should hold it back.`
        : `A stronger pull to small weights or a gentler start may help ${where} on what it has not seen.`,
      trainings: [
        { ...t, weightDecay: t.weightDecay >= 0.1 ? 0.3 : 0.1 },
        { ...t, warmupRatio: t.warmupRatio >= 0.1 ? 0.3 : 0.1 },
      ],
      prior: forgets ? 0.3 : 0.14,
      tags: ['decay', 'warm-up', 'forgetting', 'training'],
    },
    {
      kind: 'schedule',
      title: `${t.schedule === 'cosine' ? 'linear' : 'cosine'} schedule`,
      hypothesis: `The rate of ${where} falls along a ${t.schedule} curve; another curve spends more steps at a useful rate.`,
      trainings: [{ ...t, schedule: t.schedule === 'cosine' ? 'linear' : 'cosine' }],
      prior: 0.08,
      tags: ['schedule', 'training'],
    },
  ];
  found.push(...methodDrafts(ground, forgets), ...objectiveDrafts(ground));
  return found;
}

/** Other methods than the parent's, and more capacity of its own. */
function methodDrafts({ training: t, context }: Ground, forgets: boolean): Drafts {
  const value = context.parent.view.score?.value ?? 0;
  const where = `#${context.parent.view.number}`;
  if (t.method === 'full')
    return (['lora', 'qlora'] as const).map((method) => {
      const adapters = withMethod(t, method, 8);
      return {
        kind: `method_${method}`,
        title: (trials) =>
          `${methodNames[method]} rank 8 at rate ${distinctText(trials.map((s) => formatRate(s.learningRate)))}`,
        hypothesis: `${methodNames[method]} changes little of the model and so forgets less; it wants a few times the rate of ${where}.`,
        trainings: [adapters, { ...adapters, learningRate: roundRate(adapters.learningRate / 2) }],
        prior: (forgets ? 0.4 : 0.26) - (method === 'qlora' ? 0.1 : 0),
        tags: [method, 'adapter', 'forgetting', 'method'],
      };
    });
  const rank = t.lora?.rank ?? 8;
  const name = methodNames[methodOf(t)];
  const other = methodOf(t) === 'lora' ? 'qlora' : 'lora';
  const ranks = forgets ? [] : [rank * 2, rank * 4].filter((r) => r <= 64);
  return [
    ...(ranks.length === 0
      ? []
      : [
          {
            kind: 'rank',
            title: (trials: TrainingSettings[]) =>
              `${name} rank ${distinctText(trials.map((s) => s.lora?.rank ?? 0))}`,
            hypothesis: `Rank is what ${name} can hold; ${where} with rank ${rank} stands at ${value.toFixed(2)} and may need more.`,
            trainings: ranks.map((r) => withRank(t, r)),
            prior: 0.4,
            tags: ['lora', 'rank', 'capacity'],
          },
        ]),
    {
      kind: 'method_full',
      title: 'full fine-tuning at a fifth of the rate',
      hypothesis: `Full fine-tuning can change more than ${name} of rank ${rank}; it wants about a fifth of the rate.`,
      trainings: [withMethod(t, 'full')],
      prior: 0.3,
      tags: ['full', 'method', 'capacity'],
    },
    {
      kind: `method_${other}`,
      title: `${methodNames[other]} with the same settings`,
      hypothesis:
        other === 'lora'
          ? `The base of ${where} was rounded to 4 bits; LoRA on the whole base may be worth its memory.`
          : `The base in 4 bits takes a quarter of its memory; ${where} tells what that costs in score.`,
      trainings: [withMethod(t, other)],
      prior: other === 'lora' ? 0.22 : 0.12,
      tags: [other, 'method', 'memory'],
    },
  ];
}

/** At most this many answers in a step: the largest batch that settings allow. */
const maxAnswers = 4096;

/** Knobs of DPO and GRPO alone: how near to the base, and how many answers are compared. */
function objectiveDrafts({ training: t, context }: Ground): Drafts {
  const { objective } = t;
  const where = `#${context.parent.view.number}`;
  if (objective === undefined) return [];
  const betas = objective.beta === 0 ? [0.01, 0.04] : [objective.beta * 3, roundRate(objective.beta / 3)];
  const beta: Drafts[number] = {
    kind: 'beta',
    title: (trials) => `beta ${distinctText(trials.map((s) => s.objective?.beta ?? 0))}`,
    hypothesis:
      objective.beta === 0
        ? `Nothing holds ${where} near the base; a little weight on that should cost it less of what the base can do.`
        : `Beta ${objective.beta} is how hard ${where} is held near the base; a step to either side shows what suits these answers.`,
    trainings: betas.map((b) => ({ ...t, objective: { ...objective, beta: roundRate(b) } })),
    prior: objective.kind === 'dpo' ? 0.45 : 0.2,
    tags: ['beta', 'preference', 'forgetting', 'training'],
  };
  if (objective.kind !== 'grpo') return [beta];
  const { generations } = objective;
  const numbers = [generations * 2, generations / 2].filter((n) => n >= 4 && n <= 32);
  return [
    beta,
    {
      kind: 'generations',
      title: (trials) =>
        `${distinctText(trials.map((s) => (s.objective?.kind === 'grpo' ? s.objective.generations : 0)))} answers a prompt`,
      hypothesis: `GRPO learns where the answers to a prompt differ in reward; with ${generations} of them in ${where}, more find rarer right ones, and fewer leave time for more prompts.`,
      trainings: numbers.map((n) => ({
        ...t,
        // As many prompts a step as before.
        batchSize: Math.min(maxAnswers, Math.max(n, Math.round((t.batchSize / generations) * n))),
        objective: { ...objective, generations: n },
      })),
      prior: 0.4,
      tags: ['generations', 'answers', 'reward', 'training'],
    },
  ];
}

/** A bigger node against lacking coverage: every fitting source with all rows, three times the passes, two rates. */
function coverage(ground: Ground): Candidate[] {
  const { context, sources, evidence, training } = ground;
  const fitting = sources.filter((s) => s.quality !== 'unrelated' && s.quality !== 'repeated');
  let { recipe } = ground;
  for (const { source } of fitting)
    if (
      !usesSource(recipe, source.id) ||
      recipe.inputs.some((i) => i.source === source.id && i.maxRows !== null)
    )
      recipe = withSource(recipe, source.id);
  const rows = estimateRows(recipe, context.sources);
  const value = context.parent.view.score?.value ?? 0;
  const left = context.budgetLeftSeconds;
  // Late enough to know which coverage is lacking, and with something left to gain and to spend.
  if (context.path.length < 3 || value < 0.2 || value > 0.98 || (left !== null && left < 120)) return [];
  const usual = epochsFor(rows);
  const epochs = Math.min(Math.max(training.epochs, usual) * 3, 9 * usual);
  if (epochs < training.epochs * 1.5) return [];
  const longer: TrainingSettings = { ...training, epochs };
  const concentrated = ground.worstShare >= 0.3 ? ground.worstShare : 0;
  const all = numberText(rows);
  return [
    {
      kind: 'coverage',
      strategy: recipe === ground.recipe ? strategy : 'refine_data_pipeline',
      title: `${epochs} epochs on all ${all} rows`,
      hypothesis: ground.worstForm
        ? `${percentText(ground.worstShare)} of the remaining mistakes are in "${ground.worstForm}", which the rows seen so far hardly cover; more passes over all ${all} rows reach them.`
        : `More passes over all ${all} rows cover what was seen too rarely so far.`,
      refutedBy: ground.worstForm
        ? `no gain on "${ground.worstForm}"`
        : 'no gain over the parent on the same items',
      recipe,
      trainings: [longer, { ...longer, learningRate: roundRate(training.learningRate / 2) }],
      prior: 0.2 + 0.3 * evidence.rareShare + 0.2 * concentrated,
      tags: ['coverage', 'more', 'epochs', 'rare', 'data', 'longer'],
    },
  ];
}

/** Nodes that keep the data and vary one knob of the training around the parent's best. */
export const trainingCandidates = (ground: Ground): Candidate[] => [
  ...drafts(ground).map(
    (draft) =>
      ({
        refutedBy: `no trial beats #${ground.context.parent.view.number} on the same items`,
        ...draft,
        strategy,
        recipe: ground.recipe,
      }) satisfies Candidate,
  ),
  ...coverage(ground),
];
