import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildCampaignView, buildNode, buildScore, viewOf } from '../../test/support/campaign-view.ts';
import type { CampaignView, NodeView } from '../campaign/view.ts';
import { svgSize } from './picture/svg.ts';
import { type TreeViewKind, treeAltText, treeSvg, treeViewFor } from './tree-picture.ts';

const kinds: TreeViewKind[] = ['rows', 'dots', 'lineage'];

/** Every tag is closed and every attribute quoted: what a strict reader of XML would object to. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, close, name, rest] of svg.matchAll(/<(\/?)([a-z]+)([^<>]*)>/g)) {
    if (close) expect(open.pop()).toBe(name);
    else {
      expect(rest).toMatch(/^( [a-zA-Z-]+="[^"<>]*")*\/?$/);
      if (!rest?.endsWith('/')) open.push(name ?? '');
    }
  }
  expect(open).toEqual([]);
  expect(svg.replace(/<\/?[a-z]+[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!#\d+;)/);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
}

const failedNode = (number: number): NodeView =>
  buildNode({
    number,
    state: 'failed',
    score: null,
    failure: { code: 'nan', fault: 'config', message: 'loss became NaN', log: [] },
  });

const oddViews: [string, CampaignView][] = [
  ['no node', buildCampaignView({ nodes: 0 })],
  ['only the root', buildCampaignView({ nodes: 1 })],
  ['all failed', viewOf(Array.from({ length: 6 }, (_, i) => failedNode(i)))],
  ['one score', viewOf([buildNode({ number: 0 }), failedNode(1)])],
  [
    'equal scores',
    viewOf(Array.from({ length: 50 }, (_, i) => buildNode({ number: i, score: buildScore(0.5) }))),
  ],
  ['a score that is no number', viewOf([buildNode({ number: 0, score: buildScore(Number.NaN) })])],
  ['an unknown parent', viewOf([buildNode({ number: 0 }), buildNode({ number: 4, parent: 99 })])],
  ['a circle', viewOf([buildNode({ number: 1, parent: 2 }), buildNode({ number: 2, parent: 1 })])],
  ['a best node that is missing', viewOf([buildNode({ number: 0 })], { best: 7 })],
  ['a star of 300', buildCampaignView({ nodes: 300, shape: 'star' })],
  ['a chain of 300', buildCampaignView({ nodes: 300, shape: 'chain' })],
  [
    'no times',
    viewOf(
      [0, 1, 2].map((n) => buildNode({ number: n, startedAfterSeconds: null, finishedAfterSeconds: null })),
    ),
  ],
  ['a low baseline', buildCampaignView({ nodes: 30, baseline: 0, target: 0.95 })],
];

describe.each(kinds)('the %s view', (kind) => {
  test.each(oddViews)('draws %s', (_, view) => {
    const svg = treeSvg(view, { view: kind });
    expectWellFormed(svg);
    expect(svgSize(svg).width).toBe(1200);
    expect(svgSize(svg).height).toBeGreaterThan(150);
  });

  test('draws 2,000 nodes within a size that can be rasterised', () => {
    const svg = treeSvg(buildCampaignView({ nodes: 2000, seed: 4 }), { view: kind });
    expectWellFormed(svg);
    expect(svgSize(svg).height).toBeLessThan(8000);
    expect(svg.length).toBeLessThan(400_000);
  });

  test('draws a chain of 10,000 without running out of stack', () => {
    const view = buildCampaignView({ nodes: 10_000, shape: 'chain', failures: 0 });
    expect(svgSize(treeSvg(view, { view: kind })).height).toBeLessThan(8000);
  });

  test('draws hostile names as text', () => {
    const title = `"><script>alert(1)</script>&amp;\u202e\u0000]]>`;
    const nodes = [0, 1, 2, 3].map((number) => buildNode({ number, title }));
    const svg = treeSvg(viewOf(nodes, { title, heldBecause: title }), { view: kind });
    expectWellFormed(svg);
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&#60;script');
    expect(svg).not.toMatch(/href|url\(|<image|<style|xlink/);
  });

  test('is the same for the same view', () => {
    const options = { nodes: 60, seed: 11 };
    expect(treeSvg(buildCampaignView(options), { view: kind })).toBe(
      treeSvg(buildCampaignView(options), { view: kind }),
    );
  });

  test('scales as a whole with its width', () => {
    const view = buildCampaignView({ nodes: 20 });
    const large = svgSize(treeSvg(view, { view: kind }));
    const small = svgSize(treeSvg(view, { view: kind, width: 360 }));
    expect(small).toEqual({ width: 360, height: Math.round(large.height * 0.3) });
  });
});

test('the view follows the number of nodes', () => {
  expect([0, 40, 41, 260, 261, 5000].map(treeViewFor)).toEqual([
    'rows',
    'rows',
    'dots',
    'dots',
    'lineage',
    'lineage',
  ]);
});

test('text that must be read at 360 pixels is large enough at 1,200', () => {
  for (const nodes of [20, 200, 500]) {
    const svg = treeSvg(buildCampaignView({ nodes }));
    const sizes = [...svg.matchAll(/font-size="(\d+)"/g)].map((found) => Number(found[1]));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(23);
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(50);
  }
});

test('rows stay within the picture, however long the names and however nested the tree', () => {
  const caterpillar = Array.from({ length: 40 }, (_, i) =>
    buildNode({ number: i, parent: i === 0 ? null : Math.max(0, i - 2 - (i % 2)), title: 'W'.repeat(60) }),
  );
  const svg = treeSvg(viewOf(caterpillar, { title: 'M'.repeat(80) }));
  const starts = [...svg.matchAll(/<text x="([\d.]+)"/g)].map((found) => Number(found[1]));
  expect(Math.max(...starts)).toBeLessThanOrEqual(1200);
  expect(svg).toContain('W…');
});

test('the cost column stands there only when something costs money', () => {
  expect(treeSvg(buildCampaignView({ nodes: 8 }))).not.toContain('>cost<');
  expect(treeSvg(buildCampaignView({ nodes: 8, usdPerHour: 40 }))).toContain('>cost<');
});

test('a difference is coloured only when its interval excludes zero', () => {
  const delta = { difference: 0.02, low: -0.01, high: 0.05, pValue: 0.2, wins: 9, losses: 4, n: 100 };
  const node = (low: number): string =>
    treeSvg(viewOf([buildNode({ number: 0 }), buildNode({ number: 1, delta: { ...delta, low } })]));
  const ink = (svg: string): string => /fill="(#[0-9a-f]{6})">\+0\.020</.exec(svg)?.[1] ?? '';
  expect(ink(node(-0.01))).toBe('#64748b');
  expect(ink(node(0.005))).toBe('#047857');
});

test('a node that waits says so', () => {
  const view = buildCampaignView({ nodes: 8 });
  expect(treeSvg(view)).toContain('>waits for you<');
  expect(treeSvg(view)).toContain('>1 waits for you<');
});

test('the alternative text carries the numbers of the headline', () => {
  const view = viewOf(
    [
      buildNode({ number: 0, score: { ...buildScore(0.21), low: 0.18, high: 0.24 } }),
      buildNode({ number: 1, title: 'batch 8', score: { ...buildScore(0.87), low: 0.84, high: 0.9 } }),
      failedNode(2),
    ],
    {
      budget: {
        limit: { computeSeconds: 900, usd: null },
        spent: { computeSeconds: 360, usd: 0 },
        reserved: { computeSeconds: 0, usd: 0 },
      },
    },
  );
  expect(treeAltText(view)).toBe(
    'Search tree of Dates to ISO: 3 nodes, 1 failed. Best is #1 batch 8 with 0.870 ± 0.030 on search, baseline 0.210. Spent 6 of 15 min.',
  );
  expect(treeAltText(buildCampaignView({ nodes: 0 }))).toContain('No score yet');
});

test('any tree gives a well-formed picture in every view', () => {
  const tree = fc.record({
    seed: fc.integer({ min: 0, max: 1e6 }),
    nodes: fc.integer({ min: 0, max: 70 }),
    shape: fc.constantFrom('random' as const, 'chain' as const, 'star' as const),
    failures: fc.constantFrom(0, 0.3, 1),
    baseline: fc.constantFrom(0, 0.21, 0.99),
    usdPerHour: fc.constantFrom(0, 30),
    state: fc.constantFrom('searching' as const, 'finished' as const, 'stopped' as const),
  });
  fc.assert(
    fc.property(tree, (options) => {
      const view = buildCampaignView(options);
      for (const kind of kinds) expectWellFormed(treeSvg(view, { view: kind }));
    }),
    { numRuns: 40 },
  );
});
