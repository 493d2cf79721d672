import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ApprovalPolicy,
  costOfRaise,
  countedYeses,
  isAbove,
  refusalOf,
  type Vote,
  yesesNeeded,
} from './approval-policy.ts';

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
