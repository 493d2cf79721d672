import type { Findings } from '../../campaign/findings.ts';
import { methodOf, type TrainingSettings } from '../../campaign/run-spec.ts';
import { codeName, type Recipe, type RecipeStep } from '../../recipe/recipe.ts';
import { mistakeKinds } from '../../scoring/mistakes.ts';
import { cleanLine } from '../clean-text.ts';
import { condense } from '../memory/condense.ts';
import type { ProposalContext } from '../port.ts';
import { data, fencePrompt } from './fence.ts';
import { itemLine, rowLine } from './item-text.ts';
import { fitLines, withinTokens } from './share-out.ts';

/** The starting point of the node, and what is allowed in it. */
export interface ProposalGround {
  recipe: Recipe;
  training: TrainingSettings;
  /** Rows that the recipe gives, about. */
  rows: number;
  methods: string[];
  /** Settings that failures have ruled out, each a sentence of ours. */
  limits: string[];
  maxTrials: number;
  maxEpochs: number;
}

const instructions = `You plan fine-tuning experiments on a small budget. The search is a tree: every node starts from a parent node and changes something; its score is a metric in [0, 1], higher is better, on search items that are never trained on. A node is one data recipe and one or more training configurations (trials) of it.

Plan the next node below the given parent:
- Test one idea that the evidence supports: what the failing items have in common, what the rows look like, what earlier nodes and lessons show. Do not repeat a node that is listed.
- Say in the hypothesis what the evidence is and what should happen. Say what result would refute it.
- Trials of a node share the recipe and vary what you are least sure of.
- Keep what works: change little at a time, so that the result can be read.
- Expected gain is an honest interval on the metric, or null when there is nothing to go by.

Strategies: establish_baseline (only below the untrained root), refine_data_pipeline, construct_synthetic_data, adjust_training_scheme.

A recipe names inputs (a source and maxRows, null for all) and up to 20 steps, run in order over all rows:
filter_length {minCharacters, maxCharacters}; filter_shape {shapes}: keeps completions of these shapes, where a run of digits is 9s, letters are a or A and punctuation is itself; filter_regex {pattern, on: prompt|completion}: keeps what matches, JavaScript with flag u, no nested repetition; filter_conflicts {keepShare 0.5 to 1}: of prompts with different completions keeps the majority above that share; filter_copies: drops completions that only copy the prompt; dedup_exact; dedup_near {similarity 0.5 to 0.99}; balance {by: completion|prompt_shape, maxRepeat 1 to 20}; sample {rows}; last {sources}: these rows last, needs order as_given; sort_by_length {direction: short_first|long_first}; synth_swap_spans {rows}: new rows by exchanging copied names and numbers; synth_surface {rows}: new rows in other letter case and spacing.
Decontamination against the evaluation items always runs after the last step.

A trial has method (full, lora, or qlora, which is lora on a base in 4 bits), loraRank (1 to 64, null for full), beta and generations (of the objective, null without one), learningRate, schedule (cosine, linear, constant), warmupRatio (0 to 0.9), weightDecay, batchSize, epochs, order (shuffled, as_given). LoRA wants about five times the rate of full fine-tuning. A run that forgets too much (general loss more than 1 above the base model's) cannot win.

Title: at most 60 characters, what changes. Hypothesis and refutedBy: at most two sentences each.`;

/** Only where there is a sandbox. */
const pythonInstructions = `python_map {purpose, code}: the last resort, for what no step above can do. Python 3 with its standard library that defines map_row(row): it gets a dict with prompt and completion and returns a dict, a list of at most 20 dicts, or None to drop the row. It runs in a sandbox without network or files, a row after the other, and must give the same rows each time. A person reads all of it and decides whether it ever runs, which may take hours: keep it short and plain. purpose is one sentence for that person. ASCII only, no backticks (write \\x60), no tabs, lines of at most 160 characters, at most 4,000 in all. At most one piece of new code in a node. Code of the parent is shown by a name such as #1f3a9c02; write the name as code to keep it.`;

const shares = {
  goal: 0.06,
  sources: 0.08,
  base: 0.1,
  memory: 0.28,
  focus: 0.03,
  findings: 0.08,
  rows: 0.13,
  failing: 0.23,
};

/** The prompt for the next node, at most `mostTokens` estimated tokens however large the tree is. Pure. */
export function proposePrompt(
  context: ProposalContext,
  ground: ProposalGround,
  maxTokens: number,
): { system: string; user: string } {
  const { brief, parent, steering } = context;
  const number = parent.view.number;
  return withinTokens(maxTokens, shares, (limits) => {
    const { text, rule } = fencePrompt([
      `Metric: ${brief.metric}${brief.target === null ? '' : `, target ${brief.target}`}. Base model: ${cleanLine(brief.scope.baseModel, 60)}, at most ${brief.scope.maxSequenceTokens} tokens a row.`,
      data('what people want', fitLines([cleanLine(brief.goal, 1200)], limits.goal), 1200),
      data(
        'sources of rows: id, rows, what is known',
        fitLines(
          context.sources.map(
            (s) => `${cleanLine(s.id, 100)}, ${s.rows} rows: ${cleanLine(`${s.title}; ${s.note}`, 120)}`,
          ),
          limits.sources,
        ),
        20_000,
      ),
      parent.recipe === null
        ? 'The parent is the untrained base model. A plain start from here:'
        : `The parent is #${number}. It was made with:`,
      data('recipe and training of the parent', fitLines(baseLines(ground), limits.base), 20_000),
      data('the tree so far', condense(context, limits.memory), 40_000),
      data('a sample of rows', fitLines(context.sampleRows.map(rowLine), limits.rows), 40_000),
      `Items that ${parent.training === null ? 'the untrained model' : `#${number}`} fails:`,
      data('failing items', failingText(context, limits.failing), 40_000),
      ...(context.findings === null
        ? []
        : [
            'What others have published about such tasks, on other models and data:',
            data('findings', fitLines(findingLines(context.findings), limits.findings), 20_000),
          ]),
      ...(steering.focus.length > 0
        ? [
            'People prefer nodes about:',
            data(
              'wishes',
              fitLines(
                steering.focus.map((f) => cleanLine(f, 120)),
                limits.focus,
              ),
              1000,
            ),
          ]
        : []),
      [
        `Methods allowed: ${ground.methods.join(', ')}.`,
        ...objectiveLines(ground.training),
        ...(steering.bannedStrategies.length > 0
          ? [`Strategies people have ruled out: ${steering.bannedStrategies.join(', ')}.`]
          : []),
        ...wishesOf(steering),
        ...ground.limits,
        `The recipe of the parent gives about ${ground.rows} rows.${parent.training === null || parent.expectedSeconds === null ? '' : ` Its ${parent.view.trials.length === 1 ? 'trial' : 'trials'} took about ${Math.round(parent.expectedSeconds)} s; time grows with rows times epochs.`}`,
        `At most ${ground.maxTrials} trials, ${ground.maxEpochs} epochs each.`,
        ...(context.budgetLeftSeconds === null
          ? []
          : [
              `Compute left: ${Math.round(context.budgetLeftSeconds)} s; the nodes after this one need some of it.`,
            ]),
        ...(context.sandbox !== null && !context.sandbox.takesNew
          ? ['No new code now: people are being asked about enough, or have said no to it.']
          : []),
        `Propose the next node below #${number}.`,
      ].join('\n'),
    ]);
    const parts = context.sandbox === null ? [instructions] : [instructions, pythonInstructions];
    return { system: [...parts, rule].join('\n\n'), user: text };
  });
}

/** A line for each paper and model: what it states, and the recipe that the same source gives. */
function findingLines({ papers, models }: Findings): string[] {
  return [...papers, ...models].map((finding) => {
    const name = finding.kind === 'paper' ? finding.title : finding.id;
    const { methods, settings, baseModels } = finding.recipe;
    const recipe = [...baseModels, ...methods, ...settings].join(', ');
    return `${cleanLine(name, 100)}: "${cleanLine(finding.quote, 240)}"${recipe === '' ? '' : `; ${cleanLine(recipe, 160)}`}`;
  });
}

/** The objective, where it is another than learning the completions; agreed in the brief. */
function objectiveLines({ objective }: TrainingSettings): string[] {
  switch (objective?.kind) {
    case 'dpo':
      return [
        'All runs train with DPO on pairs of a better and a worse answer: beta is how hard they are held near the base model, rates lie near 1e-6 (5e-6 with adapters), and steps that make rows cannot be used.',
      ];
    case 'grpo':
      return [
        'All runs train with GRPO, rewarded by the metric: generations answers to every prompt are compared, batchSize counts answers and is a multiple of generations, beta is how hard they are held near the base model, and rates lie near 1e-6 (5e-6 with adapters).',
      ];
    case undefined:
      return [];
  }
}

/** At most this many pinned and banned nodes are named, the latest. */
const maxNamed = 12;

/** Steering in our own words: strategies are names of ours, sources are named by id and checked. */
function wishesOf(steering: ProposalContext['steering']): string[] {
  const { weights = {}, sources = [], pinnedNodes = [], bannedNodes = [] } = steering;
  const names = (nodes: number[]): string =>
    nodes
      .slice(-maxNamed)
      .map((n) => `#${n}`)
      .join(', ');
  const wanted = Object.entries(weights).map(
    ([strategy, weight]) => `${strategy} ${weight} times as much as usual`,
  );
  return [
    ...(wanted.length > 0 ? [`People want ${wanted.join(', ')}.`] : []),
    ...(sources.length > 0
      ? [`People want nodes that use ${JSON.stringify(sources.map((id) => cleanLine(id, 100)))}.`]
      : []),
    ...(pinnedNodes.length > 0 ? [`People want more grown from ${names(pinnedNodes)}.`] : []),
    ...(bannedNodes.length > 0
      ? [`People have given up ${names(bannedNodes)} and what grew from there: do not take that up again.`]
      : []),
  ];
}

function baseLines({ recipe, training }: ProposalGround): string[] {
  const { lora, objective, learningRate, schedule, warmupRatio, weightDecay, batchSize, epochs, order } =
    training;
  const settings = {
    method: methodOf(training),
    loraRank: lora?.rank ?? null,
    beta: objective?.beta ?? null,
    generations: objective?.kind === 'grpo' ? objective.generations : null,
    learningRate,
    schedule,
    warmupRatio,
    weightDecay,
    batchSize,
    epochs,
    order,
  };
  return [
    `training ${JSON.stringify(settings)}`,
    `inputs ${JSON.stringify(recipe.inputs)}`,
    ...recipe.steps.map((step) => `step ${JSON.stringify(withCodeName(step))}`),
  ];
}

/** Code is long and must be repeated verbatim or not at all, so the prompt refers to it by name. */
const withCodeName = (step: RecipeStep): RecipeStep =>
  step.op === 'python_map' ? { ...step, code: codeName(step.code) } : step;

function failingText({ failing }: ProposalContext, maxTokens: number): string {
  const kinds = mistakeKinds(failing)
    .slice(0, 6)
    .map((k) => `${k.count} x ${cleanLine(k.kind, 100)}`);
  return fitLines([...kinds, ...failing.map(itemLine)], maxTokens);
}
