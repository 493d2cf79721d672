import { hierarchy, tree } from 'd3-hierarchy';
import { linkHorizontal } from 'd3-shape';
import type { CampaignView } from '../../campaign/view.ts';
import { escapeXml, pictureText, valueText } from '../format.ts';
import { bestLabelSvg } from './best-label.ts';
import { headlineOf } from './facts.ts';
import { glyph } from './glyph.ts';
import { headSvg } from './head.ts';
import { type LegendEntry, legendSvg } from './legend.ts';
import { type Branch, rankOf, scoreOf, shapeOf } from './shape.ts';
import { colours, linked, type NodeHref, px, svgDocument, textAt } from './svg.ts';

const units = 1200;
/** Tallest tree in units; beyond it the rows move closer together. */
const tallest = 2000;
/** Above this, hover texts would weigh more than the picture. */
const maxHints = 300;

/** A tidy tree of dots: for up to about 260 nodes. The best path hugs the upper edge; darker is better. */
export function dotsSvg(view: CampaignView, width: number, href?: NodeHref): string {
  const shape = shapeOf(view);
  const rank = rankOf(view);
  const head = headSvg(view, units);
  const top = head.bottom + 84;
  if (shape.order.length === 0) {
    const nothing = textAt(40, top, 'Nothing has run yet. The baseline comes first.', {
      size: 30,
      fill: colours.sub,
    });
    return svgDocument(
      { units, height: top + 40, width },
      pictureText(view.title, view.id),
      head.svg + nothing,
    );
  }

  // Several roots (only in damaged data) hang on one that is not drawn.
  const forest = shape.roots.length > 1;
  const root = hierarchy<Branch | null>(forest ? null : shape.roots[0]!, (at) =>
    at === null ? shape.roots : at.children,
  );
  const worth = (branch: Branch | null): number => (branch?.onPath ? Infinity : (branch?.bestBelow ?? 0));
  root.sort((a, b) => (worth(b.data) > worth(a.data) ? 1 : worth(b.data) < worth(a.data) ? -1 : 0));
  const leaves = root.leaves().length;
  const step = Math.max(Math.min(9, tallest / leaves), Math.min(34, 860 / leaves));
  const depth = Math.max(1, root.height - (forest ? 1 : 0));
  const across = Math.min(units - 130, depth * 90);
  const tallness = Math.max(1, leaves - 1) * step;
  tree<Branch | null>()
    .size([tallness, forest ? (across * (depth + 1)) / depth : across])
    .separation(() => 1)(root);
  const radius = Math.max(1.5, Math.min(11, step * 0.36 + 2.4, (across / depth) * 0.42));
  const left = forest ? 56 - across / depth : 56;
  const xOf = (node: { y?: number | undefined }): number => left + (node.y ?? 0);
  const yOf = (node: { x?: number | undefined }): number => top + (leaves === 1 ? 0 : (node.x ?? 0));

  const link = linkHorizontal<unknown, [number, number]>();
  let grey = '';
  let orange = '';
  for (const { source, target } of root.links()) {
    if (source.data === null) continue;
    const d = link({ source: [xOf(source), yOf(source)], target: [xOf(target), yOf(target)] }) ?? '';
    const short = d.replace(/\d+\.\d{2,}/g, (number) => px(Number(number)));
    if (target.data?.onPath) orange += short;
    else grey += short;
  }
  let svg = head.svg;
  svg += `<path d="${grey}" fill="none" stroke="${colours.rail}" stroke-width="${px(Math.min(3, Math.max(1, radius * 0.25)))}"/>`;
  svg += `<path d="${orange}" fill="none" stroke="${colours.best}" stroke-width="${px(Math.min(6, Math.max(2, radius * 0.85)))}"/>`;

  const placed = root.descendants().filter((node) => node.data !== null);
  const ordered = [
    ...placed.filter((node) => !node.data?.onPath),
    ...placed.filter((node) => node.data?.onPath),
  ];
  for (const at of ordered) {
    const branch = at.data as Branch;
    const score = scoreOf(branch.node);
    const isBest = branch === shape.best;
    const mark = glyph(
      {
        state: branch.node.state,
        rank: score === null ? 0 : rank(score),
        onPath: branch.onPath,
        best: isBest,
      },
      xOf(at),
      yOf(at),
      radius * (isBest ? 1.6 : branch.onPath ? 1.3 : 1),
    );
    const shown =
      placed.length <= maxHints
        ? `<g><title>${escapeXml(`#${branch.node.number} ${pictureText(branch.node.title)} ${score === null ? branch.node.state.replace('_', ' ') : valueText(score)}`)}</title>${mark}</g>`
        : mark;
    svg += linked(href, branch.node.number, shown);
  }
  const bestAt = placed.find((node) => node.data === shape.best);
  if (bestAt)
    svg += bestLabelSvg(view, {
      x: xOf(bestAt) + 6,
      y: yOf(bestAt) - radius * 2.6 - 10,
      left: 40,
      right: units - 40,
    });

  const counts = headlineOf(view);
  const entries: LegendEntry[] = [
    { kind: 'line', colour: colours.best, dashed: false, label: 'best path' },
    { kind: 'glyph', state: 'scored', label: 'scored, dark = better' },
  ];
  if (counts.running > 0) entries.push({ kind: 'glyph', state: 'running', label: 'running' });
  if (counts.waiting > 0) entries.push({ kind: 'glyph', state: 'awaiting_approval', label: 'waits for you' });
  if (counts.failed > 0) entries.push({ kind: 'glyph', state: 'failed', label: 'failed' });
  if (view.nodes.some((node) => node.state === 'planned'))
    entries.push({ kind: 'glyph', state: 'planned', label: 'planned' });
  if (counts.withdrawn > 0) entries.push({ kind: 'glyph', state: 'withdrawn', label: 'withdrawn' });
  const foot = top + (leaves === 1 ? 0 : tallness) + 62;
  svg += legendSvg(entries, foot, 44, units - 20);
  return svgDocument({ units, height: foot + 34, width }, pictureText(view.title, view.id), svg);
}
