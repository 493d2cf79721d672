import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOfferDue, isWordDue, type JobWait, waitAfterRefusal, waitsBeforeWord } from './job-wait.ts';

const start = new Date('2026-03-02T00:00:00Z');
const later = (seconds: number): Date => new Date(start.getTime() + seconds * 1000);

test('a cluster that turns a job away for hours is asked ever less often, and never less than every 5 minutes', () => {
  let wait: JobWait | null = null;
  const pauses: number[] = [];
  for (let seconds = 0; seconds < 8 * 3600; seconds++) {
    if (!isOfferDue(wait, later(seconds))) continue;
    wait = waitAfterRefusal(wait, false, later(seconds));
    pauses.push((Date.parse(wait.offers?.nextAt ?? '') - later(seconds).getTime()) / 1000);
  }
  expect(pauses.slice(0, 8)).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
  expect(pauses.length).toBeLessThan(110);
  expect(wait?.since).toBe(start.toISOString());
});

test('pauses never shrink, are never over 15 minutes, and the start of the wait stays', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (needs) => {
      const people = needs.some(Boolean);
      let wait: JobWait | null = null;
      let last = 0;
      needs.forEach((_, i) => {
        wait = waitAfterRefusal(wait, people, later(i * 1000));
        const pause = Date.parse(wait.offers?.nextAt ?? '') - later(i * 1000).getTime();
        expect(pause).toBeGreaterThanOrEqual(last);
        expect(pause).toBeLessThanOrEqual(900_000);
        last = pause;
      });
      expect((wait as JobWait | null)?.since).toBe(start.toISOString());
    }),
  );
});

test.each([
  ['needs people', { needsPeople: true, offers: null }, waitsBeforeWord.people],
  ['is turned away', { needsPeople: false, offers: { refused: 3, nextAt: '' } }, waitsBeforeWord.offers],
  ['stands in a queue', { needsPeople: false, offers: null }, waitsBeforeWord.queue],
])('a job that %s is told in its time, once', (_, kind, limit) => {
  const wait: JobWait = { since: start.toISOString(), isTold: false, ...kind };
  expect(isWordDue(wait, later(limit - 1))).toBe(false);
  expect(isWordDue(wait, later(limit))).toBe(true);
  expect(isWordDue({ ...wait, isTold: true }, later(1e6))).toBe(false);
});
