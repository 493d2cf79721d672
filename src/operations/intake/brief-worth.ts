import type { Brief } from '../../campaign/brief.ts';
import { noCost, sumCosts } from '../../campaign/cost.ts';
import type { Proposal } from '../../campaign/proposal.ts';
import { raiseFor } from '../../campaign/raises.ts';
import { noSteering } from '../../campaign/steering.ts';
import type { NodeView } from '../../campaign/view.ts';
import { isReduced, type Worth, type WorthNode } from '../../campaign/worth.ts';
import {
  carefully,
  countNodes,
  keptBefore,
  minBudget,
  mostRowsThatFit,
  type PricedNode,
  type Purse,
} from '../../executor/budget-worth.ts';
import { runRecipe } from '../../recipe/run-recipe.ts';
import { spreadRows } from '../../recipe/spread-rows.ts';
import type { DataSource, Row } from '../../recipe/types.ts';
import { cheaperVersion } from '../../researcher/cheaper-version.ts';
import type { ProposalContext, Researcher } from '../../researcher/port.ts';
import type { EvalItem } from '../../scoring/types.ts';
import type { StoredSplits } from '../../store/schema.ts';
import { sampleRows } from '../data/load-rows.ts';
import {
  askedWhileSearching,
  baselineSpec,
  makeSpec,
  ownedSettings,
  type SpecGround,
} from '../plan/make-spec.ts';
import { type Pricing, priceRun } from '../plan/price-run.ts';

/** A campaign before Start: nothing of it has to be in a database. */
export interface Draft {
  brief: Brief;
  splits: StoredSplits;
  /** The prompts of the search split. */
  searchItems: EvalItem[];
  sources: DataSource[];
  load(source: string): Promise<Row[]>;
}

/**
 * The training that the budget of a brief buys: the node that the Researcher's rules would begin with, priced as the
 * search prices it, counted with the reserve that the search keeps. Where the budget holds no whole one, the smaller
 * run that the search would fall back on is counted.
 * @returns null where the rules know of nothing to train
 */
export async function briefWorth(
  draft: Draft,
  pricing: Pricing,
  researcher: Researcher,
): Promise<Worth | null> {
  const { brief, splits } = draft;
  const first = await researcher.propose(await firstContext(draft, pricing), null);
  if (first === null) return null;
  const ground: SpecGround = { engine: pricing.engine.name, brief, splits };
  const asked = askedWhileSearching(splits);
  const { isMeasured, ...baseline } = await priceRun(pricing, {
    spec: baselineSpec(ground),
    rows: null,
    asked,
  });
  const { standardTasks = 1, standardSeconds } = pricing.engine;
  const standard = standardSeconds?.(baselineSpec(ground), standardTasks);
  const { usdPerHour } = pricing;
  const purse: Purse = {
    budget: brief.budget,
    baseline,
    usdPerHour,
    ...(standard === undefined ? {} : { standardSeconds: standard }),
  };
  const price = (proposal: Proposal, rows: Row[]) => priceNode(pricing, ground, proposal, rows);

  const rows = await rowsOf(draft, first);
  const whole = await price(first, rows);
  const max = brief.maxNodes - 1;
  const smaller = cheaperVersion(first) ?? first;
  let [node, nodes] = [whole, countNodes(whole, purse, max)];
  if (nodes.high === 0) {
    const cut = await rowsOf(draft, smaller);
    const priced = (count: number) => price(smaller, spreadRows(cut, count));
    const count = await mostRowsThatFit(
      cut.length,
      async (n) => countNodes(carefully(await priced(n)), purse, max).high > 0,
    );
    if (count !== null) {
      node = await priced(count);
      nodes = countNodes(node, purse, max);
    }
  }
  const worth = {
    nodes,
    node: asWorthNode(node),
    whole: asWorthNode(whole),
    baseline: baseline.expected,
    kept: keptBefore(node, nodes.high, purse),
    isMeasured: isMeasured && node.isMeasured,
    ...(pricing.engine.probeSteps === undefined ? {} : { isProbed: true }),
    raise: null,
  };
  const isWhole = nodes.high > 0 && !isReduced(worth);
  return { ...worth, raise: isWhole ? null : raiseFor(brief.budget, minBudget(whole, purse)) };
}

interface SizedNode extends PricedNode {
  rows: number;
  epochs: number;
  isMeasured: boolean;
}

const asWorthNode = ({ expected, rows, epochs }: SizedNode): WorthNode => ({ expected, rows, epochs });

async function priceNode(
  pricing: Pricing,
  ground: SpecGround,
  proposal: Proposal,
  rows: Row[],
): Promise<SizedNode> {
  const asked = askedWhileSearching(ground.splits);
  const trials = await Promise.all(
    proposal.trials.map((trial) => {
      const training = ownedSettings(trial.training, ground.brief, pricing.memoryLimitBytes);
      const spec = makeSpec(ground, { training, recipeHash: null, rowsHash: null });
      return priceRun(pricing, { spec, rows, asked });
    }),
  );
  const sum = (pick: (trial: (typeof trials)[number]) => PricedNode['expected']) =>
    sumCosts(trials.map(pick));
  return {
    expected: sum((t) => t.expected),
    likely: { low: sum((t) => t.likely.low), high: sum((t) => t.likely.high) },
    ceiling: sum((t) => t.ceiling),
    longestSeconds: Math.max(...trials.map((t) => t.expected.computeSeconds)),
    isMeasured: trials.every((t) => t.isMeasured),
    rows: rows.length,
    epochs: Math.max(...proposal.trials.map((t) => t.training.epochs)),
  };
}

async function rowsOf({ brief, load }: Draft, { recipe }: Proposal): Promise<Row[]> {
  const { rows } = await runRecipe(recipe, load);
  return brief.scope.objective === 'dpo' ? rows.filter(({ rejected }) => rejected !== undefined) : rows;
}

/** The root as the Researcher will see it: every item fails, and nothing was tried. */
async function firstContext(
  { brief, searchItems, sources, load }: Draft,
  { engine }: Pricing,
): Promise<ProposalContext> {
  const parent = {
    view: untrained,
    recipe: null,
    training: null,
    factors: [],
    expectedSeconds: null,
  };
  return {
    brief,
    parent,
    path: [parent],
    siblings: [],
    keyNodes: [],
    effects: [],
    findings: null,
    sources,
    sampleRows: await sampleRows(sources, load, 200),
    failing: searchItems
      .slice(0, 60)
      .map(({ prompt, completion }) => ({ prompt, expected: completion, prediction: '' })),
    tried: new Set(),
    sandbox: null,
    steering: noSteering,
    defaultTraining: engine.defaultTraining(),
    maxTrials: 3,
    budgetLeftSeconds: brief.budget.computeSeconds,
    seed: brief.seed + 101,
  };
}

const untrained: NodeView = {
  number: 0,
  parent: null,
  state: 'scored',
  strategy: 'establish_baseline',
  title: 'the untrained model',
  hypothesis: '',
  score: null,
  delta: null,
  trials: [],
  bestTrial: null,
  cost: noCost,
  failure: null,
  approval: null,
  codeApproval: null,
  diagnosis: null,
  startedAfterSeconds: null,
  finishedAfterSeconds: null,
};
