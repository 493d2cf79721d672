import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../lib/rng.ts';
import { ask, uctScore } from './policies.ts';
import { treeStatistics } from './statistics.ts';
import type { PolicySettings, SearchNode, SearchTree } from './types.ts';

const settings = (kind: PolicySettings['kind'], more: Partial<PolicySettings> = {}): PolicySettings => ({
  kind,
  exploration: 0.25,
  maxChildren: 6,
  maxPendingChildren: 2,
  seed: 7,
  ...more,
});
const kinds = ['uct', 'greedy', 'sequential'] as const;

const node = (
  id: number,
  parentId: number | null,
  value: number | null,
  more: Partial<SearchNode> = {},
): SearchNode => ({
  id,
  parentId,
  state: value === null ? 'pending' : 'scored',
  value,
  parked: false,
  ...more,
});
const parentOf = (nodes: SearchNode[], how: PolicySettings): number | string => {
  const answer = ask({ nodes }, how);
  return answer.kind === 'expand' ? answer.parentId : answer.kind;
};

/** Trees of every kind of node; parents come first and are scored, as in a campaign. */
const anyTree: fc.Arbitrary<SearchTree> = fc
  .array(
    fc.record({
      parent: fc.nat(),
      state: fc.constantFrom('scored', 'scored', 'scored', 'pending', 'failed', 'withdrawn'),
      value: fc.double({ min: 0, max: 1, noNaN: true }),
      parked: fc.constantFrom(false, false, false, false, false, true),
      closed: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((drawn) => {
    const nodes: SearchNode[] = [];
    for (const [id, { parent, state, value, parked, closed }] of drawn.entries()) {
      const parents = nodes.filter((candidate) => candidate.state === 'scored');
      if (id > 0 && parents.length === 0) break;
      const above = parents[parent % Math.max(1, parents.length)]?.id ?? null;
      const scored = state === 'scored' ? value : null;
      nodes.push({ id, parentId: above, state: state as SearchNode['state'], value: scored, parked, closed });
    }
    return { nodes };
  });

describe('a pinned node', () => {
  const tree = (more: Partial<SearchNode> = {}): SearchNode[] => [
    node(0, null, 0),
    node(1, 0, 0.9),
    node(2, 0, 0.4, { pinned: true, ...more }),
    node(3, 0, 0.8),
  ];

  it.each(kinds)('comes first under %s, whatever its score', (kind) => {
    expect(parentOf(tree(), settings(kind))).toBe(2);
  });

  it.each(kinds)('gives way under %s while it is full, busy, closed or parked', (kind) => {
    const busy = [node(4, 2, null), node(5, 2, null)];
    expect(parentOf([...tree(), ...busy], settings(kind))).not.toBe(2);
    for (const more of [{ closed: true }, { parked: true }]) {
      expect(parentOf(tree(more), settings(kind))).not.toBe(2);
    }
    const full = [4, 5].map((id) => node(id, 2, 0.3));
    expect(parentOf([...tree(), ...full], settings(kind, { maxChildren: 2 }))).not.toBe(2);
  });

  it('with the best score is first among several', () => {
    const two = tree().map((n) => (n.id === 3 ? { ...n, pinned: true } : n));
    expect(parentOf(two, settings('uct'))).toBe(3);
  });
});

describe('ask', () => {
  it.each(kinds)('%s starts with the root and waits for it', (kind) => {
    const how = settings(kind);
    expect(ask({ nodes: [] }, how).kind).toBe('root');
    expect(parentOf([node(0, null, null)], how)).toBe('wait');
    expect(parentOf([node(0, null, 0.2)], how)).toBe(0);
    expect(parentOf([node(0, null, null, { state: 'failed' })], how)).toBe('exhausted');
  });

  it.each(kinds)('%s never grows below a node that is not open, and says so', (kind) => {
    fc.assert(
      fc.property(anyTree, fc.nat(), (tree, seed) => {
        const how = settings(kind, { seed });
        const answer = ask(tree, how);
        expect(ask(structuredClone(tree), how)).toEqual(answer);
        expect(answer.reason).toMatch(/\.$/);
        if (answer.kind !== 'expand') return;
        const all = treeStatistics(tree);
        const chosen = all.get(answer.parentId)!;
        const children = tree.nodes.filter((n) => n.parentId === answer.parentId);
        expect(chosen.node.state).toBe('scored');
        expect(chosen.node.closed ?? false).toBe(false);
        for (let above: typeof chosen | null = chosen; above; above = above.parent) {
          expect(above.node.parked).toBe(false);
        }
        expect(children.length).toBeLessThan(how.maxChildren);
        expect(children.filter((n) => n.state === 'pending' && !n.parked).length).toBeLessThan(
          how.maxPendingChildren,
        );
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it.each(kinds)('%s says exhausted only where nothing can change', (kind) => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        if (tree.nodes[0]?.state !== 'scored' || ask(tree, settings(kind)).kind !== 'exhausted') return;
        expect(tree.nodes.some((n) => n.state === 'pending')).toBe(false);
        for (const n of tree.nodes.filter((candidate) => candidate.state === 'scored')) {
          const children = tree.nodes.filter((child) => child.parentId === n.id).length;
          expect(n.closed || children >= settings(kind).maxChildren).toBe(true);
        }
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it.each(kinds)('%s does not care about the scale of values', (kind) => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        // Powers of two keep the arithmetic exact, and with it the ties.
        const scaled = {
          nodes: tree.nodes.map((n) => ({ ...n, value: n.value === null ? null : n.value * 4 })),
        };
        expect(ask(scaled, settings(kind))).toEqual(ask(tree, settings(kind)));
      }),
      { seed: 3 },
    );
  });

  it.each(kinds)('%s comes to an end when every node ends badly, or well', (kind) => {
    for (const state of ['failed', 'withdrawn', 'scored'] as const) {
      const how = settings(kind, { maxChildren: 3 });
      const tree: SearchTree = { nodes: [node(0, null, 0.5)] };
      let answer = ask(tree, how);
      while (answer.kind === 'expand' && tree.nodes.length < 100) {
        tree.nodes.push(
          node(tree.nodes.length, answer.parentId, null, { state, value: state === 'scored' ? 0.5 : null }),
        );
        answer = ask(tree, how);
      }
      if (state === 'scored') expect(tree.nodes).toHaveLength(100);
      else {
        expect(answer.kind).toBe('exhausted');
        expect(tree.nodes).toHaveLength(4);
      }
    }
  });

  it.each(kinds)('%s fills the slots it is given, then waits', (kind) => {
    const how = settings(kind, { maxPendingChildren: 3 });
    const nodes = [node(0, null, 0.5)];
    for (let id = 1; id <= 3; id++) {
      expect(parentOf(nodes, how)).toBe(0);
      nodes.push(node(id, 0, null));
    }
    expect(parentOf(nodes, how)).toBe('wait');
  });

  it.each(kinds)('%s goes on beside a branch that waits for a person', (kind) => {
    const how = settings(kind, { maxPendingChildren: 1 });
    const parked = node(1, 0, null, { parked: true });
    expect(parentOf([node(0, null, 0.5), parked], how)).toBe(0);
    const blocked = [node(0, null, 0.5, { closed: true }), parked];
    expect(ask({ nodes: blocked }, how)).toMatchObject({
      kind: 'wait',
      reason: expect.stringMatching(/person/),
    });
    expect(parentOf([node(0, null, 0.5, { parked: true }), node(1, 0, 0.7)], how)).toBe('wait');
  });

  it('breaks ties by the seed, not by order', () => {
    const nodes = [node(0, null, 0.5, { closed: true }), ...[1, 2, 3, 4].map((id) => node(id, 0, 0.5))];
    const chosen = new Set(
      Array.from({ length: 40 }, (_, seed) => parentOf(nodes, settings('greedy', { seed }))),
    );
    expect(chosen).toEqual(new Set([1, 2, 3, 4]));
  });
});

describe('uct', () => {
  const how = settings('uct', { rewards: 'minmax' });

  it('is the mean reward plus c·sqrt(ln N(parent) / N)', () => {
    const all = treeStatistics(
      { nodes: [node(0, null, 0), node(1, 0, 1), node(2, 1, 0.5), node(3, 0, null)] },
      'minmax',
    );
    const { mean, bonus } = uctScore(all.get(1)!, 0.25);
    expect(mean).toBeCloseTo(0.75, 12);
    expect(bonus).toBeCloseTo(0.25 * Math.sqrt(Math.log(4) / 2), 12);
  });

  it('goes deeper where it is best, and to the less visited branch of two equals', () => {
    expect(parentOf([node(0, null, 0), node(1, 0, 0.9), node(2, 0, 0.2)], how)).toBe(1);
    const visited = [node(0, null, 0), node(1, 0, 0.9), node(2, 0, 0.9), node(3, 1, 0.9), node(4, 1, 0.9)];
    expect(parentOf(visited, how)).toBe(2);
  });

  it('leaves a branch that disappoints, which greedy does not', () => {
    // The best single value was luck: everything below it is worse.
    const nodes = [
      node(0, null, 0),
      node(1, 0, 0.9),
      node(2, 0, 0.86),
      ...[3, 4, 5].map((id) => node(id, 1, 0.5)),
    ];
    expect(parentOf(nodes, how)).toBe(2);
    expect(parentOf(nodes, settings('greedy'))).toBe(1);
  });

  it('sends parallel asks to different branches', () => {
    const nodes = [node(0, null, 0), node(1, 0, 0.9), node(2, 0, 0.88)];
    expect(parentOf(nodes, how)).toBe(1);
    nodes.push(node(3, 1, null));
    expect(parentOf(nodes, how)).toBe(2);
  });

  it('widens with visits', () => {
    const wide = settings('uct', { maxChildren: 50, maxPendingChildren: 50 });
    const nodes = [node(0, null, 0.5)];
    while (parentOf(nodes, wide) === 0 && nodes.length < 50) nodes.push(node(nodes.length, 0, null));
    expect(nodes).toHaveLength(6);
    expect(parentOf(nodes, wide)).toBe('wait');
  });

  it('gives width up rather than the campaign', () => {
    const nodes = [node(0, null, 0.5), ...[1, 2, 3, 4, 5].map((id) => node(id, 0, 0.4, { closed: true }))];
    expect(parentOf(nodes, how)).toBe(0);
  });
});

describe('sequential', () => {
  it('goes on from the last scored node, back only where that is done for', () => {
    const how = settings('sequential', { maxPendingChildren: 1 });
    const chain = [node(0, null, 0.5), node(1, 0, 0.9), node(2, 1, 0.1)];
    expect(parentOf(chain, how)).toBe(2);
    expect(parentOf([...chain, node(3, 2, null)], how)).toBe('wait');
    expect(parentOf([...chain, node(3, 2, null, { state: 'failed' })], how)).toBe(2);
    expect(parentOf([node(0, null, 0.5), node(1, 0, 0.9), node(2, 1, 0.1, { closed: true })], how)).toBe(1);
  });
});

/**
 * A made-up campaign: every branch below the baseline has a ceiling of its own, nodes climb part of the way to it or
 * slip, a few find a higher ceiling, one in ten fails, and scores are noisy. Returns the true quality of the winner.
 */
function simulate(kind: PolicySettings['kind'], seed: number, maxNodes: number): number {
  const rng = createRng(seed * 7919 + 1);
  const how = settings(kind, { seed, maxChildren: 8 });
  const truth = new Map<number, { quality: number; ceiling: number }>();
  const tree: SearchTree = { nodes: [] };
  const running: SearchNode[] = [];
  const begin = (parentId: number | null): void => {
    const id = tree.nodes.length;
    const above = truth.get(parentId ?? -1);
    if (!above) truth.set(id, { quality: 0, ceiling: 1 });
    else if (parentId === 0)
      truth.set(id, { ceiling: 0.75 + 0.22 * rng.next(), quality: 0.6 + 0.15 * rng.next() });
    else {
      const climbs = rng.next() < 0.45;
      const step = climbs ? (above.ceiling - above.quality) * (0.15 + 0.35 * rng.next()) : -0.06 * rng.next();
      const ceiling = rng.next() < 0.08 ? above.ceiling + (0.99 - above.ceiling) * rng.next() : above.ceiling;
      truth.set(id, { quality: Math.max(0, above.quality + step), ceiling });
    }
    tree.nodes.push(node(id, parentId, null));
    running.push(tree.nodes[id] as SearchNode);
  };
  for (;;) {
    const answer = tree.nodes.length < maxNodes && running.length < 2 ? ask(tree, how) : null;
    if (answer?.kind === 'root') begin(null);
    else if (answer?.kind === 'expand') begin(answer.parentId);
    else {
      const [done] = running.splice(rng.int(running.length), 1);
      if (!done) break;
      const fails = done.id > 0 && rng.next() < 0.1;
      done.state = fails ? 'failed' : 'scored';
      done.value = fails ? null : (truth.get(done.id)?.quality ?? 0) + 0.03 * rng.gauss();
    }
  }
  const scored = tree.nodes.filter((n) => n.state === 'scored');
  const winner = scored.reduce((best, n) => ((n.value as number) > (best.value as number) ? n : best));
  return truth.get(winner.id)?.quality ?? 0;
}

describe('a simulated campaign', () => {
  it('ends better under uct than under greedy and sequential search, on average over 200 seeds', () => {
    const mean = (kind: PolicySettings['kind'], maxNodes: number): number => {
      let sum = 0;
      for (let seed = 0; seed < 200; seed++) sum += simulate(kind, seed, maxNodes);
      return sum / 200;
    };
    expect(mean('uct', 24)).toBeGreaterThan(mean('sequential', 24) + 0.01);
    expect(mean('uct', 48)).toBeGreaterThan(mean('sequential', 48));
    expect(mean('uct', 48)).toBeGreaterThan(mean('greedy', 48));
  });

  it('asks quickly in a tree of 10,000 nodes', () => {
    const rng = createRng(1);
    const nodes = [node(0, null, 0)];
    while (nodes.length < 10_000) nodes.push(node(nodes.length, rng.int(nodes.length), rng.next()));
    const started = performance.now();
    for (const kind of kinds) expect(ask({ nodes }, settings(kind)).kind).toBe('expand');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
