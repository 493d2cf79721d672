import { symbol, symbolStar } from 'd3-shape';
import type { NodeState } from '../../campaign/states.ts';
import { colours, px, shade } from './svg.ts';

export interface GlyphStyle {
  state: NodeState;
  /** Rank of the score in [0, 1]; only used when scored. */
  rank: number;
  onPath: boolean;
  best: boolean;
}

const circle = (x: number, y: number, r: number, attributes: string): string =>
  `<circle cx="${px(x)}" cy="${px(y)}" r="${px(r)}" ${attributes}/>`;

/** One node at (x, y): disc, star, ring, diamond, cross or dashed ring, `r` about half its size. */
export function glyph(style: GlyphStyle, x: number, y: number, r: number): string {
  switch (style.state) {
    case 'scored': {
      if (style.best) {
        const shape = symbol(symbolStar, r * r * 4.6)();
        return `<path transform="translate(${px(x)} ${px(y)})" d="${shape}" fill="${colours.best}" stroke="${colours.paper}" stroke-width="${px(Math.max(1.5, r * 0.2))}" stroke-linejoin="round"/>`;
      }
      const ring = style.onPath ? ` stroke="${colours.best}" stroke-width="${px(Math.max(2, r * 0.4))}"` : '';
      return circle(x, y, r, `fill="${shade(style.rank)}"${ring}`);
    }
    case 'running':
      return (
        circle(
          x,
          y,
          r,
          `fill="${colours.paper}" stroke="${colours.running}" stroke-width="${px(Math.max(1.5, r * 0.36))}"`,
        ) + circle(x, y, r * 0.38, `fill="${colours.running}"`)
      );
    case 'awaiting_approval': {
      const k = r * 1.2;
      return `<path d="M${px(x)} ${px(y - k)}L${px(x + k)} ${px(y)}L${px(x)} ${px(y + k)}L${px(x - k)} ${px(y)}Z" fill="${colours.paper}" stroke="${colours.waiting}" stroke-width="${px(Math.max(1.5, r * 0.36))}" stroke-linejoin="round"/>`;
    }
    case 'failed': {
      const k = r * 0.75;
      return `<path d="M${px(x - k)} ${px(y - k)}L${px(x + k)} ${px(y + k)}M${px(x - k)} ${px(y + k)}L${px(x + k)} ${px(y - k)}" stroke="${colours.failed}" stroke-width="${px(Math.max(1.5, r * 0.4))}" stroke-linecap="round" fill="none"/>`;
    }
    case 'planned':
      return circle(
        x,
        y,
        r * 0.9,
        `fill="${colours.paper}" stroke="${colours.idle}" stroke-width="${px(Math.max(1.2, r * 0.2))}" stroke-dasharray="${px(Math.max(1.5, r * 0.35))}"`,
      );
    case 'withdrawn':
      return circle(x, y, r * 0.8, `fill="${colours.grid}" stroke="${colours.idle}" stroke-width="1"`);
  }
}
