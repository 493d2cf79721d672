import { z } from 'zod';
import { trainingMethods } from '../../campaign/brief.ts';
import type { Proposal } from '../../campaign/proposal.ts';
import { methodOf, TrainingSettings } from '../../campaign/run-spec.ts';
import { strategies } from '../../campaign/states.ts';
import { describeRecipe, diffRecipes } from '../../recipe/describe.ts';
import { codeHash, codeName, PlainStep, pythonSteps, Recipe, type RecipeStep } from '../../recipe/recipe.ts';
import { cleanAnswer, withoutSecrets } from '../clean-text.ts';
import type { ProposalContext } from '../port.ts';
import type { ProposalGround } from '../prompts/propose-prompt.ts';
import { proposalKey } from '../proposal-key.ts';
import { isSafe, type Lessons, learnFromFailures } from '../rules/propose/lessons.ts';
import { allowedMethods } from '../rules/propose/propose.ts';
import { estimateRows, recipeOf } from '../rules/propose/recipe-edits.ts';
import {
  epochsFor,
  firstTraining,
  trainingChanges,
  withMethod,
  withRank,
} from '../rules/propose/settings.ts';
import { factorsBetween } from '../rules/propose/weigh.ts';

/** A node as a language model proposes it, with these steps: without the parts that the system owns. */
const answerWith = <Step extends z.ZodType>(step: Step) =>
  z.strictObject({
    hypothesis: z.string().min(1),
    strategy: z.enum(strategies),
    title: z.string().min(1),
    recipe: z.strictObject({
      inputs: z.array(z.strictObject({ source: z.string(), maxRows: z.int().positive().nullable() })).min(1),
      steps: z.array(step).max(20),
    }),
    trials: z
      .array(
        z.strictObject({
          method: z.enum(trainingMethods),
          loraRank: z.int().min(1).max(64).nullable(),
          /** For DPO and GRPO; null where completions are learned. */
          beta: z.number().min(0).max(10).nullable(),
          /** For GRPO. */
          generations: z.int().min(2).max(64).nullable(),
          learningRate: z.number().positive().max(1),
          schedule: z.enum(['cosine', 'linear', 'constant']),
          warmupRatio: z.number().min(0).max(0.9),
          weightDecay: z.number().min(0).max(10),
          batchSize: z.int().min(1).max(4096),
          epochs: z.number().positive().max(1000),
          order: z.enum(['shuffled', 'as_given']),
        }),
      )
      .min(1)
      .max(5),
    expectedGain: z
      .strictObject({ low: z.number().min(-1).max(1), high: z.number().min(-1).max(1) })
      .nullable(),
    refutedBy: z.string().min(1),
  });
const PlainAnswer = answerWith(PlainStep);
/** Its code may also be a name: the content is checked when the name is resolved. */
const AnsweredCode = z.strictObject({ op: z.literal('python_map'), purpose: z.string(), code: z.string() });
const AnswerWithCode = answerWith(z.discriminatedUnion('op', [...PlainStep.options, AnsweredCode]));
export type ProposalAnswer = z.infer<typeof AnswerWithCode>;

/** Without a sandbox, the schema does not even mention code to the model. */
export const proposalAnswer = ({ sandbox }: Pick<ProposalContext, 'sandbox'>): z.ZodType<ProposalAnswer> =>
  sandbox === null ? PlainAnswer : AnswerWithCode;

/** The choices below the parent that rules and failures leave; null when no method or no data is left. */
export function groundFor(context: ProposalContext): (ProposalGround & { lessons: Lessons }) | null {
  const { parent, brief, sources } = context;
  const methods = allowedMethods(context);
  const [first] = methods;
  if (first === undefined || sources.length === 0) return null;
  const recipe = parent.recipe ?? recipeOf(sources.map((s) => s.id));
  const rows = estimateRows(recipe, sources);
  const scope = { ...brief.scope, methods };
  const start = parent.training ?? firstTraining(context.defaultTraining, { ...brief, scope }, rows);
  const training = methods.includes(methodOf(start)) ? start : withMethod(start, first);
  const lessons = learnFromFailures(context);
  const rateLimits = methods.flatMap((m) => {
    const rate = lessons.rateBelow[m];
    return rate === null ? [] : [`Learning rates of ${rate} and above failed with ${m}; stay below.`];
  });
  const batchLimits =
    lessons.batchBelow === null
      ? []
      : [`Batches of ${lessons.batchBelow} and above ran out of memory; stay below.`];
  return {
    recipe,
    training,
    rows,
    methods,
    limits: [...rateLimits, ...batchLimits],
    maxTrials: Math.max(1, Math.min(5, Math.floor(context.maxTrials))),
    maxEpochs: 9 * epochsFor(rows),
    lessons,
  };
}

/**
 * A model's answer as a proposal, held to the same rules as the rules' own: known sources, allowed methods and
 * strategies, lessons of failures, nothing tried before. Problems are returned as sentences for the model.
 */
export function acceptProposal(
  answer: ProposalAnswer,
  context: ProposalContext,
  ground: ProposalGround & { lessons: Lessons },
): { value: Proposal } | { problems: string[] } {
  const { parent, steering } = context;
  const problems: string[] = [];
  if (steering.bannedStrategies.includes(answer.strategy))
    problems.push(`strategy: people have ruled out ${answer.strategy}`);
  const [title, hypothesis, refutedBy] = [
    cleanAnswer(answer.title, 60),
    cleanAnswer(answer.hypothesis, 400),
    cleanAnswer(answer.refutedBy, 240),
  ];
  if (title === '' || hypothesis === '' || refutedBy === '')
    problems.push('title, hypothesis and refutedBy must say something');
  const recipe: Recipe = {
    v: 1,
    inputs: answer.recipe.inputs,
    steps: answer.recipe.steps.map((step) => withCode(step, ground.recipe)),
    seed: ground.recipe.seed,
  };
  problems.push(...recipeProblems(recipe, context), ...codeProblems(recipe, context));
  const trainings = answer.trials.map((trial) => toTraining(trial, ground.training));
  const kept: TrainingSettings[] = [];
  const seen = new Set<string>();
  for (const [index, training] of trainings.entries()) {
    const problem = trialProblem({ training, recipe }, context, ground, seen);
    seen.add(proposalKey(recipe, training));
    if (problem === null) kept.push(training);
    else problems.push(`trials.${index}: ${problem}`);
  }
  // One trial that was tried before does not rule out the others.
  if (kept.length === 0 || problems.length > trainings.length - kept.length) return { problems };
  const trials = kept.slice(0, ground.maxTrials);
  return {
    value: {
      strategy: answer.strategy,
      title,
      hypothesis,
      recipe,
      recipeChanges:
        parent.recipe === null
          ? describeRecipe(recipe)
          : diffRecipes(parent.recipe, recipe).map((d) => d.text),
      trials: trials.map((training) => ({ training, changes: trainingChanges(parent.training, training) })),
      expectedGain: gainOf(answer.expectedGain),
      refutedBy,
      factors: [...new Set(trials.flatMap((training) => factorsBetween(parent, recipe, training)))],
    },
  };
}

/** Settings that the answer does not name stay as they are in the parent. */
function toTraining(trial: ProposalAnswer['trials'][number], base: TrainingSettings): TrainingSettings {
  const { method, loraRank, beta, generations, ...own } = trial;
  // The answer gives its own rate: only the kind of weights changes with the method.
  const moved = { ...withMethod(base, method, loraRank ?? 8), ...own };
  const rank = method === 'full' ? null : loraRank;
  const training = rank === null || rank === moved.lora?.rank ? moved : withRank(moved, rank);
  return training.objective === undefined
    ? training
    : { ...training, objective: withNumbers(training.objective, beta, generations) };
}

/** The objective is agreed in the brief, and so is the reward. */
function withNumbers(
  objective: NonNullable<TrainingSettings['objective']>,
  beta: number | null,
  generations: number | null,
): TrainingSettings['objective'] {
  const own = { ...objective, beta: beta ?? objective.beta };
  return own.kind === 'grpo' ? { ...own, generations: generations ?? own.generations } : own;
}

function recipeProblems(recipe: Recipe, { sources, brief }: ProposalContext): string[] {
  const parsed = Recipe.safeParse(recipe);
  if (!parsed.success)
    return parsed.error.issues.slice(0, 4).map((i) => `recipe.${i.path.join('.')}: ${i.message}`);
  const known = new Set(sources.map((s) => s.id));
  const used = recipe.inputs.map((i) => i.source);
  const problems = used
    .filter((id) => !known.has(id))
    .map((id) => `recipe.inputs: there is no source ${JSON.stringify(id.slice(0, 80))}`);
  if (new Set(used).size < used.length) problems.push('recipe.inputs: a source stands there twice');
  for (const step of recipe.steps) {
    if (step.op === 'last' && step.sources.some((id) => !used.includes(id)))
      problems.push('recipe.steps: "last" names a source that is no input');
    if (step.op === 'filter_length' && step.minCharacters > step.maxCharacters)
      problems.push('recipe.steps: filter_length keeps nothing');
    if (brief.scope.objective === 'dpo' && step.op.startsWith('synth_'))
      problems.push('recipe.steps: DPO learns from pairs, and made rows have no worse answer');
    // A secret from a row must not appear again as a pattern on a card.
    if (step.op === 'filter_regex' && withoutSecrets(step.pattern) !== step.pattern)
      problems.push('recipe.steps: a pattern must not hold a secret');
  }
  return problems;
}

/** A step whose code is a name of the parent's is the parent's step. */
function withCode(step: ProposalAnswer['recipe']['steps'][number], parent: Recipe): RecipeStep {
  if (step.op !== 'python_map') return step;
  const named = pythonSteps(parent).find(({ code }) => codeName(code) === step.code.trim());
  return named ?? { ...step, purpose: cleanAnswer(step.purpose, 200) };
}

/** Code must be new, or part of a recipe exactly as people approved it. */
function codeProblems(recipe: Recipe, { sandbox }: ProposalContext): string[] {
  const steps = pythonSteps(recipe);
  if (steps.length === 0) return [];
  if (sandbox === null) return ['recipe.steps: there is no python_map here'];
  const unseen = steps.filter((step) => !sandbox.approved.has(codeHash(step.code)));
  const problems = steps.flatMap((step) => {
    if (sandbox.refused.has(codeHash(step.code)))
      return ['recipe.steps: people have rejected this code, or it has failed; do without it'];
    // A secret from a row must not appear again on a card.
    return [step.code, step.purpose].some((text) => withoutSecrets(text) !== text)
      ? ['recipe.steps: code must not hold a secret']
      : [];
  });
  if (steps.length > 2) problems.push('recipe.steps: at most two python_map');
  if (unseen.length > 1) problems.push('recipe.steps: at most one piece of new code in a node');
  if (unseen.length > 0 && !sandbox.takesNew) problems.push('recipe.steps: no new code now');
  return problems;
}

function trialProblem(
  { training, recipe }: { training: TrainingSettings; recipe: Recipe },
  context: ProposalContext,
  ground: ProposalGround & { lessons: Lessons },
  seen: ReadonlySet<string>,
): string | null {
  const parsed = TrainingSettings.safeParse(training);
  if (!parsed.success) return parsed.error.issues[0]?.message ?? 'not valid';
  if (!allowedMethods(context).includes(methodOf(training)))
    return `${methodOf(training)} is not allowed here`;
  const { objective } = training;
  if (objective?.kind === 'grpo' && training.batchSize % objective.generations !== 0)
    return `the batch counts answers: make it a multiple of ${objective.generations} generations`;
  if (!isSafe(training, ground.lessons))
    return `earlier runs failed at such settings. ${ground.limits.join(' ')}`;
  const maxEpochs = Math.max(ground.maxEpochs, 9 * epochsFor(estimateRows(recipe, context.sources)));
  if (training.epochs > maxEpochs) return `${training.epochs} epochs are too many; at most ${maxEpochs}`;
  const key = proposalKey(recipe, training);
  const { parent } = context;
  const isParent =
    parent.recipe !== null && parent.training !== null && proposalKey(parent.recipe, parent.training) === key;
  if (isParent || context.tried.has(key))
    return 'exactly this recipe and training were tried before; change something';
  return seen.has(key) ? 'the same as another trial' : null;
}

const gainOf = (gain: ProposalAnswer['expectedGain']): Proposal['expectedGain'] =>
  gain === null ? null : { low: Math.min(gain.low, gain.high), high: Math.max(gain.low, gain.high) };
