import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { numberText } from '../lib/text.ts';
import { lossText, pictureText } from './format.ts';
import { colours, px, svgDocument, textAt } from './picture/svg.ts';
import { fitText, textWidth } from './picture/text-width.ts';

export interface LossPoint {
  step: number;
  loss: number;
}

export interface LossCurve {
  /** Short: `lr 5e-4`. */
  label: string;
  /** In order of step; a line ends with a cross at the first value that is not finite. */
  points: readonly LossPoint[];
}

const units = 1200;
const height = 720;
/** Points drawn of one curve; the rest is averaged into them. */
const maxPoints = 240;
/** Distinguishable in grey too: dark, middle, dashed. */
const inks = [
  { colour: '#1d4ed8', dash: '' },
  { colour: '#d97706', dash: '' },
  { colour: '#047857', dash: '14 7' },
  { colour: '#7c3aed', dash: '4 7' },
  { colour: '#be185d', dash: '22 7 4 7' },
];

/** Finite points, averaged in equal runs down to `maxPoints`; `ended` is true when a value was not finite. */
function thin(points: readonly LossPoint[]): { points: LossPoint[]; ended: boolean } {
  const finite = points.filter((point) => Number.isFinite(point.step) && Number.isFinite(point.loss));
  const run = Math.max(1, Math.ceil(finite.length / maxPoints));
  const thinned: LossPoint[] = [];
  for (let from = 0; from < finite.length; from += run) {
    const part = finite.slice(from, from + run);
    const mean = part.reduce((sum, point) => sum + point.loss, 0) / part.length;
    thinned.push({ step: part[part.length - 1]?.step ?? 0, loss: mean });
  }
  return { points: thinned, ended: finite.length < points.length };
}

/**
 * Upper end of the loss axis: where one curve diverged, the others set the scale and it leaves the picture at the top.
 */
function ceilingOf(losses: readonly number[]): number {
  const sorted = [...losses].sort((a, b) => a - b);
  const most = sorted[sorted.length - 1] ?? 1;
  const usual = sorted[Math.floor(sorted.length * 0.9)] ?? most;
  return most > 3 * usual ? usual * 1.5 : most;
}

/** Training loss over steps of a node's trials as SVG; the end of each line carries its label and last loss. */
export function curveSvg(
  title: string,
  curves: readonly LossCurve[],
  options: { width?: number } = {},
): string {
  const width = Math.max(1, Math.round(options.width ?? 1200));
  const heading = pictureText(title, 'Training loss');
  const drawn = curves
    .map((curve, i) => ({
      ...thin(curve.points),
      label: pictureText(curve.label, `trial ${i + 1}`),
      ink: inks[i % inks.length]!,
    }))
    .filter((curve) => curve.points.length > 0);
  let svg = textAt(40, 66, fitText(heading, units - 80, 46, 600), { size: 46, weight: 600 });
  if (drawn.length === 0) {
    svg += textAt(40, 130, 'No losses were written yet.', { size: 30, fill: colours.sub });
    return svgDocument({ units, height: 180, width }, heading, svg);
  }

  const labels = drawn.map((curve) => {
    // The last loss is always printed in full.
    const end = `: ${lossText(curve.points[curve.points.length - 1]!.loss)}${curve.ended ? ', then NaN' : ''}`;
    return `${fitText(curve.label, 420 - textWidth(end, 27, 600), 27, 600)}${end}`;
  });
  const side = Math.max(...labels.map((label) => textWidth(label, 27, 600)));
  const plot = { left: 100, right: units - side - 56, top: 132, foot: height - 80 };
  const losses = drawn.flatMap((curve) => curve.points.map((point) => point.loss));
  const steps = drawn.flatMap((curve) => curve.points.map((point) => point.step));
  const firstStep = steps.reduce((least, step) => Math.min(least, step), Infinity);
  const lastStep = steps.reduce((most, step) => Math.max(most, step), -Infinity);
  const lowest = losses.reduce((least, loss) => Math.min(least, loss), Infinity);
  const ceiling = ceilingOf(losses);
  const x = scaleLinear(
    [firstStep, lastStep > firstStep ? lastStep : firstStep + 1],
    [plot.left, plot.right],
  );
  const y = scaleLinear([Math.min(0, lowest), ceiling > 0 ? ceiling : 1], [plot.foot, plot.top]).nice(5);
  const high = y.domain()[1] ?? ceiling;

  for (const tick of y.ticks(5)) {
    svg += `<path d="M${plot.left} ${px(y(tick))}H${px(plot.right)}" stroke="${colours.grid}"/>`;
    svg += textAt(plot.left - 14, y(tick) + 9, String(Number(tick.toFixed(4))), {
      size: 26,
      fill: colours.sub,
      anchor: 'end',
    });
  }
  for (const tick of x.ticks(5))
    if (Number.isInteger(tick))
      svg += textAt(x(tick), plot.foot + 42, numberText(tick), {
        size: 26,
        fill: colours.sub,
        anchor: 'middle',
      });
  svg += textAt(plot.right, plot.foot + 74, 'steps', { size: 24, fill: colours.sub, anchor: 'end' });
  svg += textAt(plot.left - 14, plot.top - 16, 'training loss', { size: 24, fill: colours.sub });

  const path = line<LossPoint>(
    (point) => Number(px(x(point.step))),
    (point) => Number(px(y(Math.min(point.loss, high)))),
  );
  const ends: { y: number; label: string; colour: string; from: { x: number; y: number } }[] = [];
  drawn.forEach((curve, i) => {
    const last = curve.points[curve.points.length - 1]!;
    const at = { x: x(last.step), y: y(Math.min(last.loss, high)) };
    const dash = curve.ink.dash ? ` stroke-dasharray="${curve.ink.dash}"` : '';
    svg += `<path d="${path(curve.points) ?? ''}" fill="none" stroke="${curve.ink.colour}" stroke-width="4.5" stroke-linejoin="round"${dash}/>`;
    svg += curve.ended
      ? `<path d="M${px(at.x - 10)} ${px(at.y - 10)}l20 20m0 -20l-20 20" stroke="${colours.failed}" stroke-width="5" stroke-linecap="round"/>`
      : `<circle cx="${px(at.x)}" cy="${px(at.y)}" r="7" fill="${curve.ink.colour}"/>`;
    ends.push({ y: at.y, label: labels[i] ?? '', colour: curve.ink.colour, from: at });
  });

  // Labels in order of height, pushed apart, then the whole stack back up where it left the plot.
  const gap = 36;
  ends.sort((a, b) => a.y - b.y);
  for (let i = 1; i < ends.length; i++) ends[i]!.y = Math.max(ends[i]!.y, ends[i - 1]!.y + gap);
  const over = (ends[ends.length - 1]?.y ?? 0) - plot.foot;
  if (over > 0) for (const end of ends) end.y -= over;
  for (const end of ends) {
    svg += `<path d="M${px(end.from.x + 10)} ${px(end.from.y)}L${px(plot.right + 22)} ${px(end.y)}" stroke="${end.colour}" stroke-opacity="0.4" stroke-width="2"/>`;
    svg += textAt(plot.right + 28, end.y + 9, end.label, { size: 27, weight: 600, fill: end.colour });
  }
  return svgDocument({ units, height, width }, heading, svg);
}
