import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../test/support/cpu-ms.ts';
import { findAmount, findAmounts, formatSeconds, parseDuration, parseLimit, parseMoney } from './amounts.ts';
import { correctWords, editDistance, isNearly, parseNumber } from './words.ts';

describe('parseDuration', () => {
  it.each([
    ['15 minutes', 900],
    ['15m', 900],
    ['a quarter of an hour', 900],
    ['three quarters of an hour', 2700],
    ['half an hour', 1800],
    ['an hour and a half', 5400],
    ['two and a half hours', 9000],
    ['2 GPU-hours', 7200],
    ['0.5 gpu hours', 1800],
    ['1.5h', 5400],
    ['1,5 h', 5400],
    ['1h30', 5400],
    ['1 h 30 min', 5400],
    ['1 hour and 30 minutes', 5400],
    ['twenty-five minutes', 1500],
    ['90s', 90],
    ['1,000 seconds', 1000],
    ['0 minutes', 0],
    ['-3 minutes', -180],
    ['20', null],
    ['full and lora', null],
    ['tens of rows', null],
    ['9am', null],
    ['08:30 h', 30_600],
    ['2:30h', 9000],
    ['02:30:00', 9000],
    ['1-02:00:00', 93_600],
    ['17:30', null],
    ['8 A100-hours', 28_800],
    ['40 RTX-4090 hours', 144_000],
    ['2 1/2 hours', 9000],
    ['20-30 minutes', 1200],
    ['2h 5m 30s', 7530],
    ['2 nights', null],
    ['a second file', null],
    ['5m rows', null],
    ['3D models', null],
  ])('reads %j as %j seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });
});

describe('parseLimit', () => {
  it.each([
    ['30 min', { computeSeconds: 1800, usd: null }],
    ['$20', { computeSeconds: null, usd: 20 }],
    ['1 h 30 min or $1,000', { computeSeconds: 5400, usd: 1000 }],
    ['$5, 10 min', { computeSeconds: 600, usd: 5 }],
    ['30', null],
    ['30 min or so', null],
    ['10 min and 20 min', null],
    ['0 min', null],
    ['€20', null],
    ['', null],
  ])('reads %j', (text, limit) => {
    expect(parseLimit(text)).toEqual(limit);
  });
});

describe('parseMoney', () => {
  it.each([
    ['$20', 20],
    ['20 dollars', 20],
    ['max 20 usd', 20],
    ['USD 5', 5],
    ['$1,000', 1000],
    ['$1.50', 1.5],
    ['twenty bucks', 20],
    ['-$3', -3],
    ['50 cents', 0.5],
    ['half a dollar', 0.5],
    ['50¢', 0.5],
    ['$1 000', 1000],
    ["1'000 USD", 1000],
    ['$1.5M', 1_500_000],
    ['one hundred and twenty dollars', 120],
    ['20 dollars and 50 cents', 20.5],
    ['$20-$30', 20],
    ['between $20 and $30', 20],
    ['$1.000', null],
    ['500 INR', null],
    ['20 CAD', null],
    ['CA$20', null],
    ['20 Canadian dollars', null],
    ['20 euros', null],
    ['20 minutes', null],
  ])('reads %j as %j dollars', (text, usd) => {
    expect(parseMoney(text)).toBe(usd);
  });

  it('tells foreign money apart', () => {
    expect(findAmount('for €20')).toMatchObject({ kind: 'foreign', currency: '€' });
  });
});

describe('findAmounts', () => {
  it('finds every amount with its place and the kind of GPU', () => {
    const text = 'at most 8 H100-hours, $5 a branch and 300 SEK';
    const found = findAmounts(text);
    expect(found.map((span) => text.slice(span.start, span.end))).toEqual(['8 H100-hours', '$5', '300 SEK']);
    expect(found[0]).toMatchObject({ kind: 'gpuTime', gpu: 'h100', seconds: 28_800 });
    expect(found[2]).toMatchObject({ kind: 'foreign', currency: 'SEK' });
  });

  it('tells a change from a range', () => {
    const amounts = (text: string) => findAmounts(text).map((span) => span.text);
    expect(amounts('from $15 to $20')).toEqual(['$15', '$20']);
    expect(amounts('$15 to $20')).toEqual(['$15 to $20']);
  });

  it.each(['1', '1 000 ', 'one hundred ', '1:', '$', '1-', 'half a ', '1h', '1 h ', '½', 'a ', '-'])(
    'reads %j over and over without taking long',
    (piece) => {
      expect(cpuMs(() => findAmounts(piece.repeat(20_000)))).toBeLessThan(500);
    },
  );
});

describe('words', () => {
  it('counts slips, an exchange of neighbours as one', () => {
    expect(editDistance('fine-tune', 'fine-tnue', 2)).toBe(1);
    expect(editDistance('sentiment', 'sentimant', 2)).toBe(1);
    expect(editDistance('budget', 'accuracy', 2)).toBe(3);
    expect(isNearly('data', 'date')).toBe(true);
    expect(isNearly('cat', 'car')).toBe(false);
  });

  it('corrects towards a vocabulary, but keeps ordinary words', () => {
    const vocabulary = ['budget', 'minutes', 'match'];
    expect(correctWords('bugdet 5 minuts in march', vocabulary, new Set(['march']))).toBe(
      'budget 5 minutes in march',
    );
  });

  it('reads numbers in digits and words', () => {
    expect(['1,000', '1.5', '.5', 'seven', 'forty-two', 'x', ''].map(parseNumber)).toEqual([
      1000,
      1.5,
      0.5,
      7,
      42,
      null,
      null,
    ]);
  });

  it('writes durations as people say them', () => {
    expect([45, 60, 90, 120, 900, 5400, 6000, 7200, 259_200, 1_800_000].map(formatSeconds)).toEqual([
      '45 s',
      '1 min',
      '90 s',
      '2 min',
      '15 min',
      '1.5 h',
      '100 min',
      '2 h',
      '72 h',
      '500 h',
    ]);
  });
});
