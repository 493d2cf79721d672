import fc from 'fast-check';
import { expect, test } from 'vitest';
import { missingFor } from '../../src/campaign/cost.ts';
import { raiseSteps } from '../../src/campaign/raises.ts';
import { parseLimit } from '../../src/lib/parse/amounts.ts';
import { limitText } from '../../src/report/format.ts';

test('the small step covers what is missing, the large one lasts longer', () => {
  const budget = { computeSeconds: 300, usd: null };
  expect(raiseSteps({ computeSeconds: 12, usd: null }, budget)).toEqual([
    { computeSeconds: 60, usd: null },
    { computeSeconds: 180, usd: null },
  ]);
  expect(raiseSteps({ computeSeconds: null, usd: 3.4 }, { computeSeconds: 300, usd: 30 })).toEqual([
    { computeSeconds: null, usd: 5 },
    { computeSeconds: null, usd: 20 },
  ]);
});

test('only what is short is missing', () => {
  const need = { computeSeconds: 100, usd: 2 };
  expect(missingFor(need, { computeSeconds: 40, usd: 5 })).toEqual({ computeSeconds: 60, usd: null });
  expect(missingFor(need, { computeSeconds: null, usd: 0.5 })).toEqual({ computeSeconds: null, usd: 1.5 });
});

test('any shortage gives two growing amounts that suffice, and read back as they are written', () => {
  const amount = (max: number) => fc.double({ min: 0.01, max, noNaN: true });
  fc.assert(
    fc.property(amount(4e6), amount(4e6), amount(1e5), amount(1e5), (seconds, cap, usd, usdCap) => {
      const missing = { computeSeconds: seconds, usd };
      const [small, large] = raiseSteps(missing, { computeSeconds: cap, usd: usdCap });
      for (const side of ['computeSeconds', 'usd'] as const) {
        expect(small[side]).toBeGreaterThanOrEqual(missing[side]);
        expect(large[side]).toBeGreaterThan(small[side] as number);
      }
      for (const step of [small, large, { ...small, usd: null }, { ...large, computeSeconds: null }])
        expect(parseLimit(limitText(step))).toEqual(step);
    }),
  );
});
