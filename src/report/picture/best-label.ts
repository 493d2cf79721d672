import type { CampaignView } from '../../campaign/view.ts';
import { pictureText, valueText } from '../format.ts';
import { headlineOf } from './facts.ts';
import { colours, px, textAt } from './svg.ts';
import { fitText, textWidth } from './text-width.ts';

const size = 33;

/**
 * A box with the best score and its change, its right end near `x` and its foot at `y`, kept between `left` and `right`.
 */
export function bestLabelSvg(
  view: CampaignView,
  { x, y, left, right }: { x: number; y: number; left: number; right: number },
): string {
  const { best } = headlineOf(view);
  if (!best?.score) return '';
  const label = fitText(
    `★ ${valueText(best.score.value)} #${best.number} ${pictureText(best.title)}`.trimEnd(),
    Math.min(680, right - left - 24),
    size,
    600,
  );
  const width = textWidth(label, size, 600) + 24;
  const from = Math.max(left, Math.min(x - width, right - width));
  return `<rect x="${px(from)}" y="${px(y - 46)}" width="${px(width)}" height="46" rx="8" fill="${colours.bestPaper}" stroke="${colours.best}"/>${textAt(from + 12, y - 12, label, { size, weight: 600, fill: colours.bestInk })}`;
}
