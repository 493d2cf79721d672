import type { CostLimit } from '../../campaign/brief.ts';
import { priceOf } from '../../campaign/price.ts';
import { forecastText } from '../../report/sentences/forecast.ts';
import type { Score } from '../../scoring/types.ts';
import { lastDoubling } from '../../search/gain.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Context } from '../context.ts';
import { compareOnSearch } from '../view/compare-on-search.ts';
import { bestTrialOf, loadTree, type Tree } from '../view/load-tree.ts';
import { loadView } from '../view/load-view.ts';

/** "What would 10 more GPU-hours buy?": estimated from the gain of the last doubling of this campaign's own compute. */
export async function forecastGain({
  ctx,
  campaign,
  more,
}: {
  ctx: Context;
  campaign: CampaignRow;
  more: CostLimit;
}): Promise<string> {
  const { nodes } = await loadView({ ctx, campaignId: campaign.id });
  const rounds = nodes
    .filter(({ state }) => state === 'scored' || state === 'failed')
    .sort((a, b) => (a.finishedAfterSeconds ?? 0) - (b.finishedAfterSeconds ?? 0))
    .map(({ number, score, parent, cost }) => ({
      number,
      value: score?.value ?? null,
      isTrained: parent !== null,
      costSeconds: cost.computeSeconds,
    }));
  const measured = lastDoubling(rounds);
  if (measured === null) {
    return 'It is too early to say: I tell it from the gains of this search itself, and that takes at least four trained nodes with a score, one of them in the first half of the compute.';
  }
  const tree = await loadTree(ctx, campaign.id);
  const usdPerHour = priceOf(ctx.settings, campaign);
  if (more.usd !== null && !(usdPerHour !== null && usdPerHour > 0)) {
    return `An hour of compute ${usdPerHour === null ? 'has no known price' : 'costs nothing'} here, so I cannot turn dollars into nodes. Ask me with an amount of time${usdPerHour === null ? ', or tell me the price first: `price $2.50`' : ''}.`;
  }
  const moreSeconds =
    more.usd !== null
      ? (more.usd / (usdPerHour as number)) * 3600
      : (more.computeSeconds ?? measured.spentSeconds);
  const [before, best] = [scored(tree, measured.before), scored(tree, measured.best)];
  return forecastText({
    moreSeconds,
    measured,
    before: before.score,
    best: best.score,
    gain: before.trialId === best.trialId ? null : await compareOnSearch(ctx, before.trialId, best.trialId),
    parallel: tree.campaign.brief.parallel,
  });
}

function scored(tree: Tree, number: number): { score: Score; trialId: number } {
  const node = tree.nodes.find((n) => n.number === number);
  const trial = node === undefined ? undefined : bestTrialOf(tree, node);
  if (node?.score == null || trial === undefined) throw new Error(`#${number} is scored without a trial`);
  return { score: node.score, trialId: trial.id };
}
