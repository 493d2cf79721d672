import { ceilingScale, without } from '../../campaign/cost.ts';
import type { PlannedNode, PlannedTrial } from '../../campaign/planned-node.ts';
import { priceOf } from '../../campaign/price.ts';
import { carefully, mostRowsThatFit } from '../../executor/budget-worth.ts';
import { fromJsonl } from '../../recipe/jsonl.ts';
import { spreadRows } from '../../recipe/spread-rows.ts';
import type { Row } from '../../recipe/types.ts';
import { onFewerRows } from '../../researcher/fewer-rows.ts';
import { budgetLeft } from '../../store/ledger.ts';
import { reserveBeside } from '../budget/confirmation-reserve.ts';
import type { Context } from '../context.ts';
import { askedWhileSearching } from '../plan/make-spec.ts';
import { tryPlan } from '../plan/plan-new-trials.ts';
import { specGroundOf } from '../plan/plan-node.ts';
import { priceRun, pricingOf } from '../plan/price-run.ts';
import type { Tree } from '../view/load-tree.ts';

/** Drawn rows may be longer than those that were priced: then a little fewer are tried. */
const fewerEachTime = 0.85;
const maxTries = 4;

/** The same node on as many of its rows as the money left holds; null where not even the fewest fit. */
export async function fitRows(ctx: Context, tree: Tree, planned: PlannedNode): Promise<PlannedNode | null> {
  const trial = planned.trials[0];
  if (planned.unseenCode !== null || trial?.spec.rowsHash == null) return null;
  const rows = fromJsonl<Row>(await ctx.blobs.get(trial.spec.rowsHash, 'the rows of a plan'));
  const single = { ...planned, trials: [trial] };
  const count = await mostRowsThatFit(rows.length, async (n) =>
    fitsAlone(ctx, tree, { ...single, trials: [await onRows(ctx, tree, trial, spreadRows(rows, n))] }),
  );
  for (let tries = 0, n = count ?? 0; tries < maxTries && n > 0; tries++, n = Math.floor(n * fewerEachTime)) {
    const smaller = await tryPlan(ctx, tree, onFewerRows(planned.proposal, n));
    if (smaller !== null && fitsAlone(ctx, tree, smaller)) return smaller;
  }
  return null;
}

async function onRows(
  ctx: Context,
  tree: Tree,
  { spec, ...trial }: PlannedTrial,
  rows: Row[],
): Promise<PlannedTrial> {
  const asked = askedWhileSearching(specGroundOf(ctx, tree.campaign).splits);
  return { ...trial, spec, ...(await priceRun(pricingOf(ctx, tree.campaign), { spec, rows, asked })) };
}

/** As `insertPlannedNode` will decide on what the tree knew, and with room. */
function fitsAlone(ctx: Context, tree: Tree, planned: PlannedNode): boolean {
  const usdPerHour = priceOf(ctx.settings, tree.campaign);
  const left = budgetLeft(tree.campaign.brief.budget, tree.totals);
  const [trial] = planned.trials;
  if (trial === undefined) return false;
  const { expected, ceiling } = carefully(trial);
  return ceilingScale(expected, ceiling, without(left, reserveBeside(tree, planned, usdPerHour))) !== null;
}
