import { expect, test } from 'vitest';
import { curveSvg, type LossPoint } from './curve-picture.ts';
import { svgSize } from './picture/svg.ts';

const falling = (steps: number): LossPoint[] =>
  Array.from({ length: steps }, (_, step) => ({ step, loss: 0.3 + 2 * Math.exp(-step / 50) }));

test('each trial is a line with its label and last loss', () => {
  const svg = curveSvg('#8 drop rows', [
    { label: 'lr 1e-3', points: falling(200) },
    { label: 'lr 5e-4', points: falling(400) },
  ]);
  expect(svg).toContain('lr 1e-3: 0.34');
  expect(svg).toContain('lr 5e-4: 0.30');
  expect(svgSize(svg)).toEqual({ width: 1200, height: 720 });
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

test('a loss that stops being a number ends its line with a cross and says so', () => {
  const svg = curveSvg('#6', [{ label: 'lr 0.3', points: [...falling(40), { step: 41, loss: Number.NaN }] }]);
  expect(svg).toContain('then NaN');
  expect(svg).toContain('#dc2626');
  expect(svg).not.toMatch(/d="[^"]*NaN/);
});

test('of a long label the beginning is shown, and the last loss all the same', () => {
  const svg = curveSvg('#8', [
    { label: 'a very long way to say what was changed here', points: falling(200) },
  ]);
  expect(svg).toMatch(/>a very long[^<]*…: 0\.34</);
});

test('one curve that blows up does not flatten the others', () => {
  const ticks = (svg: string): number[] =>
    [...svg.matchAll(/text-anchor="end" fill="#475569">([\d.]+)</g)].map((found) => Number(found[1]));
  const blown = [...falling(40), { step: 41, loss: 5000 }];
  const svg = curveSvg('#6', [
    { label: 'a', points: falling(400) },
    { label: 'b', points: blown },
  ]);
  expect(Math.max(...ticks(svg))).toBeLessThan(10);
});

test('long curves are thinned and empty ones are said to be empty', () => {
  expect(curveSvg('long', [{ label: 'a', points: falling(100_000) }]).length).toBeLessThan(12_000);
  expect(curveSvg('none', [])).toContain('No losses were written yet.');
  expect(curveSvg('none', [{ label: 'a', points: [{ step: 0, loss: Number.NaN }] }])).toContain('No losses');
  expect(curveSvg('one point', [{ label: 'a', points: [{ step: 5, loss: 1 }] }])).not.toMatch(/NaN|Infinity/);
});

test('hostile labels are text', () => {
  expect(curveSvg('<b>', [{ label: '"/><script>', points: falling(3) }])).not.toContain('<script');
});
