import { type TrainingMethod, trainingMethods } from '../../../campaign/brief.ts';
import type { Proposal } from '../../../campaign/proposal.ts';
import { methodOf, type TrainingSettings } from '../../../campaign/run-spec.ts';
import { unitHash } from '../../../lib/hash.ts';
import { clipUnits } from '../../../lib/text.ts';
import { describeRecipe, diffRecipes } from '../../../recipe/describe.ts';
import { byPromptShape } from '../../../scoring/prompt-forms.ts';
import type { ProposalContext } from '../../port.ts';
import { proposalKey } from '../../proposal-key.ts';
import { baselineCandidates } from './baseline-candidates.ts';
import { type Candidate, type Ground, titleOf } from './candidate.ts';
import { dataCandidates } from './data-candidates.ts';
import { gatherEvidence } from './evidence.ts';
import { isSafe, learnFromFailures } from './lessons.ts';
import { estimateRows, recipeOf } from './recipe-edits.ts';
import { firstTraining, fitBatch, trainingChanges, withMethod } from './settings.ts';
import { judgeSources } from './sources.ts';
import { syntheticCandidates } from './synthetic-candidates.ts';
import { trainingCandidates } from './training-candidates.ts';
import { expectedGain, factorsBetween, knownMerit, weigh } from './weigh.ts';

const maxTrials = 5;
/** At most this many children of the untrained root. */
const maxStarts = 3;
/** Candidates this close to the best count as equal: the seed decides. */
const nearlyEqual = 0.06;

export function allowedMethods({ brief, steering }: ProposalContext): TrainingMethod[] {
  return trainingMethods.filter(
    (m) => brief.scope.methods.includes(m) && !steering.bannedMethods.includes(m),
  );
}

function candidateContextOf(context: ProposalContext, methods: TrainingMethod[]): Ground | null {
  const sources = judgeSources(context);
  const first = sources[0];
  if (!first) return null;
  const { parent } = context;
  const recipe = parent.recipe ?? recipeOf([first.source.id]);
  const rows = estimateRows(recipe, context.sources);
  const start =
    parent.training ??
    firstTraining(
      context.defaultTraining,
      { ...context.brief, scope: { ...context.brief.scope, methods } },
      rows,
    );
  const method = methods.includes(methodOf(start)) ? methodOf(start) : methods[0];
  if (!method) return null;
  const training = {
    ...(method === methodOf(start) ? start : withMethod(start, method)),
    maxSequenceTokens: context.brief.scope.maxSequenceTokens,
  };
  const worst = byPromptShape(context.failing.map((f) => ({ prompt: f.prompt, failed: true })))[0];
  return {
    context,
    evidence: gatherEvidence(context, recipe),
    lessons: learnFromFailures(context),
    sources,
    recipe,
    training,
    rows,
    worstForm: worst ? clipUnits(worst.form, 50) : null,
    worstShare: worst?.shareOfFailures ?? 0,
  };
}

/** Settings adapted to the lessons of failures: a lower rate, a smaller batch. Null when nothing is left. */
function madeSafe(training: TrainingSettings, ground: Ground): TrainingSettings | null {
  const { rateBelow, batchBelow } = ground.lessons;
  const rate = rateBelow[methodOf(training)];
  const batchSize =
    batchBelow !== null && training.batchSize >= batchBelow ? Math.floor(batchBelow / 2) : training.batchSize;
  const learningRate =
    rate !== null && training.learningRate >= rate
      ? Number((Math.min(training.learningRate, rate) / 10).toPrecision(2))
      : training.learningRate;
  const safe = fitBatch({ ...training, batchSize, learningRate });
  return batchSize >= 1 && isSafe(safe, ground.lessons) ? safe : null;
}

interface Option {
  candidate: Candidate;
  trainings: TrainingSettings[];
  factorSets: string[][];
  merit: number;
}

/** A candidate's trials that are allowed, safe and new, the most promising first; null when none is left. */
function optionOf(candidate: Candidate, ground: Ground, methods: TrainingMethod[]): Option | null {
  const { context } = ground;
  if (context.steering.bannedStrategies.includes(candidate.strategy)) return null;
  if (candidate.recipe.inputs.length === 0 || candidate.recipe.steps.length > 20) return null;
  const most = Math.max(1, Math.min(maxTrials, Math.floor(context.maxTrials)));
  const seen = new Set<string>();
  const trials = candidate.trainings
    .filter((t) => methods.includes(methodOf(t)))
    .map((t) => madeSafe(t, ground))
    .filter((t) => t !== null)
    .filter((t) => {
      const key = proposalKey(candidate.recipe, t);
      if (seen.has(key) || context.tried.has(key) || isUnchanged(candidate, t, ground)) return false;
      seen.add(key);
      return true;
    })
    .map((training) => {
      const factors = factorsBetween(context.parent, candidate.recipe, training);
      return { training, factors, merit: knownMerit(factors, ground) };
    });
  // Trials that have clearly failed are left out while others are left.
  const best = Math.max(...trials.map((t) => t.merit));
  const kept = trials.filter((t) => t.merit > best - 0.4).slice(0, most);
  if (kept.length === 0) return null;
  const factorSets = kept.map((t) => t.factors);
  return {
    candidate,
    trainings: kept.map((t) => t.training),
    factorSets,
    merit: weigh(candidate, factorSets, ground),
  };
}

function isUnchanged(candidate: Candidate, training: TrainingSettings, { context }: Ground): boolean {
  const { recipe, training: before } = context.parent;
  return (
    recipe !== null &&
    before !== null &&
    proposalKey(candidate.recipe, training) === proposalKey(recipe, before)
  );
}

function choose(options: Option[], seed: number): Option | null {
  const best = Math.max(...options.map((o) => o.merit));
  const near = options.filter((o) => o.merit >= best - nearlyEqual);
  const drawn = near.map((o) => ({ o, at: unitHash(`${seed}/${o.candidate.kind}`) }));
  return drawn.sort((a, b) => b.at - a.at)[0]?.o ?? null;
}

function proposalFrom({ candidate, trainings, factorSets }: Option, context: ProposalContext): Proposal {
  const { parent, effects } = context;
  const { recipe } = candidate;
  return {
    strategy: candidate.strategy,
    title: clipUnits(titleOf(candidate, trainings), 60),
    hypothesis: candidate.hypothesis,
    recipe,
    recipeChanges:
      parent.recipe === null ? describeRecipe(recipe) : diffRecipes(parent.recipe, recipe).map((d) => d.text),
    trials: trainings.map((training) => ({ training, changes: trainingChanges(parent.training, training) })),
    expectedGain: expectedGain(factorSets, effects),
    refutedBy: candidate.refutedBy,
    factors: [...new Set(factorSets.flat())],
  };
}

/** Below the untrained root more starts teach little: the tree grows better from the results of the first ones. */
export function hasEnoughBaselines({ parent, siblings }: ProposalContext): boolean {
  const starts = siblings.filter((n) => n.view.state !== 'failed' && n.view.state !== 'withdrawn');
  return parent.recipe === null && starts.length >= maxStarts;
}

/**
 * Proposes the next node below the parent: every generator lists candidates, evidence and known effects weigh them,
 * tried and unwanted ones are left out, and the seed decides among equals. Null when nothing new is left.
 */
export function proposeNode(context: ProposalContext): Proposal | null {
  const methods = allowedMethods(context);
  const ground = candidateContextOf(context, methods);
  if (!ground) return null;
  if (hasEnoughBaselines(context)) return null;
  const isRoot = context.parent.recipe === null;
  const candidates = isRoot
    ? baselineCandidates(ground)
    : [
        ...dataCandidates(ground),
        // Synthetic rows have no worse answer for DPO to compare with.
        ...(context.brief.scope.objective === 'dpo' ? [] : syntheticCandidates(ground)),
        ...trainingCandidates(ground),
      ];
  const options = candidates.map((c) => optionOf(c, ground, methods)).filter((o) => o !== null);
  const chosen = choose(options, context.seed);
  return chosen && proposalFrom(chosen, context);
}
