import type { CampaignView } from '../campaign/view.ts';
import { clip, countText } from '../lib/text.ts';
import { oneLine, scoreText, spendText, valueText } from './format.ts';
import { dotsSvg } from './picture/dots.ts';
import { headlineOf } from './picture/facts.ts';
import { lineageSvg } from './picture/lineage.ts';
import { rowsSvg } from './picture/rows.ts';
import type { NodeHref } from './picture/svg.ts';

export type TreeViewKind = 'rows' | 'dots' | 'lineage';

const drawings: Record<TreeViewKind, (view: CampaignView, width: number, href?: NodeHref) => string> = {
  rows: rowsSvg,
  dots: dotsSvg,
  lineage: lineageSvg,
};

/** The picture that is readable at this size: every node a line, a dot, or a point in a cloud. */
export const treeViewFor = (nodes: number): TreeViewKind =>
  nodes <= 40 ? 'rows' : nodes <= 260 ? 'dots' : 'lineage';

/**
 * The tree of a campaign as SVG without external references; `svgSize` gives its height.
 * `width` is in pixels, 1200 by default; everything scales with it, and no text is smaller than 23 of the 1200. With
 * `nodeHref` the marks of the nodes are links.
 */
export function treeSvg(
  view: CampaignView,
  options: { view?: TreeViewKind; width?: number; nodeHref?: (number: number) => string } = {},
): string {
  const width = Math.max(1, Math.round(options.width ?? 1200));
  return drawings[options.view ?? treeViewFor(view.nodes.length)](view, width, options.nodeHref);
}

/** Alternative text with the numbers of the headline; at most 1,000 characters. */
export function treeAltText(view: CampaignView): string {
  const head = headlineOf(view);
  const parts = [`Search tree of ${oneLine(view.title)}: ${countText(head.nodes, 'node')}`];
  if (head.running > 0) parts.push(`${head.running} running`);
  if (head.waiting > 0) parts.push(`${head.waiting} waiting for approval`);
  if (head.failed > 0) parts.push(`${head.failed} failed`);
  const sentences = [parts.join(', ')];
  if (head.best?.score) {
    const from =
      head.gain === null || !head.baseline?.score ? '' : `, baseline ${valueText(head.baseline.score.value)}`;
    sentences.push(
      `Best is #${head.best.number} ${oneLine(head.best.title)} with ${scoreText(head.best.score)} on search${from}`,
    );
  } else sentences.push('No score yet');
  if (view.final) sentences.push(`Test ${scoreText(view.final.bestTest)}`);
  sentences.push(`Spent ${spendText(view.budget.spent, view.budget.limit)}`);
  return clip(`${sentences.join('. ')}.`, 1000);
}
