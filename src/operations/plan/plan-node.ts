import type { Cost } from '../../campaign/brief.ts';
import { costOf, sumCosts } from '../../campaign/cost.ts';
import type { PlannedNode, PlannedTrial } from '../../campaign/planned-node.ts';
import type { Proposal } from '../../campaign/proposal.ts';
import { type RunSpec, runSpecHash } from '../../campaign/run-spec.ts';
import { hashOf } from '../../lib/hash.ts';
import { type PythonMap, type Recipe, recipeHash } from '../../recipe/recipe.ts';
import type { DataSource, Row } from '../../recipe/types.ts';
import type { ActiveCampaign } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { unseenCode as unseenCodeOf } from '../data/approved-code.ts';
import { listSources, prepareRows } from '../data/load-rows.ts';
import { askedWhileSearching, baselineSpec, makeSpec, ownedSettings, type SpecGround } from './make-spec.ts';
import { priceRun, pricingOf } from './price-run.ts';

/**
 * Runs the recipe, checks each trial and prices it. Code that nobody has approved is left out, for a person to see it
 * first.
 * @throws TrexError when the recipe leaves no rows, code in it fails or was rejected, or a trial could never train
 */
export async function planNode(
  ctx: Context,
  campaign: ActiveCampaign,
  proposed: Proposal,
): Promise<PlannedNode> {
  const ground = specGroundOf(ctx, campaign);
  const proposal = withNames(proposed, await listSources(ctx, campaign));
  const unseenCode = await unseenCodeOf(ctx, campaign.id, proposal.recipe);
  const recipe = unseenCode === null ? proposal.recipe : withoutStep(proposal.recipe, unseenCode);
  const prepared = await prepareRows(ctx, campaign, recipe);
  const trials: PlannedTrial[] = [];
  for (const trial of proposal.trials) {
    const spec = makeSpec(ground, {
      training: ownedSettings(trial.training, ground.brief, ctx.settings.memoryLimitBytes),
      recipeHash: recipeHash(recipe),
      rowsHash: prepared.rowsHash,
    });
    trials.push({
      ...(await priceSpec(ctx, campaign, spec, prepared.rows)),
      changes: trial.changes,
    });
  }
  return { proposal, unseenCode, trace: prepared.trace, trials, ...costOfTrials(trials) };
}

/** The sum. Trials of a node run alike, so all of them may end at the same end of the band. */
export function costOfTrials(trials: PlannedTrial[]): Pick<PlannedNode, 'expected' | 'likely' | 'ceiling'> {
  const total = (pick: (t: PlannedTrial) => Cost): Cost => sumCosts(trials.map(pick));
  return {
    expected: total((t) => t.expected),
    likely: { low: total((t) => t.likely.low), high: total((t) => t.likely.high) },
    ceiling: total((t) => t.ceiling),
  };
}

const withoutStep = (recipe: Recipe, step: PythonMap): Recipe => ({
  ...recipe,
  steps: recipe.steps.filter((s) => s !== step),
});

/** People know a file by its name, not by the id that recipes use. */
function withNames(proposal: Proposal, sources: DataSource[]): Proposal {
  const name = (text: string): string =>
    sources.reduce((named, source) => named.replaceAll(source.id, source.title), text);
  return {
    ...proposal,
    title: name(proposal.title),
    hypothesis: name(proposal.hypothesis),
    recipeChanges: proposal.recipeChanges.map(name),
  };
}

/** The untrained base model as a trial: the reference of every comparison. */
export async function planBaseline(ctx: Context, campaign: ActiveCampaign): Promise<PlannedTrial> {
  const spec = baselineSpec(specGroundOf(ctx, campaign));
  return { ...(await priceSpec(ctx, campaign, spec, null)), changes: [] };
}

export const specGroundOf = (ctx: Context, { brief, splits }: ActiveCampaign): SpecGround => ({
  engine: ctx.engine.name,
  brief,
  splits,
});

async function priceSpec(
  ctx: Context,
  campaign: ActiveCampaign,
  spec: RunSpec,
  rows: Row[] | null,
): Promise<Omit<PlannedTrial, 'changes'>> {
  const asked = askedWhileSearching(specGroundOf(ctx, campaign).splits);
  const price = await priceRun(pricingOf(ctx, campaign), { spec, rows, asked });
  return { spec, specHash: runSpecHash(spec), ...price };
}

type Costs = Pick<PlannedTrial, 'expected' | 'likely' | 'ceiling'>;

/** The plan with dollars at this price: a plan made before the price was known has none. */
export const atPrice = (planned: PlannedNode, usdPerHour: number | null): PlannedNode => ({
  ...planned,
  ...costsAt(planned, usdPerHour),
  trials: planned.trials.map((trial) => ({ ...trial, ...costsAt(trial, usdPerHour) })),
});

/** `likely` is unset in plans that older versions kept with their cards. */
export function costsAt(
  { expected, likely, ceiling }: Omit<Costs, 'likely'> & Partial<Costs>,
  usdPerHour: number | null,
): Costs {
  const price = (cost: Cost): Cost => costOf(cost.computeSeconds, usdPerHour);
  return {
    expected: price(expected),
    likely: { low: price(likely?.low ?? expected), high: price(likely?.high ?? ceiling) },
    ceiling: price(ceiling),
  };
}

/** Key of a recipe with its settings: the same node twice in a tree would be paid twice. */
export const proposalHash = (proposal: Proposal): string =>
  hashOf({ recipe: proposal.recipe, trials: proposal.trials.map((t) => t.training) });
