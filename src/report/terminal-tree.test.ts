import { expect, test } from 'vitest';
import { buildCampaignView, buildNode, buildScore, viewOf } from '../../test/support/campaign-view.ts';
import { treeText } from './terminal-tree.ts';

const at = (value: number) => ({ ...buildScore(value), low: value - 0.03, high: value + 0.03 });

test('rails show who grew from whom, with the best path on the left', () => {
  const node = (number: number, parent: number, value: number) =>
    buildNode({
      number,
      parent,
      score: at(value),
      title: `change ${number}`,
      cost: { computeSeconds: 8, usd: 0 },
    });
  const view = viewOf([
    buildNode({ number: 0, score: at(0.2), title: 'base', cost: { computeSeconds: 8, usd: 0 } }),
    node(1, 0, 0.3),
    node(2, 0, 0.5),
    { ...node(3, 1, 0.1), state: 'failed', score: null },
    node(4, 1, 0.35),
  ]);
  expect(treeText(view, { colour: false }).split('\n').slice(2, 7)).toEqual([
    '●      0.200 ± 0.030             #0 base  8 s',
    '├─●    0.300 ± 0.030             #1 change 1  8 s',
    '│ ├─✗  failed                    #3 change 3  8 s',
    '│ ●    0.350 ± 0.030             #4 change 4  8 s',
    '★      0.500 ± 0.030             #2 change 2  8 s',
  ]);
});

test('colour is only there when asked for, and names cannot bring their own', () => {
  const view = viewOf([buildNode({ number: 0, title: 'a\u001b[31mred\u0007\nnew line' })]);
  expect(treeText(view, { colour: false })).not.toContain('\u001b');
  expect(treeText(view, { colour: true })).not.toContain('\u001b[31mred');
  expect(treeText(view, { colour: true })).toContain('\u001b[33m★\u001b[0m');
});

test('draws nothing, much, wide and deep', () => {
  expect(treeText(buildCampaignView({ nodes: 0 }), { colour: false })).toContain('no score yet');
  const chain = treeText(buildCampaignView({ nodes: 10_000, shape: 'chain', failures: 0 }), {
    colour: false,
  });
  expect(chain.split('\n').length).toBe(10_004);
  const lines = treeText(buildCampaignView({ nodes: 2000, seed: 3 }), { colour: false }).split('\n');
  expect(lines.length).toBe(2004);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200);
});
