import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildScore } from '../../test/support/campaign-view.ts';
import { without } from '../campaign/cost.ts';
import {
  agoText,
  bytesText,
  costText,
  deltaText,
  durationText,
  escapeXml,
  estimateText,
  gainText,
  limitText,
  lossText,
  momentText,
  moneyText,
  oneLine,
  pictureText,
  pText,
  scoreText,
  secondsBetween,
  sentence,
  spendText,
  thinkingText,
  unmarked,
  valueText,
} from './format.ts';

test('a score stands with its interval, and as a range where ± would leave [0, 1]', () => {
  expect(scoreText({ ...buildScore(0.87), low: 0.84, high: 0.9 })).toBe('0.870 ± 0.030');
  expect(scoreText({ ...buildScore(0), low: 0, high: 0.006 })).toBe('0.000 (0.000 to 0.006)');
  expect(valueText(Number.NaN)).toBe('n/a');
});

test('differences carry a true minus sign, and none when they round to zero', () => {
  expect([0.033, -0.04, 0, -0.0001, Number.NaN].map((d) => deltaText(d))).toEqual([
    '+0.033',
    '−0.040',
    '0.000',
    '0.000',
    'n/a',
  ]);
  expect(gainText({ low: 0.02, high: 0.06 })).toBe('+0.02 to +0.06');
});

test('durations change their unit before they round up to it', () => {
  const cases = [0, 0.4, 8, 59.4, 59.6, 156, 3596, 3599, 5040, 342_000];
  expect(cases.map(durationText)).toEqual([
    '0 s',
    '0.4 s',
    '8 s',
    '59 s',
    '1 min',
    '2.6 min',
    '59.9 min',
    '1 h',
    '1.4 h',
    '95 h',
  ]);
});

test('money is short, and never rounds a cost down to nothing', () => {
  expect([0, 0.004, 3.2, 12, 99.999, 382.4, 33_498].map(moneyText)).toEqual([
    '$0',
    'under $0.01',
    '$3.20',
    '$12',
    '$100',
    '$382',
    '$33,498',
  ]);
  expect(costText({ computeSeconds: 156, usd: 3.2 })).toBe('2.6 min, $3.20');
});

test('an estimate is told with its band, in one unit', () => {
  const cost = (computeSeconds: number, usdPerHour = 0) => ({
    computeSeconds,
    usd: (computeSeconds / 3600) * usdPerHour,
  });
  const estimate = (factors: [number, number, number, number], usdPerHour = 0) => {
    const [expected, low, high, ceiling] = factors.map((seconds) => cost(seconds, usdPerHour));
    return estimateText({ expected: expected!, likely: { low: low!, high: high! }, ceiling: ceiling! });
  };
  expect(estimate([156, 109, 234, 390])).toBe('about 2.6 min (1.8 to 3.9; stopped at 6.5)');
  expect(estimate([36, 25, 54, 110])).toBe('about 36 s (25 to 54; stopped at 110)');
  expect(estimate([7200, 6000, 9000, 12_250], 4)).toBe(
    'about 2 h (1.7 to 2.5; stopped at 3.4), $8 ($6.67 to $10; at most $13.61)',
  );
  // A ceiling lowered to what the budget had left, and a band narrower than what is written.
  expect(estimate([156, 109, 234, 203])).toBe('about 2.6 min (1.8 to 3.4; stopped at 3.4)');
  expect(estimate([3, 2.9, 3.1, 15])).toBe('about 3 s (stopped at 15)');
  expect(estimateText({ expected: cost(42) })).toBe('about 42 s');
});

test('cost stands against its limit in the unit of the limit', () => {
  const spent = { computeSeconds: 360, usd: 382 };
  expect(spendText(spent, { computeSeconds: 900, usd: null })).toBe('6 of 15 min');
  expect(spendText(spent, { computeSeconds: null, usd: 500 })).toBe('$382 of $500');
  expect(spendText(spent, { computeSeconds: 7200, usd: 500 })).toBe('$382 of $500, 0.1 of 2 h');
  expect(spendText({ computeSeconds: 8, usd: 0 }, { computeSeconds: null, usd: null })).toBe('8 s');
  expect(limitText({ computeSeconds: null, usd: null })).toBe('no limit');
  expect(without({ computeSeconds: 100, usd: null }, spent)).toEqual({ computeSeconds: 0, usd: null });
});

test('sizes, losses and p values read as people write them', () => {
  expect([12, 308_112, 999_600, 15_231_233_024].map(bytesText)).toEqual([
    '12 bytes',
    '308 kB',
    '1 MB',
    '15.2 GB',
  ]);
  expect([0.6123, 0.0042, 0, Number.NaN].map(lossText)).toEqual(['0.61', '0.0042', '0.00', 'n/a']);
  expect([pText(0.0041), pText(1e-9)]).toEqual(['p = 0.004', 'p < 0.001']);
});

test('moments are told without a clock', () => {
  expect(momentText('2026-03-02T09:05:00.000Z')).toBe('2 Mar 2026, 09:05 UTC');
  expect(momentText('nonsense')).toBe('nonsense');
  expect(agoText('2026-03-02T09:00:00Z', '2026-03-02T11:30:00Z')).toBe('2.5 h ago');
  expect(agoText('2026-03-02T09:00:00Z', '2026-03-05T09:00:00Z')).toBe('3 days ago');
  expect(secondsBetween('2026-03-02T09:00:00Z', null)).toBeNull();
});

test('a sentence ends with its mark', () => {
  expect(sentence('it broke')).toBe('it broke.');
  expect(sentence('did it break?')).toBe('did it break?');
});

test('hostile text becomes one harmless line', () => {
  expect(oneLine('a\u001b[31m\n\tb\u202e\u200bc')).toBe('a [31m bc');
  expect(unmarked('*bold* `x`')).toBe('bold x');
  expect(escapeXml(`<a href="x">&'`)).toBe('&#60;a href=&#34;x&#34;&#62;&#38;&#39;');
});

test('a picture label keeps what the fonts can draw and marks the rest', () => {
  expect(pictureText('KL β=0.02 → 5e-4 ő “naïve”')).toBe('KL β=0.02 → 5e-4 o “naïve”');
  expect(pictureText('日期转换 dates')).toBe('? dates');
  expect(pictureText('日期转换', 'c-7f3a')).toBe('c-7f3a');
  expect(pictureText('ﬁlter')).toBe('filter');
});

test('whatever comes in, labels are drawable and escaped text holds no markup', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.double(), (text, number) => {
      expect(pictureText(text)).toMatch(/^[\x20-\x7e\u00a1-\u03c9–—‘’“”•…′€←-↔⇒∂∆∑−√∞≈≠≤≥■-☆✓✗]*$/);
      expect(escapeXml(text)).not.toMatch(/[<>"']/);
      for (const say of [valueText, deltaText, durationText, moneyText, lossText])
        expect(say(number)).not.toMatch(/NaN|Infinity|undefined|-/);
    }),
  );
});

test('thinking is counted in calls and tokens, in dollars as far as prices are known', () => {
  const base = { calls: 23, inputTokens: 40_000, outputTokens: 9200, usd: 0.123, unpricedCalls: 0 };
  expect(thinkingText(base)).toBe('23 calls, 49,200 tokens, $0.12');
  expect(thinkingText({ ...base, usd: 0, unpricedCalls: 23 })).toBe(
    '23 calls, 49,200 tokens, dollars unknown',
  );
  expect(thinkingText({ ...base, unpricedCalls: 3 })).toBe(
    '23 calls, 49,200 tokens, $0.12, 3 calls of unknown price',
  );
});
