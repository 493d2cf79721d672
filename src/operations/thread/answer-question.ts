import { statusText } from '../../report/sentences/status.ts';
import type { AnswerContext } from '../../researcher/port.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { listInsights } from '../../store/insights.ts';
import { accountModelCalls } from '../account-model-calls.ts';
import type { Context } from '../context.ts';
import { loadSearchItems } from '../data/search-items.ts';
import { memoryAround } from '../plan/memory-around.ts';
import { bestTrialOf, loadTree, type Tree, toMemory, toSearchTree } from '../view/load-tree.ts';
import { loadView } from '../view/load-view.ts';
import { gatherFacts } from './gather-facts.ts';

const signature = 'A language model wrote this from the records of this campaign.';

/** A free question about a campaign: in the words of a language model, else how the campaign stands. */
export async function answerQuestion({
  ctx,
  campaign,
  question,
}: {
  ctx: Context;
  campaign: CampaignRow;
  question: string;
}): Promise<string> {
  if (campaign.brief === null)
    return 'This campaign was cancelled before it had a brief; nothing was started.';
  const [tree, view] = await Promise.all([
    loadTree(ctx, campaign.id),
    loadView({ ctx, campaignId: campaign.id }),
  ]);
  const named = roundsIn(question, tree);
  const about = tree.nodes.find(({ number }) => number === (named[0] ?? view.best));
  const { goal, metric, target, scope } = tree.campaign.brief;
  const answer = await ctx.researcher.answer(
    {
      question,
      brief: { goal, metric, target, scope },
      facts: await gatherFacts(ctx, { tree, view }, question, named),
      ...(await loadNodeDetail(ctx, tree, about)),
    },
    accountModelCalls(ctx, campaign, null),
  );
  return answer === null
    ? `I have no words for that without a language model. This is how it stands:\n${statusText(view)}`
    : `${answer}\n${signature}`;
}

const numberOfRound =
  /(?<![\d.,$])(\d{1,5})(?![.,]?\d|\s*(?:more\s+)?(?:%|s\b|sec|min|h\b|hour|day|gpu|usd|dollar|row|item|epoch))/gi;

/** Numbers of nodes that a question names, in its order; `10 minutes` and `0.9` name none. */
function roundsIn(question: string, { nodes }: Tree): number[] {
  const numbers = [...question.matchAll(numberOfRound)].map((match) => Number(match[1]));
  return [...new Set(numbers)].filter((number) => nodes.some((node) => node.number === number));
}

/** The tree around the node that a question is about, and the items that it gets wrong. */
async function loadNodeDetail(
  ctx: Context,
  tree: Tree,
  about: Tree['nodes'][number] | undefined,
): Promise<Pick<AnswerContext, 'memory' | 'failing'>> {
  if (about === undefined) return { memory: null, failing: [] };
  const trial = bestTrialOf(tree, about);
  const seen = trial === undefined ? undefined : await loadSearchItems(ctx, tree.campaign, trial.id);
  const effects = (await listInsights(ctx.db, tree.campaign.id)).map((row) => row.effect);
  const { nodes } = toSearchTree(tree, new Set());
  return {
    memory: { parent: toMemory(tree, about), ...memoryAround(tree, nodes, about.number), effects },
    failing: seen?.show((item) => item.score < 1) ?? [],
  };
}
