import type { CampaignView } from '../../campaign/view.ts';
import { countText } from '../../lib/text.ts';
import {
  deltaText,
  durationText,
  escapeXml,
  marginText,
  pictureText,
  spendText,
  valueText,
} from '../format.ts';
import { headlineOf, isFree } from './facts.ts';
import { colours, px, textAt } from './svg.ts';
import { fitText, textWidth } from './text-width.ts';

const margin = 40;
const titleSize = 52;
const marginSize = 34;
const factSize = 30;

interface Piece {
  text: string;
  fill: string;
}

/** Why no node runs, or that the search is over; null while it goes on. */
function standing(view: CampaignView): Piece | null {
  switch (view.state) {
    case 'finished':
      return { text: 'done', fill: colours.up };
    case 'stopped':
      return { text: 'stopped', fill: colours.idleInk };
    case 'failed':
      return { text: 'ended by an error', fill: colours.failed };
    case 'confirming':
      return { text: 'confirming', fill: colours.running };
    default:
      if (view.heldBecause !== null)
        return { text: pictureText(view.heldBecause, 'held'), fill: colours.waitingInk };
      return view.paused ? { text: 'paused', fill: colours.waitingInk } : null;
  }
}

function facts(view: CampaignView, room: number): Piece[] {
  const head = headlineOf(view);
  const pieces: (Piece & { keep: number })[] = [
    { text: countText(head.nodes, 'node'), fill: colours.sub, keep: 4 },
  ];
  if (head.running > 0) pieces.push({ text: `${head.running} running`, fill: colours.running, keep: 6 });
  if (head.waiting > 0)
    pieces.push({
      text: head.waiting === 1 ? '1 waits for you' : `${head.waiting} wait for you`,
      fill: colours.waitingInk,
      keep: 8,
    });
  if (head.failed > 0) pieces.push({ text: `${head.failed} failed`, fill: colours.failed, keep: 5 });
  pieces.push({ text: spendText(view.budget.spent, view.budget.limit), fill: colours.sub, keep: 7 });
  if (!isFree(view) && view.budget.limit.computeSeconds === null)
    pieces.push({
      text: `${durationText(view.budget.spent.computeSeconds)} compute`,
      fill: colours.sub,
      keep: 1,
    });
  if (view.final)
    pieces.push({ text: `test ${valueText(view.final.bestTest.value)}`, fill: colours.up, keep: 9 });
  const state = standing(view);
  if (state) pieces.push({ ...state, text: fitText(state.text, 420, factSize), keep: 3 });
  while (pieces.length > 1 && textWidth(pieces.map((p) => p.text).join(' · '), factSize) > room) {
    const least = Math.min(...pieces.map((p) => p.keep));
    pieces.splice(
      pieces.findIndex((p) => p.keep === least),
      1,
    );
  }
  return pieces;
}

/** Shares of the budget in [0, 1], of the side that is nearer to its limit; null without a limit. */
function budgetShares(view: CampaignView): { spent: number; reserved: number } | null {
  const { limit, spent, reserved } = view.budget;
  const sides = [
    limit.computeSeconds ? [spent.computeSeconds, reserved.computeSeconds, limit.computeSeconds] : null,
    limit.usd ? [spent.usd, reserved.usd, limit.usd] : null,
  ].flatMap((side) =>
    side ? [{ spent: (side[0] ?? 0) / (side[2] ?? 1), reserved: (side[1] ?? 0) / (side[2] ?? 1) }] : [],
  );
  const fuller = sides.sort((a, b) => b.spent + b.reserved - a.spent - a.reserved)[0];
  if (!fuller) return null;
  const share = (value: number): number => (Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0);
  return { spent: share(fuller.spent), reserved: Math.min(share(fuller.reserved), 1 - share(fuller.spent)) };
}

/**
 * Title, best score with its margin, gain over the baseline, counts, budget bar. `bottom` is where the picture may go
 * on.
 * A title too long to share a line with the score gets its own.
 */
export function headSvg(view: CampaignView, units: number): { svg: string; bottom: number } {
  const room = units - 2 * margin;
  const head = headlineOf(view);
  let score = '';
  let scoreWidth = 0;
  if (head.best?.score) {
    const value = valueText(head.best.score.value);
    const plusMinus = `± ${marginText(head.best.score)}`;
    const arrow = head.gain === null || Math.abs(head.gain) < 5e-4 ? '' : head.gain > 0 ? '▲' : '▼';
    const gain = arrow === '' ? '' : `${arrow}${deltaText(head.gain ?? 0).slice(1)}`;
    const gainFill = !head.gainHolds ? colours.idleInk : (head.gain ?? 0) > 0 ? colours.up : colours.down;
    const valueWidth = textWidth(value, titleSize, 600);
    const plusMinusWidth = textWidth(plusMinus, marginSize);
    scoreWidth = valueWidth + 14 + plusMinusWidth + (gain ? 22 + textWidth(gain, titleSize, 600) : 0);
    score =
      `<tspan font-weight="600" fill="${colours.ink}">${value}</tspan>` +
      `<tspan dx="14" font-size="${marginSize}" fill="${colours.sub}">${escapeXml(plusMinus)}</tspan>` +
      (gain ? `<tspan dx="22" font-weight="600" fill="${gainFill}">${gain}</tspan>` : '');
  } else {
    scoreWidth = textWidth('no score yet', marginSize);
    score = `<tspan font-size="${marginSize}" fill="${colours.sub}">no score yet</tspan>`;
  }
  const title = pictureText(view.title, pictureText(view.id, 'Campaign'));
  const titleWidth = textWidth(title, titleSize, 600);
  const together = titleWidth + 24 + scoreWidth <= room;
  let y = 66;
  let svg = textAt(margin, y, fitText(title, room, titleSize, 600), { size: titleSize, weight: 600 });
  if (!together) y += 62;
  svg += `<text x="${px(together ? margin + titleWidth + 24 : margin)}" y="${y}" font-size="${titleSize}">${score}</text>`;

  y += 50;
  svg += `<text x="${margin}" y="${y}" font-size="${factSize}" fill="${colours.sub}">${facts(view, room)
    .map((piece, i) => `${i > 0 ? ' · ' : ''}<tspan fill="${piece.fill}">${escapeXml(piece.text)}</tspan>`)
    .join('')}</text>`;

  const shares = budgetShares(view);
  y += 16;
  if (shares) {
    const bar = (share: number, fill: string): string =>
      share > 0
        ? `<rect x="${margin}" y="${y}" width="${px(Math.max(10, share * room))}" height="10" rx="5" fill="${fill}"/>`
        : '';
    svg +=
      bar(1, colours.grid) +
      bar(shares.reserved > 0 ? shares.spent + shares.reserved : 0, colours.reserved) +
      bar(shares.spent, shares.spent > 0.9 ? colours.failed : colours.spent);
    y += 10;
  }
  return { svg, bottom: y };
}
