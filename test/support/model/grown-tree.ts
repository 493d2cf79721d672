import type { Strategy } from '../../../src/campaign/states.ts';
import type { Effect } from '../../../src/insight/types.ts';
import { createRng, type Rng } from '../../../src/lib/rng.ts';
import type { NodeMemory, ProposalContext } from '../../../src/researcher/port.ts';
import { context, node, recipe, training } from '../../../src/researcher/rules/testing/propose-fixtures.ts';
import { childrenOf, keyNodes, pathTo } from '../../../src/search/promising.ts';
import type { SearchNode, SearchTree } from '../../../src/search/types.ts';

/** A tree like that of a long campaign; the same seed gives the same tree. */
export interface GrownTree {
  nodes: NodeMemory[];
  search: SearchTree;
  effects: Effect[];
}

const words =
  'dates that name the month first keep failing while short forms settle early and rare ones need more rows than the sample shows so far'.split(
    ' ',
  );
const sentence = (rng: Rng, count: number): string =>
  Array.from({ length: count }, () => rng.pick(words)).join(' ');

const strategies: Strategy[] = ['refine_data_pipeline', 'construct_synthetic_data', 'adjust_training_scheme'];

export function growTree(size: number, seed: number): GrownTree {
  const rng = createRng(seed);
  const nodes: NodeMemory[] = [];
  const search: SearchNode[] = [];
  for (let number = 0; number < size; number++) {
    // New nodes grow near the end more often than elsewhere, as under a policy that prefers the best.
    const parent = number === 0 ? null : Math.floor(number * (1 - rng.next() ** 2 * 0.9));
    const from = parent === null ? null : Math.min(parent, number - 1);
    const failed = number > 0 && rng.next() < 0.1;
    const value = Math.min(0.99, 0.1 + 0.8 * (1 - Math.exp(-number / 40)) + 0.05 * rng.gauss());
    const score = { metric: 'exact_match' as const, value, low: value - 0.03, high: value + 0.03, n: 400 };
    const rate = rng.pick([2e-3, 1e-3, 5e-4]);
    search.push({
      id: number,
      parentId: from,
      state: failed ? 'failed' : 'scored',
      value: failed ? null : value,
      parked: false,
    });
    nodes.push(
      node(
        number,
        {
          recipe: number === 0 ? null : recipe({ steps: [{ op: 'sample', rows: 1000 + rng.int(3000) }] }),
          training: number === 0 ? null : training({ learningRate: rate }),
        },
        {
          parent: from,
          state: failed ? 'failed' : 'scored',
          strategy: rng.pick(strategies),
          title: sentence(rng, 6).slice(0, 60),
          hypothesis: sentence(rng, 18 + rng.int(20)),
          score: failed ? null : score,
          delta:
            failed || number === 0
              ? null
              : { difference: 0.01, low: -0.01, high: 0.03, pValue: 0.3, wins: 9, losses: 5, n: 400 },
          failure: failed ? { code: 'diverged', fault: 'config', message: sentence(rng, 12), log: [] } : null,
          trials: [
            {
              index: 0,
              state: failed ? 'failed' : 'scored',
              specHash: String(number),
              changes: [`learning rate 1e-3 → ${rate}`],
              summary: `full, lr ${rate}, batch 8, 1 epoch`,
              score: null,
              generalLoss: 0.7,
              baseGeneralLoss: 0.57,
              trainLoss: 0.2,
              failure: null,
              cost: { computeSeconds: 20, usd: 0 },
              progress: 1,
            },
          ],
          bestTrial: 0,
          diagnosis: failed
            ? null
            : {
                summary: sentence(rng, 30),
                mistakes: Array.from({ length: 4 }, () => ({
                  kind: sentence(rng, 6),
                  count: 1 + rng.int(20),
                  example: sentence(rng, 12),
                })),
              },
        },
      ),
    );
  }
  const effects = Array.from(
    { length: Math.min(200, Math.floor(size / 3)) },
    (_, i): Effect => ({
      factor: `learningRate ${i + 1}→${i + 2}`,
      effect: 0.02 * rng.gauss(),
      low: -0.02,
      high: 0.04,
      pairs: [{ parent: 0, child: 1, difference: 0.01, standardError: 0.01 }],
      holds: rng.next() < 0.3,
    }),
  );
  return { nodes, search: { nodes: search }, effects };
}

/** The Researcher's context for planning below a node of the tree, selected as the bot selects it. */
export function contextOf(tree: GrownTree, parent: number): ProposalContext {
  const memories = (found: SearchNode[]): NodeMemory[] => found.map(({ id }) => tree.nodes[id] as NodeMemory);
  const key = keyNodes(tree.search);
  return context({
    parent: tree.nodes[parent] as NodeMemory,
    path: memories(pathTo(tree.search, parent)),
    siblings: memories(childrenOf(tree.search, parent)),
    keyNodes: memories([...key.best, ...key.failures]),
    effects: tree.effects,
  });
}
