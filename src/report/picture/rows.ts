import type { CampaignView, NodeView } from '../../campaign/view.ts';
import { percentText } from '../../lib/text.ts';
import {
  deltaText,
  durationText,
  escapeXml,
  marginText,
  moneyText,
  pictureText,
  valueText,
} from '../format.ts';
import { evidenceOf, isFree, progressOf } from './facts.ts';
import { glyph } from './glyph.ts';
import { headSvg } from './head.ts';
import { type RowPlace, rowPlaces } from './row-places.ts';
import { type Branch, rankOf, scoreOf, shapeOf } from './shape.ts';
import { colours, linked, type NodeHref, px, svgDocument, textAt } from './svg.ts';
import { fitText, textWidth } from './text-width.ts';

const units = 1200;
const rowHeight = 46;
const maxRows = 150;

/** The state, and its colour, shown in place of a score. */
function stateWord(node: NodeView): { text: string; fill: string } {
  switch (node.state) {
    case 'scored':
      return { text: 'scored', fill: colours.sub };
    case 'running': {
      if (node.waiting) return { text: 'in the queue', fill: colours.idleInk };
      const progress = progressOf(node);
      return {
        text: progress === null ? 'running' : `running ${percentText(progress)}`,
        fill: colours.running,
      };
    }
    case 'awaiting_approval':
      return { text: 'waits for you', fill: colours.waitingInk };
    case 'failed':
      return { text: 'failed', fill: colours.failed };
    case 'planned':
      return { text: 'planned', fill: colours.idleInk };
    case 'withdrawn':
      return { text: 'withdrawn', fill: colours.idle };
  }
}

function deltaCell(branch: Branch): { text: string; fill: string } | null {
  const own = scoreOf(branch.node);
  if (own === null) return null;
  const from = branch.parent ? scoreOf(branch.parent.node) : null;
  const difference = branch.node.delta?.difference ?? (from === null ? null : own - from);
  if (difference === null) return null;
  const evidence = evidenceOf(branch.node);
  const fill = evidence === 'better' ? colours.up : evidence === 'worse' ? colours.down : colours.idleInk;
  return { text: deltaText(difference), fill };
}

/** One line a node, rails at the left, best path on lane 0: for up to about 40 nodes. */
export function rowsSvg(view: CampaignView, width: number, href?: NodeHref): string {
  const shape = shapeOf(view);
  const { rows, hidden } = rowPlaces(shape, maxRows);
  const free = isFree(view);
  const rank = rankOf(view);
  const head = headSvg(view, units);
  const top = head.bottom + 72;
  const lanes = rows.reduce((most, row) => Math.max(most, row.lane), 0) + 1;
  const laneWidth = lanes < 2 ? 34 : Math.max(3, Math.min(34, 250 / (lanes - 1)));
  const radius = Math.max(4, Math.min(11, laneWidth * 0.42));
  const left = 60;
  const textLeft = left + (lanes - 1) * laneWidth + 40;
  const columns = {
    margin: textLeft + 98,
    delta: textLeft + 206,
    change: textLeft + 324,
    time: free ? units - 40 : units - 150,
    cost: units - 40,
  };
  const yOf = (row: number): number => top + row * rowHeight;
  const xOf = (lane: number): number => left + lane * laneWidth;
  let svg = head.svg;

  if (rows.length > 0) {
    const label = (x: number, text: string, anchor: 'start' | 'end' = 'start'): string =>
      textAt(x, top - 33, text, { size: 23, fill: colours.sub, anchor });
    svg +=
      label(textLeft, 'search score') +
      label(columns.delta, 'Δ parent') +
      label(columns.change, 'change') +
      label(columns.time, 'compute', 'end') +
      (free ? '' : label(columns.cost, 'cost', 'end'));
  } else {
    svg += textAt(40, top, 'Nothing has run yet. The baseline comes first.', { size: 30, fill: colours.sub });
  }

  rows.forEach((row, i) => {
    if (row.branch.onPath)
      svg += `<rect x="${px(textLeft - 14)}" y="${yOf(i) - rowHeight / 2 + 2}" width="${px(units - 26 - textLeft + 14)}" height="${rowHeight - 4}" rx="8" fill="${colours.bestPaper}"/>`;
  });

  const rail = (row: RowPlace, i: number): string => {
    if (row.parentRow === null) return '';
    const x1 = xOf(rows[row.parentRow]?.lane ?? row.lane);
    const x2 = xOf(row.lane);
    const y1 = yOf(row.parentRow);
    const y2 = yOf(i);
    const bend = Math.min(18, laneWidth / 2);
    const d =
      x1 === x2
        ? `M${px(x1)} ${y1}V${y2}`
        : `M${px(x1)} ${y2 - rowHeight / 2 - 4}Q${px(x1)} ${y2} ${px(x1 + bend)} ${y2}H${px(x2)}`;
    const dash = row.skips ? ' stroke-dasharray="4 6"' : '';
    return `<path d="${d}" fill="none" stroke="${row.branch.onPath ? colours.best : colours.rail}" stroke-width="${row.branch.onPath ? 6 : 3}"${dash}/>`;
  };
  const onTop = (path: boolean): string =>
    rows.map((row, i) => (row.branch.onPath === path ? rail(row, i) : '')).join('');
  svg += onTop(false) + onTop(true);

  rows.forEach((row, i) => {
    const { branch } = row;
    const { node } = branch;
    const y = yOf(i);
    const isBest = branch === shape.best;
    const score = scoreOf(node);
    svg += glyph(
      { state: node.state, rank: score === null ? 0 : rank(score), onPath: branch.onPath, best: isBest },
      xOf(row.lane),
      y,
      isBest ? radius * 1.2 : radius,
    );
    if (score !== null && node.score) {
      svg += textAt(textLeft, y + 11, valueText(score), {
        size: 31,
        weight: 600,
        fill: isBest ? colours.bestInk : colours.ink,
      });
      svg += textAt(columns.margin, y + 10, `±${marginText(node.score).replace(/^0/, '')}`, {
        size: 25,
        fill: isBest ? colours.bestInk : colours.sub,
      });
    } else {
      const word = stateWord(node);
      svg += textAt(textLeft, y + 11, word.text, { size: 30, weight: 600, fill: word.fill });
    }
    const delta = deltaCell(branch);
    if (delta) svg += textAt(columns.delta, y + 10, delta.text, { size: 26, fill: delta.fill });

    const time = node.cost.computeSeconds > 0 ? durationText(node.cost.computeSeconds) : '';
    const changeRoom = columns.time - textWidth(time, 26) - 24 - columns.change;
    const idle = node.state === 'withdrawn';
    svg += textAt(
      columns.change,
      y + 10,
      fitText(`#${node.number} ${pictureText(node.title)}`.trimEnd(), changeRoom, 27),
      { size: 27, fill: branch.onPath ? colours.ink : idle ? colours.idle : colours.sub },
    );
    svg += textAt(columns.time, y + 10, time, { size: 26, fill: colours.sub, anchor: 'end' });
    if (!free && node.cost.usd > 0)
      svg += textAt(columns.cost, y + 10, moneyText(node.cost.usd), {
        size: 26,
        fill: colours.sub,
        anchor: 'end',
      });
  });

  if (href !== undefined)
    rows.forEach(({ branch: { node } }, i) => {
      const name = `<title>${escapeXml(`#${node.number} ${pictureText(node.title)}`)}</title>`;
      const area = `<rect x="20" y="${yOf(i) - rowHeight / 2}" width="${units - 40}" height="${rowHeight}" fill="${colours.paper}" fill-opacity="0">${name}</rect>`;
      svg += linked(href, node.number, area);
    });

  let bottom = rows.length > 0 ? yOf(rows.length - 1) + rowHeight / 2 + 12 : top + 40;
  if (hidden > 0) {
    svg += textAt(textLeft, bottom + 24, `and ${hidden} more`, { size: 27, fill: colours.sub });
    bottom += 48;
  }
  return svgDocument({ units, height: bottom, width }, pictureText(view.title, view.id), svg);
}
