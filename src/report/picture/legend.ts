import type { NodeState } from '../../campaign/states.ts';
import { glyph } from './glyph.ts';
import { colours, textAt } from './svg.ts';
import { textWidth } from './text-width.ts';

export type LegendEntry =
  | { kind: 'glyph'; state: NodeState; best?: boolean; rank?: number; label: string }
  | { kind: 'line'; colour: string; dashed: boolean; label: string }
  | { kind: 'rug'; label: string };

const size = 25;

/** Shapes with their meaning, in one line; entries that do not fit are left out from the end. */
export function legendSvg(entries: readonly LegendEntry[], y: number, left: number, right: number): string {
  let x = left;
  let svg = '';
  for (const entry of entries) {
    const mark = entry.kind === 'line' ? 34 : 22;
    const width = mark + 9 + textWidth(entry.label, size);
    if (x + width > right) break;
    if (entry.kind === 'line')
      svg += `<path d="M${x} ${y}h${mark}" stroke="${entry.colour}" stroke-width="${entry.dashed ? 4 : 6}" stroke-linecap="round"${entry.dashed ? ' stroke-dasharray="1 8"' : ''}/>`;
    else if (entry.kind === 'rug')
      svg += `<path d="M${x + 8} ${y - 9}v18m7 -18v18" stroke="${colours.failed}" stroke-width="3"/>`;
    else
      svg += glyph(
        { state: entry.state, rank: entry.rank ?? 0.75, onPath: false, best: entry.best ?? false },
        x + mark / 2,
        y,
        entry.best ? 13 : 9.5,
      );
    svg += textAt(x + mark + 9, y + 9, entry.label, { size, fill: colours.sub });
    x += Math.ceil(width) + 30;
  }
  return svg;
}
