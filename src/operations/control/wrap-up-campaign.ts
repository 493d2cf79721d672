import { listText } from '../../lib/text.ts';
import { limitText } from '../../report/format.ts';
import { moveCampaign, updateCampaign } from '../../store/campaigns.ts';
import { budgetLeft } from '../../store/ledger.ts';
import { closeBudgetQuestion } from '../budget/budget-question.ts';
import type { Context } from '../context.ts';
import { endWork, withdrawPlans } from '../end/end-work.ts';
import { endJob } from '../jobs/reap-jobs.ts';
import { rankedNodes } from '../view/best-nodes.ts';
import { loadTree, rootOf, type Tree } from '../view/load-tree.ts';
import { change, type Input } from './control-campaign.ts';

/**
 * Ends a search early and in order: nothing new is grown, running jobs are ended, and the best node is confirmed,
 * tested and reported with the budget that is left. Where no trained node has a score yet, running jobs finish first.
 */
export async function wrapUpCampaign({ ctx, input }: { ctx: Context; input: Input }): Promise<string> {
  const name = await ctx.chat.userName(input.user);
  const at = ctx.clock.now();
  const because = `wrapped up by ${name}`;
  let live: string[] = [];
  const text = await change(ctx, input, 'campaign.wrapped_up', async (tx, campaign) => {
    if (campaign.wrapUp !== null) return 'I am at it already.';
    const tree = await loadTree({ db: tx }, campaign.id);
    if (tree.nodes.every((n) => n.parentId !== null || n.state !== 'scored'))
      return 'The untrained model is not measured yet, so there is nothing to wrap up. `stop` ends it.';
    await updateCampaign(tx, campaign.id, { wrapUp: because, paused: false, heldBecause: null });
    await closeBudgetQuestion(tx, { ...campaign, paused: false }, `${name} wraps it up instead.`, at);
    if (campaign.state === 'confirming') return `Wrapping up, as ${name} wishes. ${confirmingText(tree)}`;
    const waits = !hasTrainedScore(tree) && tree.nodes.some((n) => n.state === 'running');
    if (waits) await withdrawPlans(tx, campaign, at);
    else {
      live = await endWork(tx, campaign, because, at);
      await moveCampaign(tx, campaign.id, 'searching', 'confirming', {});
    }
    return `Wrapping up, as ${name} wishes: nothing new starts. ${whatComes(tree, waits)}`;
  });
  for (const key of live) await endJob(ctx, key);
  return text;
}

/** A trained node has a score, or a run of one that is still open has. */
const hasTrainedScore = ({ nodes, trials }: Tree): boolean =>
  trials.some(
    (t) =>
      t.state === 'scored' &&
      t.purpose !== 'probe' &&
      t.spec.training !== null &&
      nodes.some((n) => n.id === t.nodeId),
  );

function whatComes(tree: Tree, waits: boolean): string {
  if (waits)
    return 'No trained node has a score yet, so what runs now goes on to its end; then I confirm the best and report.';
  const running = tree.nodes.filter((n) => n.state === 'running').map((n) => `#${n.number}`);
  const ended = running.length === 0 ? '' : `What runs of ${listText(running)} is ended. `;
  if (!hasTrainedScore(tree))
    return `${ended}No trained node has a score, so there is nothing to confirm: I report what was measured.`;
  const [best] = rankedNodes(tree);
  const baseline = rootOf(tree);
  const isBetter = best === undefined || best.score.value > (baseline?.score?.value ?? 0);
  const honest = isBetter
    ? ''
    : ' So far no node is better than the untrained model, and the report will say so.';
  const left = budgetLeft(tree.campaign.brief.budget, tree.totals);
  return `${ended}Now I confirm the best with fresh seeds, open the test rows and write the report, with the ${limitText(left)} that are left.${honest}`;
}

const confirmingText = ({ campaign }: Tree): string =>
  campaign.testing === null
    ? 'The best are being confirmed already; I ask for no more money and report what I have.'
    : 'The test rows are being answered already; the report comes next.';
