import { estimateEffects } from '../../insight/effects.ts';
import { insightText } from '../../insight/sentences.ts';
import { trainingFactors } from '../../campaign/training-factors.ts';
import { diffRecipes } from '../../recipe/describe.ts';
import { standardErrorOf } from '../../scoring/paired.ts';
import { recordEvent } from '../../store/events.ts';
import { listInsights, upsertInsight } from '../../store/insights.ts';
import type { Context } from '../context.ts';
import { say } from '../say.ts';
import { compareOnSearch } from './finish-nodes.ts';
import { bestTrialOf, searchTrials, type Tree } from './load-tree.ts';

/**
 * Works out again, from all paired parent-child comparisons of the tree, what each change does; tells the thread
 * of a lesson when its evidence first holds, and of one that no longer does.
 */
export async function updateInsights(ctx: Context, tree: Tree): Promise<void> {
  const pairs = await collectPairs(ctx, tree);
  const effects = estimateEffects(pairs);
  const known = new Map((await listInsights(ctx.db, tree.campaign.id)).map((row) => [row.factor, row]));
  const at = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    for (const effect of effects) {
      const before = known.get(effect.factor);
      const text = insightText(effect);
      const isNews = effect.holds && (before === undefined || before.toldAt === null);
      const isRetracted = !effect.holds && before?.toldAt != null && before.effect.holds;
      await upsertInsight(tx, {
        campaignId: tree.campaign.id,
        factor: effect.factor,
        effect,
        text,
        toldAt: isNews ? at : (before?.toldAt ?? null),
        updatedAt: at,
      });
      if (!isNews && !isRetracted) continue;
      await recordEvent(tx, {
        campaignId: tree.campaign.id,
        name: isNews ? 'insight.found' : 'insight.retracted',
        actor: 'system',
        data: { factor: effect.factor, effect: effect.effect, low: effect.low, high: effect.high },
        at,
      });
      await say(tx, tree.campaign, {
        key: `insight:${effect.factor}:${effect.pairs.length}:${isNews ? 'found' : 'retracted'}`,
        payload: {
          kind: 'insight',
          campaignId: tree.campaign.id,
          text: isNews ? text : `I take this back; with more runs the evidence no longer holds: ${text}`,
        },
        at,
      });
    }
  });
}

/** Every scored trial against its parent's best trial, with what differs between the two. */
async function collectPairs(ctx: Context, tree: Tree): Promise<Parameters<typeof estimateEffects>[0]> {
  const pairs: Parameters<typeof estimateEffects>[0] = [];
  for (const node of tree.nodes) {
    const parent = tree.nodes.find((n) => n.id === node.parentId);
    const parentTrial = parent === undefined ? undefined : bestTrialOf(tree, parent);
    // The untrained model has no recipe: everything differs, so nothing is learned from that pair.
    if (parent?.recipe == null || parentTrial === undefined || node.recipe === null) continue;
    const data = diffRecipes(parent.recipe, node.recipe).map((d) => d.factor);
    for (const trial of searchTrials(tree, node.id)) {
      if (trial.state !== 'scored') continue;
      const difference = await compareOnSearch(ctx, parentTrial.id, trial.id);
      if (difference === null) continue;
      pairs.push({
        factors: [...data, ...trainingFactors(parentTrial.spec.training, trial.spec.training)],
        parent: parent.number,
        child: node.number,
        difference: difference.difference,
        standardError: standardErrorOf(difference),
      });
    }
  }
  return pairs;
}
