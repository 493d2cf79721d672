import type { Renderer } from '@takumi-rs/core';
import { TrexError } from '../lib/errors.ts';
import { faces, readFont } from './fonts.ts';

/** Largest picture in pixels: 4 bytes each while it is drawn. */
const maxPixels = 24_000_000;

let renderer: Promise<Renderer> | null = null;

/** The native part is loaded with the first picture. It knows only the bundled fonts. */
async function createRenderer(): Promise<Renderer> {
  const takumi = await import('@takumi-rs/core');
  // Every picture is new: a cache of them would only hold memory.
  const created = new takumi.Renderer({ cacheMaxBytes: 0 });
  for (const { family, weight, file } of faces)
    await created.registerFont({ name: family, weight, data: await readFont(file) });
  return created;
}

/**
 * PNG of one of our SVGs at this size in pixels (`svgSize` gives its own). Drawing runs off the main thread; the same
 * SVG gives the same bytes. @throws TrexError `picture_failed`; callers go on without a picture.
 */
export async function rasterise(svg: string, width: number, height: number): Promise<Uint8Array> {
  if (!(width >= 1 && height >= 1 && width * height <= maxPixels))
    throw new TrexError(
      'picture_failed',
      'ours',
      `A picture of ${width} by ${height} pixels cannot be drawn.`,
    );
  // Anything else would come back as an empty picture without an error.
  if (!svg.startsWith('<svg ') || !svg.endsWith('</svg>'))
    throw new TrexError('picture_failed', 'ours', 'What was to be drawn is not an SVG of ours.');
  try {
    renderer ??= createRenderer();
    const { image } = await import('@takumi-rs/helpers');
    const size = { width: Math.round(width), height: Math.round(height) };
    const ready = await renderer;
    return await ready.render(image({ src: svg, ...size }), { ...size, format: 'png' });
  } catch (cause) {
    renderer = null;
    throw new TrexError('picture_failed', 'ours', 'The picture could not be drawn.', { cause });
  }
}
