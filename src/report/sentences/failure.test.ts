import { describe, expect, test } from 'vitest';
import { buildNode } from '../../../test/support/campaign-view.ts';
import type { Failure } from '../../campaign/failure.ts';
import { classOf, failureCodes } from '../../campaign/failure.ts';
import type { StopReason } from '../../campaign/run-watch.ts';
import { faults } from '../../lib/errors.ts';
import {
  causeText,
  failureLines,
  failureText,
  nextAfter,
  sparedText,
  stopFault,
  stoppedText,
  stopText,
} from './failure.ts';

const reasons: [StopReason, string][] = [
  [
    { code: 'nan', step: 50, steps: 200, value: 'NaN' },
    'The loss became NaN at step 50 of 200 and stayed so; I stopped it.',
  ],
  [
    { code: 'diverged', step: 80, steps: 200, first: 1.2, now: 5.71 },
    'diverged: the loss rose from 1.20 to 5.71 and stayed there until step 80 of 200; I stopped it.',
  ],
  [
    { code: 'stalled', silentSeconds: 1020, usualSeconds: 34, step: 120, steps: 500 },
    'stalled at step 120 of 500: nothing new for 17 min, 34 s at most before that, while the cluster said that it runs; I stopped it.',
  ],
  [
    { code: 'stalled', silentSeconds: 1860, usualSeconds: 0, step: null, steps: 0 },
    'It trained nothing in its first 31 min, while the cluster said that it runs; I stopped it.',
  ],
  [
    { code: 'gpu_idle', idleSeconds: 660, step: 40, steps: 90 },
    'used less than 5% of its GPU for 11 min, up to step 40 of 90; I stopped it.',
  ],
  [
    { code: 'too_slow', projectedSeconds: 2880, limitSeconds: 1200, step: 20, steps: 100 },
    'was too slow: at the pace of its first 20 of 100 steps it would train for 48 min, and may run for 20 min; I stopped it early.',
  ],
  [
    { code: 'pruned', share: 0.25, loss: 1.42, median: 0.9, others: 4 },
    'was clearly behind at 25% of its training: a loss of 1.42, where 4 comparable runs had 0.90 (median) and none as much; I stopped it early.',
  ],
];

test.each(reasons)('$code in words', (reason, text) => {
  expect(stopText(reason)).toBe(text);
});

const failureOf = (reason: StopReason): Failure => ({
  code: reason.code,
  fault: stopFault(reason),
  message: stopText(reason),
  log: [],
});

describe('what the thread says', () => {
  const cost = { computeSeconds: 540, usd: 1.5 };

  test('of a round that the watchdog ended', () => {
    const node = buildNode({ number: 6, state: 'failed', failure: failureOf(reasons[5]![0]), cost });
    expect(failureText(node, nextAfter(node.failure as Failure))).toBe(
      '#6 was too slow: at the pace of its first 20 of 100 steps it would train for 48 min, and may run for 20 min; I stopped it early. The cause is in the settings, or a busy machine: I had estimated less. 9 min, $1.50 spent, the rest returned. My estimates count with this pace from here.',
    );
  });

  test('of one run of a round that goes on, and of one that runs again', () => {
    const spent = { computeSeconds: 480, usd: 0 };
    const returned = { computeSeconds: 720, usd: 0 };
    const pruned = failureOf(reasons[6]![0]);
    expect(
      stoppedText({ node: 6, which: 'trial 2', failure: pruned, spent, returned, next: nextAfter(pruned) }),
    ).toBe(
      '#6, trial 2, was clearly behind at 25% of its training: a loss of 1.42, where 4 comparable runs had 0.90 (median) and none as much; I stopped it early. The settings of this node are the cause. 8 min spent, 12 min returned. I look elsewhere with what it saved.',
    );
    const stalled = failureOf(reasons[3]![0]);
    expect(
      stoppedText({ node: 6, which: null, failure: stalled, spent, returned, next: 'I run it once more.' }),
    ).toBe(
      '#6: It trained nothing in its first 31 min, while the cluster said that it runs; I stopped it. The cluster is the cause, so it does not count against the idea. 8 min spent, 12 min returned. I run it once more.',
    );
  });

  test('of runs that were spared', () => {
    expect(sparedText(0, cost)).toBe('');
    expect(sparedText(2, { computeSeconds: 1440, usd: 0 })).toBe(
      '2 more runs of this node would have failed alike: not started, about 24 min not spent.',
    );
  });
});

test('every failure has a class in plain words, and something that happens next', () => {
  for (const code of [...failureCodes, 'something_new']) {
    for (const fault of faults) {
      expect(causeText({ code, fault })).toMatch(/cause|fault|request/);
      expect(nextAfter({ code, fault })).toMatch(/\.$/);
    }
  }
  expect(classOf({ code: 'out_of_memory', fault: 'config' })).toBe('memory');
  expect(causeText({ code: 'out_of_memory', fault: 'config' })).toContain('Memory is the cause');
  expect(causeText({ code: 'environment', fault: 'cluster' })).toContain('installation on the cluster');
});

test('of a log at most three lines are shown, none that the sentence has, and none where it says it all', () => {
  const failure = {
    code: 'internal',
    fault: 'ours' as const,
    message: 'It crashed: ValueError: no',
    log: ['ValueError: no', 'a.py:1 f: g()', '\u202ea.py:2 <!channel>', 'a.py:3', 'a.py:4'],
  };
  expect(failureLines(failure)).toEqual(['a.py:1 f: g()', 'a.py:2 <!channel>', 'a.py:3']);
  expect(failureLines({ ...failure, code: 'nan' })).toEqual([]);
  expect(failureLines(null)).toEqual([]);
});
