import { amountIn } from '../../campaign/commands/read-forecast.ts';
import { methodOf } from '../../campaign/run-spec.ts';
import type { CampaignView } from '../../campaign/view.ts';
import { countText } from '../../lib/text.ts';
import { intervalText } from '../../report/format.ts';
import { whyText } from '../../report/sentences/node.ts';
import { statusText } from '../../report/sentences/status.ts';
import { steeringText } from '../../report/sentences/steering.ts';
import type { NodeRow } from '../../store/nodes.ts';
import type { Context } from '../context.ts';
import { bestTrialOf, type Tree } from '../view/load-tree.ts';
import { explainDifference } from './explain-difference.ts';
import { forecastGain } from './forecast-gain.ts';

/** At most this many nodes are described, and as many comparisons made, for one question. */
const maxNamed = 3;

/**
 * Facts about a campaign, starting with the nodes that a question names: nodes compared with each other, methods and
 * strategies, budget, steering. Every number is measured; the same database gives the same text.
 * @param named numbers of nodes, in the order in which the question names them
 */
export async function gatherFacts(
  ctx: Context,
  { tree, view }: { tree: Tree; view: CampaignView },
  question: string,
  named: readonly number[],
): Promise<string[]> {
  const { campaign } = tree;
  const compare = (number: number, against: number): Promise<string> =>
    explainDifference({ ctx, campaign, number, against });
  const [first, ...others] = named;
  const pairs = first === undefined ? [] : others.slice(0, maxNamed).map((other) => [first, other] as const);
  const methods = groupBest(tree, (node) => {
    const training = bestTrialOf(tree, node)?.spec.training;
    return training ? methodOf(training) : undefined;
  });
  const [one, other] = methods.map(({ best }) => best.number);
  const told = named.length > 0 ? named.slice(0, maxNamed) : view.best === null ? [] : [view.best];
  return [
    ...(await Promise.all(pairs.map(([number, against]) => compare(number, against)))),
    ...told.map((number) => whyText(view, number)),
    statusText(view),
    ...methods.map((group) => groupText('Method', group)),
    ...(one === undefined || other === undefined
      ? []
      : [`The best of each method: ${await compare(one, other)}`]),
    ...groupBest(tree, (node) => (node.parentId === null ? undefined : node.strategy)).map((group) =>
      groupText('Strategy', group),
    ),
    await forecastGain({ ctx, campaign, more: amountIn(question.toLowerCase()) }),
    steeringText(campaign.steering),
  ];
}

interface Group {
  name: string;
  scored: number;
  best: NodeRow;
}

/** Scored nodes by a name, the group with the best node first. */
function groupBest(tree: Tree, nameOf: (node: NodeRow) => string | undefined): Group[] {
  const groups = new Map<string, Group>();
  for (const node of tree.nodes) {
    const name = nameOf(node);
    if (node.score === null || name === undefined) continue;
    const group = groups.get(name);
    const isBetter = node.score.value > (group?.best.score?.value ?? -1);
    groups.set(name, {
      name,
      scored: (group?.scored ?? 0) + 1,
      best: group === undefined || isBetter ? node : group.best,
    });
  }
  return [...groups.values()].sort((a, b) => (b.best.score?.value ?? 0) - (a.best.score?.value ?? 0));
}

const groupText = (what: string, { name, scored, best }: Group): string =>
  `${what} ${name}: ${countText(scored, 'node')} with a score, the best #${best.number}${best.score === null ? '' : ` at ${intervalText(best.score)}`}.`;
