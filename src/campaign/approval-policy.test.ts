import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ApprovalPolicy,
  askersOf,
  costOfBudget,
  costOfRaise,
  countedYeses,
  mayShape,
  ownsBrief,
  possibleApprovers,
  refusalOf,
  ruleOn,
  type Vote,
  yesesNeeded,
} from './approval-policy.ts';
import { isAbove } from './cost.ts';

const open: ApprovalPolicy = {
  approvers: [],
  twoApproversAbove: { computeSeconds: null, usd: null },
  noSelfApproval: false,
};
const yes = (user: string): Vote => ({ user, decision: 'approve' });

describe('who may decide', () => {
  test('without a list everybody may, with one only those on it', () => {
    expect(refusalOf(open, yes('U1'), ['U1'])).toBeNull();
    const listed = { ...open, approvers: ['U2'] };
    expect(refusalOf(listed, yes('U1'), [])).toBe('not_an_approver');
    expect(refusalOf(listed, { user: 'U1', decision: 'reject' }, [])).toBe('not_an_approver');
    expect(refusalOf(listed, yes('U2'), [])).toBeNull();
  });

  test('nobody approves what they asked for when that is ruled out, but may reject it', () => {
    const strict = { ...open, noSelfApproval: true };
    expect(refusalOf(strict, yes('U1'), ['U1', 'U2'])).toBe('own_request');
    expect(refusalOf(strict, { user: 'U1', decision: 'cheaper' }, ['U1'])).toBe('own_request');
    expect(refusalOf(strict, { user: 'U1', decision: 'reject' }, ['U1'])).toBeNull();
    expect(refusalOf(strict, yes('U3'), ['U1'])).toBeNull();
  });
});

describe('a raise of the budget', () => {
  const minutes = (seconds: number | null, usd: number | null = null) => ({ computeSeconds: seconds, usd });

  test('permits what it adds, in both units where an hour has a price', () => {
    expect(costOfRaise(minutes(600), minutes(1800), null)).toEqual({ computeSeconds: 1200, usd: 0 });
    expect(costOfRaise(minutes(600), minutes(4200), 3)).toEqual({ computeSeconds: 3600, usd: 3 });
    const { computeSeconds, usd } = costOfRaise(minutes(null, 10), minutes(null, 16), 3);
    expect([Math.round(computeSeconds), usd]).toEqual([7200, 6]);
  });

  test('that lowers, or limits what was not limited, permits nothing', () => {
    expect(costOfRaise(minutes(600), minutes(300), 3)).toEqual({ computeSeconds: 0, usd: 0 });
    expect(costOfRaise(minutes(600), minutes(600, 5), 3)).toEqual({ computeSeconds: 0, usd: 0 });
  });
});

describe('how many have to say yes', () => {
  test('two above either limit, one at it and below', () => {
    const two = { ...open, twoApproversAbove: { computeSeconds: 60, usd: 20 } };
    expect(yesesNeeded(open, { computeSeconds: 1e6, usd: 1e6 })).toBe(1);
    expect(yesesNeeded(two, { computeSeconds: 60, usd: 20 })).toBe(1);
    expect(yesesNeeded(two, { computeSeconds: 60.1, usd: 0 })).toBe(2);
    expect(yesesNeeded(two, { computeSeconds: 0, usd: 20.01 })).toBe(2);
  });

  test('a side without a limit is never above', () => {
    expect(isAbove({ computeSeconds: 1e9, usd: 1 }, { computeSeconds: null, usd: 1 })).toBe(false);
  });

  test('whatever the votes, only different people with the right and the same answer add up', () => {
    const user = fc.constantFrom('U1', 'U2', 'U3', 'U4');
    const decision = fc.constantFrom('approve', 'cheaper', 'reject') as fc.Arbitrary<Vote['decision']>;
    fc.assert(
      fc.property(
        fc.array(fc.record({ user, decision })),
        fc.uniqueArray(user),
        fc.uniqueArray(user),
        fc.boolean(),
        (votes, approvers, askedBy, noSelfApproval) => {
          const counted = countedYeses({ ...open, approvers, noSelfApproval }, votes, 'approve', askedBy);
          expect(new Set(counted).size).toBe(counted.length);
          for (const id of counted) {
            expect(votes).toContainEqual(yes(id));
            if (approvers.length > 0) expect(approvers).toContain(id);
            if (noSelfApproval) expect(askedBy).not.toContain(id);
          }
        },
      ),
    );
  });
});

describe('what commits nothing', () => {
  test('is for the requester and the approvers, or for everybody where none are named', () => {
    const listed = { ...open, approvers: ['U2'] };
    expect(['U1', 'U2', 'U3'].map((user) => mayShape(listed, 'U1', user))).toEqual([true, true, false]);
    expect(mayShape(open, 'U1', 'U3')).toBe(true);
    expect(['U1', 'U2', 'U3'].map((user) => ownsBrief(listed, 'U1', user))).toEqual([true, true, false]);
    expect(['U1', 'U3'].map((user) => ownsBrief(open, 'U1', user))).toEqual([true, false]);
  });
});

describe('who could approve', () => {
  test('are the approvers, without who asked where that is ruled out; anybody where none are named', () => {
    const listed = { ...open, approvers: ['U1', 'U2'] };
    expect(possibleApprovers(listed, ['U1'])).toEqual(['U1', 'U2']);
    expect(possibleApprovers({ ...listed, noSelfApproval: true }, ['U1'])).toEqual(['U2']);
    expect(possibleApprovers({ ...open, noSelfApproval: true }, ['U1'])).toBeNull();
  });

  test('who started what another requested has asked for it too, unless too few would be left', () => {
    const strict = { ...open, noSelfApproval: true };
    expect(askersOf(strict, 'U3', 'U1')).toEqual(['U3', 'U1']);
    expect(askersOf({ ...strict, approvers: ['U1', 'U2'] }, 'U3', 'U1')).toEqual(['U3', 'U1']);
    expect(askersOf({ ...strict, approvers: ['U1'] }, 'U3', 'U1')).toEqual(['U3']);
    const line = { computeSeconds: 3, usd: null };
    const two = { ...strict, approvers: ['U1', 'U2'], twoApproversAbove: line };
    expect(askersOf(two, 'U3', 'U1')).toEqual(['U3']);
  });
});

describe('what a Start commits', () => {
  test('is the budget in both units, by the tighter of its sides', () => {
    expect(costOfBudget({ computeSeconds: 600, usd: null }, null)).toEqual({ computeSeconds: 600, usd: 0 });
    for (const [seconds, usd, expected] of [
      [null, 6, { computeSeconds: 7200, usd: 6 }],
      [3600, 6, { computeSeconds: 3600, usd: 3 }],
      [36_000, 6, { computeSeconds: 7200, usd: 6 }],
    ] as const) {
      const cost = costOfBudget({ computeSeconds: seconds, usd }, 3);
      expect(cost.computeSeconds).toBeCloseTo(expected.computeSeconds);
      expect(cost.usd).toBeCloseTo(expected.usd);
    }
  });

  test('in dollars without a price is without end in time', () => {
    const endless = costOfBudget({ computeSeconds: null, usd: 5 }, 0);
    expect(endless.computeSeconds).toBe(Number.POSITIVE_INFINITY);
    expect(isAbove(endless, { computeSeconds: 1e9, usd: null })).toBe(true);
  });
});

describe('a ruling', () => {
  const policy = { ...open, approvers: ['U1', 'U2'], twoApproversAbove: { computeSeconds: 60, usd: null } };
  const question = (user: string, seconds: number, over = {}) =>
    ruleOn(policy, {
      user,
      earlier: [],
      askedBy: ['U1'],
      commits: { computeSeconds: seconds, usd: 0 },
      ...over,
    });

  test('refuses, asks for one more, or grants', () => {
    expect(question('U3', 1)).toEqual({ kind: 'refused', refusal: 'not_an_approver' });
    expect(question('U1', 60)).toEqual({ kind: 'granted', yeses: ['U1'] });
    expect(question('U1', 61)).toEqual({ kind: 'one_more', yeses: ['U1'] });
    expect(question('U2', 61, { earlier: [yes('U1')] })).toEqual({ kind: 'granted', yeses: ['U1', 'U2'] });
    expect(question('U1', 61, { earlier: [yes('U1')] })).toEqual({ kind: 'one_more', yeses: ['U1'] });
  });

  test('adds what was decided alone before', () => {
    const alone = { computeSeconds: 40, usd: 0 };
    expect(question('U1', 20, { alone }).kind).toBe('granted');
    expect(question('U1', 21, { alone }).kind).toBe('one_more');
  });

  test('whatever is asked in whatever slices, one person alone never commits more than the line', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { maxLength: 60 }), (slices) => {
        let computeSeconds = 0;
        for (const slice of slices) {
          const ruling = question('U1', slice, { alone: { computeSeconds, usd: 0 } });
          if (ruling.kind === 'granted') computeSeconds += slice;
        }
        expect(computeSeconds).toBeLessThanOrEqual(60);
      }),
    );
  });
});
