import type { TrainingSettings } from '../../../campaign/run-spec.ts';
import { trainingFactors } from '../../../campaign/training-factors.ts';
import { reverseFactor } from '../../../insight/factors.ts';
import { alignEffect } from '../../../insight/memory.ts';
import type { Effect } from '../../../insight/types.ts';
import { diffRecipes } from '../../../recipe/describe.ts';
import type { Recipe } from '../../../recipe/recipe.ts';
import type { NodeMemory, ProposalContext } from '../../port.ts';
import { type Candidate, type Ground, titleOf } from './candidate.ts';
import { knownNodes } from './lessons.ts';

/** The changes of a trial against its parent, as factor keys. Empty below the untrained base model. */
export function factorsBetween(
  parent: { recipe: Recipe | null; training: TrainingSettings | null },
  recipe: Recipe,
  training: TrainingSettings,
): string[] {
  if (parent.recipe === null || parent.training === null) return [];
  return [
    ...diffRecipes(parent.recipe, recipe).map((d) => d.factor),
    ...trainingFactors(parent.training, training),
  ];
}

/** The key under which effects hold several factors that changed together. */
const keyOf = (factors: string[]): string => [...new Set(factors)].sort().join(' + ');

interface Step {
  knob: string;
  from: number;
  to: number;
}

/** `learningRate 0.001→0.0005` taken apart; null when it is not a change between numbers. */
function stepOf(factor: string): Step | null {
  const match = /^(\S+?)[ =](-?[\d.e-]+)→(-?[\d.e-]+)$/.exec(factor);
  if (!match) return null;
  const [from, to] = [Number(match[2]), Number(match[3])];
  return Number.isFinite(from) && Number.isFinite(to) && from !== to
    ? { knob: match[1] ?? '', from, to }
    : null;
}

/** How alike two factors are: 1 the same, -1 the reverse, 0.5 or -0.5 the same knob in the same or other direction. */
export function likeness(a: string, b: string): number {
  if (a === b) return 1;
  if (reverseFactor(a) === b) return -1;
  const [x, y] = [stepOf(a), stepOf(b)];
  if (!x || !y || x.knob !== y.knob) return 0;
  if (x.from === y.to && x.to === y.from) return -1;
  return Math.sign(x.to - x.from) === Math.sign(y.to - y.from) ? 0.5 : -0.5;
}

/** The same for sets of factors that changed together: each needs a similar one in the other set. */
function likenessOfSets(a: string[], b: string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  const best = (factor: string, others: string[]): number =>
    others.map((o) => likeness(factor, o)).sort((x, y) => Math.abs(y) - Math.abs(x))[0] ?? 0;
  const parts = b.map((factor) => best(factor, a));
  if (parts.some((part) => part === 0)) return 0;
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  // Effects known for only some of our changes count for less.
  return mean * Math.min(1, b.length / a.length);
}

const clamp = (value: number, most: number): number => Math.max(-most, Math.min(most, value));

/** Merit from known effects: about ±0.3 for a clear one; 0.08 for something nobody has tried. */
function fromEffects(factors: string[], effects: Effect[]): number {
  const found = effects
    .map((effect) => ({ effect, alike: likenessOfSets(factors, effect.factor.split(' + ')) }))
    .filter(({ alike }) => alike !== 0);
  if (found.length === 0) return 0.08;
  const sum = found.reduce((total, { effect, alike }) => {
    const sure = Math.sign(effect.effect) * (effect.holds ? 0.12 : 0.02);
    return total + alike * clamp(effect.effect * 5 + sure, 0.35);
  }, 0);
  return clamp(sum, 0.45);
}

/** The changes of the trial that gave a node's score; all changes of the node when that trial is not known. */
function factorsOf(node: NodeMemory, all: NodeMemory[]): string[] {
  const parent = all.find((n) => n.view.number === node.view.parent);
  // A gain is credited to the best trial; the absence of one counts for all of them.
  const gained = node.view.state === 'scored' && (node.view.delta?.difference ?? 0) > 0;
  if (!gained || !parent || !node.recipe || !node.training) return node.factors;
  return factorsBetween(parent, node.recipe, node.training);
}

/** Evidence from single nodes: a gain elsewhere, no gain, or the same change under way. */
function fromNodes(factors: string[], ground: Ground): number {
  const { context } = ground;
  const siblings = new Set(context.siblings.map((n) => n.view.number));
  const all = knownNodes(context);
  let sum = 0;
  for (const node of all) {
    const alike = coverage(factors, factorsOf(node, all));
    if (alike > 0) sum += alike * worth(node, siblings.has(node.view.number));
  }
  return clamp(sum, 0.6);
}

/** Share of our changes that another node made too, in [0, 1]. */
function coverage(ours: string[], theirs: string[]): number {
  if (ours.length === 0) return 0;
  const parts = ours.map((factor) => Math.max(0, ...theirs.map((other) => likeness(factor, other))));
  return parts.reduce((sum, part) => sum + part, 0) / parts.length;
}

function worth({ view }: NodeMemory, isSibling: boolean): number {
  if (view.state === 'withdrawn') return -0.1;
  if (view.state === 'failed') return isSibling ? -0.4 : -0.15;
  // The same change below the same parent is under way already.
  if (view.state !== 'scored') return isSibling ? -0.6 : -0.2;
  if (!view.delta) return isSibling ? -0.1 : 0;
  const { difference, pValue } = view.delta;
  if (difference < 0) return pValue < 0.1 ? -0.35 : -0.15;
  const gain = pValue < 0.1 ? 0.15 + Math.min(0.2, difference * 4) : -0.1;
  // A change that helped below this very parent is better extended from that child than repeated beside it.
  return isSibling ? -0.2 : gain;
}

function fromFocus(candidate: Candidate, context: ProposalContext): number {
  const { hypothesis, tags } = candidate;
  const words =
    context.steering.focus
      .join(' ')
      .toLowerCase()
      .match(/[a-z]{3,}/g) ?? [];
  const own = `${titleOf(candidate, candidate.trainings)} ${hypothesis}`.toLowerCase();
  const stem = (word: string): string => word.replace(/(?:ing|s)$/, '');
  if (words.some((w) => tags.some((t) => stem(t) === stem(w)))) return 0.35;
  return words.some((w) => w.length >= 4 && own.includes(stem(w))) ? 0.2 : 0;
}

/**
 * Twice the weight is worth about as much as a clear effect; so is a source that people want and the parent lacks, or a
 * focus.
 */
function fromSteering(candidate: Candidate, { steering, parent }: ProposalContext): number {
  const weight = steering.weights?.[candidate.strategy] ?? 1;
  const has = (recipe: Recipe | null, id: string): boolean =>
    recipe?.inputs.some(({ source }) => source === id) ?? false;
  const brings = (steering.sources ?? []).some((id) => has(candidate.recipe, id) && !has(parent.recipe, id));
  return 0.25 * Math.log2(weight) + (brings ? 0.35 : 0);
}

/** Merit of one trial of a candidate from known results, without its prior. */
export const knownMerit = (factors: string[], ground: Ground): number =>
  fromEffects(factors, ground.context.effects) + fromNodes(factors, ground);

/** Merit of a candidate: its evidence, the known results of its changes, and steering. */
export function weigh(candidate: Candidate, factorSets: string[][], ground: Ground): number {
  const merits = factorSets.map((factors) => knownMerit(factors, ground));
  const mean = merits.reduce((sum, m) => sum + m, 0) / Math.max(1, merits.length);
  const wishes = fromFocus(candidate, ground.context) + fromSteering(candidate, ground.context);
  return candidate.prior + mean + wishes;
}

/** Expected gain from known effects of these changes, else of similar ones; null when there are none. */
export function expectedGain(
  factorSets: string[][],
  effects: Effect[],
): { low: number; high: number } | null {
  const sets = factorSets.filter((set) => set.length > 0);
  const same = sets
    .flatMap((set) => effects.map((e) => alignEffect(e, keyOf(set))))
    .filter((e) => e !== null);
  const alike = sets.flatMap((set) =>
    effects.filter((e) => likenessOfSets(set, e.factor.split(' + ')) >= 0.5),
  );
  const matching = same.length > 0 ? same : alike;
  if (matching.length === 0) return null;
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    low: round(Math.max(-1, Math.min(...matching.map((e) => e.low)))),
    high: round(Math.min(1, Math.max(...matching.map((e) => e.high)))),
  };
}
