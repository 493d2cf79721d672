import { scaleLinear } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import type { CampaignView } from '../../campaign/view.ts';
import { escapeXml, inUnit, pictureText, timeUnit, valueText } from '../format.ts';
import { bestLabelSvg } from './best-label.ts';
import { headlineOf } from './facts.ts';
import { glyph } from './glyph.ts';
import { headSvg } from './head.ts';
import { type LegendEntry, legendSvg } from './legend.ts';
import { type Branch, rankOf, scoreOf, shapeOf } from './shape.ts';
import { colours, linked, type NodeHref, px, svgDocument, textAt } from './svg.ts';

const units = 1200;
const height = 900;
const maxHints = 300;

interface Point {
  branch: Branch;
  x: number;
  score: number;
}

/** Seconds after the start when a node's result was known (or its work began); null when the view does not say. */
const momentOf = (branch: Branch): number | null =>
  branch.node.finishedAfterSeconds ?? branch.node.startedAfterSeconds;

/** The value below which `share` of the sorted values lie. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

/**
 * Range of the score axis. When a few low scores (often the baseline) would press all others into a thin band, the
 * axis starts above them; they are then drawn in a band at its foot.
 */
function scoreRange(
  values: readonly number[],
  target: number | null,
): { low: number; high: number; least: number; cut: boolean } {
  const sorted = [...values].sort((a, b) => a - b);
  const least = sorted[0] ?? 0;
  const most = Math.max(sorted[sorted.length - 1] ?? 1, target ?? -Infinity);
  const typical = quantile(sorted, 0.15);
  const cut = sorted.length >= 5 && typical - least > 2 * Math.max(most - typical, 0.04);
  const low = cut ? Math.max(least, typical - 0.3 * Math.max(most - typical, 0.04)) : least;
  const pad = most - low < 1e-6 ? 0.05 : 0;
  return { low: low - pad, high: most + pad, least, cut };
}

/** Score against time with edges to the parents and the best score so far: for any number of nodes. */
export function lineageSvg(view: CampaignView, width: number, href?: NodeHref): string {
  const shape = shapeOf(view);
  const rank = rankOf(view);
  const head = headSvg(view, units);
  const plot = { left: 112, right: units - 56, top: head.bottom + 112, foot: height - 132 };
  const timed = shape.order.every((branch) => {
    const open = branch.node.state === 'planned' || branch.node.state === 'awaiting_approval';
    return open || branch.node.state === 'withdrawn' || momentOf(branch) !== null;
  });
  const byNumber = [...shape.order].sort((a, b) => a.node.number - b.node.number);
  const index = new Map(byNumber.map((branch, i) => [branch, i]));
  const known = shape.order.flatMap((branch) =>
    timed ? (momentOf(branch) ?? []) : (index.get(branch) ?? []),
  );
  const last = known.reduce((most, x) => Math.max(most, x), 0) || 1;
  const xOfBranch = (branch: Branch): number =>
    timed ? (momentOf(branch) ?? last) : (index.get(branch) ?? 0);

  const points: Point[] = shape.order.flatMap((branch) => {
    const score = scoreOf(branch.node);
    return score === null ? [] : [{ branch, x: xOfBranch(branch), score }];
  });
  const target = view.brief?.target ?? null;
  const range = scoreRange(
    points.map((point) => point.score),
    target,
  );
  const x = scaleLinear([0, last], [plot.left, plot.right]);
  const band = range.cut ? 54 : 0;
  const y = scaleLinear([range.low, range.high], [plot.foot - band, plot.top]);
  if (!range.cut) y.nice(5);
  const floor = y.domain()[0] ?? range.low;
  const yOf = (score: number): number => (score < floor ? plot.foot - band / 2 : y(score));

  let svg = head.svg;
  if (points.length > 0) {
    const ticks = y.ticks(5);
    const decimals = Math.max(
      1,
      ...ticks.map((tick) => String(Number(tick.toFixed(6))).split('.')[1]?.length ?? 0),
    );
    for (const tick of ticks) {
      svg += `<path d="M${plot.left} ${px(y(tick))}H${plot.right}" stroke="${colours.grid}"/>`;
      svg += textAt(plot.left - 14, y(tick) + 9, tick.toFixed(Math.min(3, decimals)), {
        size: 27,
        fill: colours.sub,
        anchor: 'end',
      });
    }
  } else {
    const word =
      shape.order.length === 0
        ? 'Nothing has run yet. The baseline comes first.'
        : 'No node has a score yet.';
    svg += textAt(plot.left, (plot.top + plot.foot) / 2, word, { size: 30, fill: colours.sub });
  }
  svg += `<path d="M${plot.left} ${plot.foot}H${plot.right}" stroke="${colours.edge}" stroke-width="2"/>`;
  if (range.cut) {
    const below = points.filter((point) => point.score < floor).length;
    svg +=
      `<rect x="${plot.left}" y="${plot.foot - band}" width="${plot.right - plot.left}" height="${band}" fill="#f8fafc"/>` +
      `<path d="M${plot.left} ${plot.foot - band}H${plot.right}" stroke="${colours.edge}" stroke-dasharray="3 6"/>` +
      textAt(plot.right - 10, plot.foot - 18, `${below} below this scale, from ${valueText(range.least)}`, {
        size: 25,
        fill: colours.sub,
        anchor: 'end',
      });
  }
  if (timed) {
    const unit = timeUnit(last);
    const per = unit === 's' ? 1 : unit === 'min' ? 60 : 3600;
    for (const tick of scaleLinear([0, last / per], [0, 1]).ticks(6)) {
      const seconds = tick * per;
      if (seconds > last) continue;
      svg += textAt(x(seconds), plot.foot + 46, seconds === 0 ? '0' : `${inUnit(seconds, unit)} ${unit}`, {
        size: 26,
        fill: colours.sub,
        anchor: 'middle',
      });
    }
  } else {
    for (const tick of x.ticks(6))
      if (Number.isInteger(tick))
        svg += textAt(x(tick), plot.foot + 46, `#${byNumber[tick]?.node.number ?? tick}`, {
          size: 26,
          fill: colours.sub,
          anchor: 'middle',
        });
  }
  if (target !== null && target >= floor)
    svg +=
      `<path d="M${plot.left} ${px(y(target))}H${plot.right}" stroke="${colours.up}" stroke-width="2" stroke-dasharray="14 8"/>` +
      textAt(plot.left + 8, y(target) - 10, `target ${valueText(target)}`, { size: 25, fill: colours.up });

  const small = shape.order.length > 260;
  const radius = small ? 3.4 : shape.order.length > 80 ? 7 : 9;
  const lineBetween = line<Point>(
    (point) => Number(px(x(point.x))),
    (point) => Number(px(yOf(point.score))),
  );
  const pointOf = new Map(points.map((point) => [point.branch, point]));
  let edges = '';
  for (const point of points) {
    const parent = point.branch.parent ? pointOf.get(point.branch.parent) : undefined;
    if (parent && !point.branch.onPath) edges += lineBetween([parent, point]) ?? '';
  }
  svg += `<path d="${edges}" fill="none" stroke="${colours.edge}" stroke-opacity="${small ? 0.2 : 0.5}" stroke-width="${small ? 0.8 : 1.8}"/>`;

  // Dots first, failures on the axis, then what must not be covered.
  const hint = (branch: Branch, mark: string): string =>
    linked(
      href,
      branch.node.number,
      shape.order.length <= maxHints
        ? `<g><title>${escapeXml(`#${branch.node.number} ${pictureText(branch.node.title)}`)}</title>${mark}</g>`
        : mark,
    );
  for (const point of points) {
    if (point.branch.onPath) continue;
    svg += hint(
      point.branch,
      glyph(
        { state: 'scored', rank: rank(point.score), onPath: false, best: false },
        x(point.x),
        yOf(point.score),
        radius,
      ),
    );
  }
  let rug = '';
  for (const branch of shape.order)
    if (branch.node.state === 'failed') rug += `M${px(x(xOfBranch(branch)))} ${plot.foot - 1}v17`;
  if (rug) svg += `<path d="${rug}" stroke="${colours.failed}" stroke-width="${small ? 1.2 : 3}"/>`;

  const soFar: Point[] = [];
  let highest = -Infinity;
  for (const point of [...points].sort((a, b) => a.x - b.x || a.branch.node.number - b.branch.node.number)) {
    if (point.score <= highest) continue;
    highest = point.score;
    soFar.push(point);
  }
  const lastSoFar = soFar[soFar.length - 1];
  if (lastSoFar) {
    const steps = lineBetween.curve(curveStepAfter)([...soFar, { ...lastSoFar, x: last }]);
    svg += `<path d="${steps}" fill="none" stroke="${colours.soFar}" stroke-width="4" stroke-dasharray="1 8" stroke-linecap="round"/>`;
  }

  const path = shape.path.flatMap((branch) => pointOf.get(branch) ?? []);
  const straight = line<Point>(
    (point) => Number(px(x(point.x))),
    (point) => Number(px(yOf(point.score))),
  );
  svg += `<path d="${straight(path) ?? ''}" fill="none" stroke="${colours.best}" stroke-width="${small ? 5 : 6}" stroke-linejoin="round"/>`;
  for (const point of path) {
    const isBest = point.branch === shape.best;
    const r = (small ? 5.5 : 9) * (isBest ? 1.6 : 1);
    svg += hint(
      point.branch,
      glyph(
        { state: 'scored', rank: rank(point.score), onPath: true, best: isBest },
        x(point.x),
        yOf(point.score),
        r,
      ),
    );
  }
  // Open nodes are drawn right of the last result at their parent's height, one under the other.
  const r = small ? 7 : 10;
  const open = shape.order
    .filter((branch) => branch.node.state === 'running' || branch.node.state === 'awaiting_approval')
    .map((branch) => ({
      branch,
      wanted: yOf((branch.parent && pointOf.get(branch.parent)?.score) ?? floor),
    }))
    .sort((a, b) => a.wanted - b.wanted);
  let above = -Infinity;
  for (const { branch, wanted } of open) {
    const at = Math.min(plot.foot, Math.max(wanted, above + 2.4 * r));
    above = at;
    svg += hint(
      branch,
      glyph({ state: branch.node.state, rank: 0, onPath: false, best: false }, plot.right + 28, at, r),
    );
  }
  const bestPoint = shape.best ? pointOf.get(shape.best) : undefined;
  if (bestPoint)
    svg += bestLabelSvg(view, {
      x: x(bestPoint.x) + 24,
      y: yOf(bestPoint.score) - 26,
      left: plot.left + 4,
      right: plot.right + 8,
    });
  const counts = headlineOf(view);
  const entries: LegendEntry[] = [
    { kind: 'line', colour: colours.best, dashed: false, label: 'best path' },
    { kind: 'line', colour: colours.soFar, dashed: true, label: 'best so far' },
    { kind: 'glyph', state: 'scored', label: 'scored' },
  ];
  if (counts.running > 0) entries.push({ kind: 'glyph', state: 'running', label: 'running' });
  if (counts.waiting > 0) entries.push({ kind: 'glyph', state: 'awaiting_approval', label: 'waits for you' });
  if (counts.failed > 0) entries.push({ kind: 'rug', label: 'failed' });
  svg += legendSvg(entries, height - 36, 44, units - 20);
  return svgDocument({ units, height, width }, pictureText(view.title, view.id), svg);
}
