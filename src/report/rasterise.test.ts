import { readFileSync } from 'node:fs';
import { Renderer } from '@takumi-rs/core';
import { describe, expect, test } from 'vitest';
import { buildCampaignView } from '../../test/support/campaign-view.ts';
import { sha256 } from '../lib/hash.ts';
import { faces, readFont } from './fonts.ts';
import { svgDocument, svgSize, textAt } from './picture/svg.ts';
import { textWidth, type Weight } from './picture/text-width.ts';
import { rasterise } from './rasterise.ts';
import { treeSvg } from './tree-picture.ts';

const header = (png: Uint8Array): { width: number; height: number } => {
  const view = new DataView(png.buffer, png.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
};

const picture = (text: string, weight: Weight): Promise<Uint8Array> => {
  const svg = svgDocument(
    { units: 600, height: 100, width: 600 },
    'test',
    textAt(10, 70, text, { size: 50, weight }),
  );
  return rasterise(svg, 600, 100);
};

describe('rasterise', () => {
  test('gives a PNG of the asked size, the same bytes each time', async () => {
    const svg = treeSvg(buildCampaignView({ nodes: 20 }));
    const { width, height } = svgSize(svg);
    const png = await rasterise(svg, width, height);
    expect(Buffer.from(png.subarray(0, 8)).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect(header(png)).toEqual({ width, height });
    expect(Buffer.compare(await rasterise(svg, width, height), png)).toBe(0);
  });

  test('draws every sign the pictures use, in both weights', async () => {
    const signs = ['0', 'é', 'ß', 'β', 'Δ', 'λ', '±', '−', '×', '·', '…', '→', '★', '▲', '▼', '–', '≤', '’'];
    for (const weight of [400, 600] as const) {
      const nothing = await picture(' ', weight);
      const pictures = await Promise.all(signs.map((sign) => picture(sign, weight)));
      // No two alike: no sign is missing, and none is the box that stands for a missing one.
      expect(new Set([nothing, ...pictures].map(sha256)).size).toBe(signs.length + 1);
    }
  });

  test('draws bold text bold: the second face is found under the same family', async () => {
    expect(sha256(await picture('Dates to ISO', 600))).not.toBe(sha256(await picture('Dates to ISO', 400)));
  });

  test('draws all sizes of tree, several at once', async () => {
    const svgs = [0, 1, 8, 200, 2000].map((nodes) => treeSvg(buildCampaignView({ nodes }), { width: 360 }));
    const pngs = await Promise.all(
      svgs.map((svg) => rasterise(svg, svgSize(svg).width, svgSize(svg).height)),
    );
    for (const png of pngs) expect(png.length).toBeGreaterThan(1000);
  });

  test('refuses what cannot be drawn with an error of ours, and draws again after it', async () => {
    await expect(rasterise('<svg/>', 100_000, 100_000)).rejects.toMatchObject({ code: 'picture_failed' });
    await expect(rasterise('<svg/>', 0, 10)).rejects.toMatchObject({ code: 'picture_failed' });
    await expect(rasterise('no svg at all', 10, 10)).rejects.toMatchObject({ code: 'picture_failed' });
    expect(header(await picture('again', 400))).toEqual({ width: 600, height: 100 });
  });
});

describe('the bundled fonts', () => {
  test('are small and come with their licence', async () => {
    for (const { file } of faces) expect((await readFont(file)).byteLength).toBeLessThan(80_000);
    const licence = readFileSync(new URL('./fonts/OFL.txt', import.meta.url), 'utf8');
    expect(licence).toContain('SIL OPEN FONT LICENSE Version 1.1');
  });

  test('have the widths that the layout reckons with', async () => {
    const renderer = new Renderer();
    for (const { family, weight, file } of faces) {
      await renderer.registerFont({ name: family, weight, data: await readFont(file) });
      for (const text of ['#18 learning rate 1e-3 → 5e-4', '0.870 ± 0.030', 'Dates to ISO ★ ▲0.502 β…']) {
        const style = { fontSize: 50, fontWeight: weight, fontFamily: family, whiteSpace: 'pre' as const };
        const measured = await renderer.measure({ type: 'text', text, style });
        const width = Math.max(...measured.runs.map((run) => run.x + run.width));
        expect(Math.abs(textWidth(text, 50, weight) - width) / width, text).toBeLessThan(0.03);
      }
    }
  });
});
