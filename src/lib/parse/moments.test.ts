import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../test/support/cpu-ms.ts';
import { findMoments } from './moments.ts';

// A Wednesday, 11:30 in Berlin.
const now = new Date('2026-03-04T10:30:00Z');
const at = (text: string, zone = 'Europe/Berlin'): string[] =>
  findMoments(text, now, zone).flatMap(({ readings }) => readings.map((when) => when.toISOString()));

describe('findMoments', () => {
  it.each([
    ['by 9am', '2026-03-05T08:00:00.000Z'],
    ['by 17:30', '2026-03-04T16:30:00.000Z'],
    ['by 5 p.m.', '2026-03-04T16:00:00.000Z'],
    ['until tomorrow 08:00', '2026-03-05T07:00:00.000Z'],
    ['tomorrow morning', '2026-03-05T08:00:00.000Z'],
    ['9am tomorrow', '2026-03-05T08:00:00.000Z'],
    ['tonight', '2026-03-04T22:59:00.000Z'],
    ['in 3 hours', '2026-03-04T13:30:00.000Z'],
    ['by Friday 17:00', '2026-03-06T16:00:00.000Z'],
    ['Friday eod', '2026-03-06T17:00:00.000Z'],
    ['by wednesday 9:00', '2026-03-11T08:00:00.000Z'],
    ['before noon', '2026-03-04T11:00:00.000Z'],
    ['by the 7th of March at 10am', '2026-03-07T09:00:00.000Z'],
    ['by 2026-03-09 08:00', '2026-03-09T07:00:00.000Z'],
    // After clocks have changed to summer time, there and here.
    ['by March 30 08:00', '2026-03-30T06:00:00.000Z'],
    ['until Monday 9am PT', '2026-03-09T16:00:00.000Z'],
    ['by Friday 17:00 CET', '2026-03-06T16:00:00.000Z'],
    ['by 9am New York time', '2026-03-05T14:00:00.000Z'],
    ['at 18:00 Europe/Lisbon', '2026-03-04T18:00:00.000Z'],
    ['until 2026-12-24T18:00Z', '2026-12-24T18:00:00.000Z'],
    ['by March 2', '2027-03-02T22:59:00.000Z'],
    ['by 13/05/2026 10:00', '2026-05-13T08:00:00.000Z'],
    ['deadline yesterday', '2026-03-03T22:59:00.000Z'],
    ['today 8:00', '2026-03-04T07:00:00.000Z'],
  ])('reads %j', (text, iso) => {
    expect(at(text)).toEqual([iso]);
  });

  it.each([
    'until 90%',
    'by 25:00',
    'budget 15 minutes',
    'rows of the last 30 days',
    'may we',
    'a second file',
    'Llama-3.1-8B and qwen 2.5 3b',
    'learning rate 2e-4, batch 16, target 0.9',
  ])('finds none in %j', (text) => {
    expect(at(text)).toEqual([]);
  });

  it.each(['from 10pm to 6am', 'Thursday to Friday', '10-12 December'])(
    'gives the beginning and the end of a range: %s',
    (text) => {
      const [found, ...more] = findMoments(text, now, 'Europe/Berlin');
      expect(more).toEqual([]);
      expect(found).toMatchObject({ text, isRange: true });
      expect(found?.readings).toHaveLength(2);
    },
  );

  it('gives both readings of a date in figures', () => {
    expect(at('by 03/05/2026')).toEqual(['2026-05-03T21:59:00.000Z', '2026-03-05T22:59:00.000Z']);
    expect(at('by 5.3.2026 17:00')).toEqual(['2026-03-05T16:00:00.000Z', '2026-05-03T15:00:00.000Z']);
  });

  it('is of the zone of the person, and of UTC when the zone is unknown', () => {
    expect(at('by 17:00', 'America/New_York')).toEqual(['2026-03-04T22:00:00.000Z']);
    expect(at('by 17:00', 'Mars/Olympus')).toEqual(['2026-03-04T17:00:00.000Z']);
  });

  it('never throws, and its places are those of the words', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.stringMatching(/^(by|in|until) [0-9]{1,4}[:./]?[0-9]{0,3} ?(am|pm|h|days|march|monday|PT)?$/),
        ),
        (text) => {
          for (const found of findMoments(text, now, 'Europe/Berlin'))
            expect(text.slice(found.start, found.end)).toBe(found.text);
        },
      ),
    );
  });

  it.each(['1', '9am ', '1:', 'monday,', '12/', ' ', 'in ', '1 ', 'march ', '2026-'])(
    'reads %j over and over without taking long',
    (piece) => {
      expect(cpuMs(() => findMoments(piece.repeat(20_000), now, 'Europe/Berlin'))).toBeLessThan(500);
    },
  );
});
