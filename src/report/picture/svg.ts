import { escapeXml } from '../format.ts';
import type { Weight } from './text-width.ts';

/** Colours; every meaning also has a shape of its own, for people who do not see the difference. */
export const colours = {
  ink: '#0f172a',
  sub: '#475569',
  grid: '#e2e8f0',
  rail: '#cbd5e1',
  edge: '#94a3b8',
  paper: '#ffffff',
  best: '#d97706',
  bestInk: '#b45309',
  bestPaper: '#fff7ed',
  scored: '#2563eb',
  running: '#7c3aed',
  waiting: '#f59e0b',
  waitingInk: '#a16207',
  failed: '#dc2626',
  idle: '#94a3b8',
  idleInk: '#64748b',
  up: '#047857',
  down: '#b91c1c',
  soFar: '#059669',
  spent: '#0ea5e9',
  reserved: '#bae6fd',
} as const;

/** A coordinate with one decimal at most. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

interface TextStyle {
  size: number;
  fill?: string;
  weight?: Weight;
  anchor?: 'start' | 'middle' | 'end';
}

/** One line of text; escapes it. */
export function textAt(x: number, y: number, text: string, style: TextStyle): string {
  if (text === '') return '';
  const weight = style.weight === 600 ? ' font-weight="600"' : '';
  const anchor = style.anchor && style.anchor !== 'start' ? ` text-anchor="${style.anchor}"` : '';
  return `<text x="${px(x)}" y="${px(y)}" font-size="${style.size}"${weight}${anchor} fill="${style.fill ?? colours.ink}">${escapeXml(text)}</text>`;
}

/** Link of a node's mark, for pictures that can be clicked; undefined in all others. */
export type NodeHref = ((number: number) => string) | undefined;

export const linked = (href: NodeHref, number: number, mark: string): string =>
  href === undefined ? mark : `<a href="${escapeXml(href(number))}">${mark}</a>`;

/** The document: drawn at 1200 units of width, shown at `width` pixels. No external references. */
export function svgDocument(
  size: { units: number; height: number; width: number },
  title: string,
  body: string,
): string {
  const shown = Math.max(1, Math.round((size.height * size.width) / size.units));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${shown}" viewBox="0 0 ${size.units} ${px(size.height)}" font-family="Inter" role="img"><title>${escapeXml(title)}</title><rect width="${size.units}" height="${px(size.height)}" fill="${colours.paper}"/>${body}</svg>`;
}

/** Width and height in pixels, read from an SVG of this folder. @throws RangeError when it has none */
export function svgSize(svg: string): { width: number; height: number } {
  const found = /^<svg [^>]*?width="(\d+)" height="(\d+)"/.exec(svg);
  if (!found) throw new RangeError('svgSize: not one of our pictures');
  return { width: Number(found[1]), height: Number(found[2]) };
}

/** Light to dark blue for a share in [0, 1]; dark is better. */
export function shade(share: number): string {
  const from = [191, 219, 254];
  const to = [30, 64, 175];
  const t = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  return `#${from
    .map((low, i) =>
      Math.round(low + ((to[i] ?? low) - low) * t)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
