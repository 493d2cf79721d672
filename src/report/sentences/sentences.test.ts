import { describe, expect, test } from 'vitest';
import { buildCampaignView, buildNode, buildScore, viewOf } from '../../../test/support/campaign-view.ts';
import type { ApprovalView, CampaignView, NodeView } from '../../campaign/view.ts';
import type { PairedDifference } from '../../scoring/types.ts';
import { approvalText } from './approval.ts';
import { failureText } from './failure.ts';
import { nodeText, whyText } from './node.ts';
import { reportLines } from './report.ts';
import { headline, insightText, nowLine, statusText } from './status.ts';
import { summaryText } from './summary.ts';

const score = (value: number, half: number) => ({
  ...buildScore(value),
  low: value - half,
  high: value + half,
});
const delta: PairedDifference = {
  difference: 0.033,
  low: 0.012,
  high: 0.055,
  pValue: 0.004,
  wins: 31,
  losses: 11,
  n: 620,
};
const noGain = { ...delta, difference: -0.002, low: -0.02, high: 0.016, pValue: 0.8 };
const root = buildNode({ number: 0, score: score(0, 0) });
const parent = buildNode({ number: 5, score: score(0.837, 0.03) });
const child = (overrides: Partial<NodeView> = {}): NodeView =>
  buildNode({
    number: 8,
    parent: 5,
    title: 'drop rows that break the pattern',
    hypothesis: 'Rows in another format teach the wrong thing',
    score: score(0.87, 0.03),
    delta,
    diagnosis: {
      summary: 'Two-digit years are left',
      mistakes: [{ kind: 'two-digit year', count: 12, example: '3 Mar 21' }],
    },
    ...overrides,
  });
const failed = buildNode({
  number: 6,
  parent: 5,
  state: 'failed',
  score: null,
  cost: { computeSeconds: 8, usd: 0 },
  failure: {
    code: 'diverged',
    fault: 'config',
    message: 'diverged at step 41 (loss 0.6 → 5.2): learning rate 0.3 is too high here',
    log: ['step 41 loss 5.2'],
  },
});
const running = buildNode({ number: 9, parent: 8, state: 'running', score: null, title: 'batch 8' });
const view = (nodes: NodeView[], overrides: Partial<CampaignView> = {}): CampaignView =>
  viewOf(nodes, {
    budget: {
      limit: { computeSeconds: 900, usd: null },
      spent: { computeSeconds: 360, usd: 0 },
      reserved: { computeSeconds: 60, usd: 0 },
    },
    ...overrides,
  });

describe('the headline', () => {
  test('says score, counts and budget', () => {
    expect(headline(view([root, parent, child(), failed, running]))).toBe(
      '*Dates to ISO* 0.870 ± 0.030 on search, from 0.000 · 5 nodes, 1 running, 1 failed · 6 of 15 min',
    );
  });

  test('says what is missing before there is a score, and why nothing moves', () => {
    expect(headline(view([], { heldBecause: 'budget reached' }))).toBe(
      '*Dates to ISO* no score yet · 0 nodes · 6 of 15 min · budget reached',
    );
  });

  test('quotes the test split once it was opened', () => {
    expect(headline(buildCampaignView({ nodes: 12, state: 'finished' }))).toMatch(
      / on test, from .* · done$/,
    );
  });

  test('cannot be broken by its title', () => {
    expect(headline(view([root], { title: 'a*b`\n<!channel>' }))).toMatch(/^\*ab <!channel>\* /);
  });
});

describe('what happens now', () => {
  test('names what runs and what waits', () => {
    const waiting = buildNode({ number: 12, parent: 8, state: 'awaiting_approval', score: null });
    expect(nowLine(view([root, running, waiting]))).toBe('Now: #9 batch 8. #12 waits for a yes.');
  });

  test.each([
    [{ state: 'intake' as const }, 'Now: finding out what is wanted.'],
    [{ state: 'ready' as const }, 'Waits for Start.'],
    [{ heldBecause: 'paused by Ana' }, 'Nothing runs: paused by Ana.'],
    [{ paused: true }, 'Nothing runs: paused.'],
    [{ state: 'confirming' as const }, 'Now: repeating the best with fresh seeds.'],
    [{}, 'Now: planning the next node.'],
    [{ state: 'finished' as const }, 'Done.'],
  ])('without running nodes says why: %o', (overrides, expected) => {
    expect(nowLine(view([root], overrides))).toBe(expected);
  });
});

test('the status tells best, questions, lessons and what is left', () => {
  const text = statusText(buildCampaignView({ nodes: 12, seed: 6 }));
  expect(text).toMatch(/^Best so far: #\d+ .* Not confirmed yet\.$/m);
  expect(text).toMatch(/^#11 waits for a yes: about 2\.6 min \(1\.8 to 3\.9; stopped at 6\.5\)\.$/m);
  expect(text).toMatch(/set aside for what runs; .* min left\.$/m);
  expect(text).toMatch(/^Started 15 min ago\.$/m);
});

test('an insight stands with its interval and pairs', () => {
  const pairs = [
    { parent: 5, child: 8 },
    { parent: 4, child: 9 },
    { parent: 6, child: 11 },
  ];
  expect(
    insightText({
      text: 'Dropping rows that break the pattern helps',
      effect: 0.033,
      low: 0.012,
      high: 0.055,
      pairs,
    }),
  ).toBe(
    'Dropping rows that break the pattern helps: +0.033 (0.012 to 0.055, 3 pairs: #5→#8, #4→#9, #6→#11).',
  );
});

describe('an announcement', () => {
  test('says better only when the paired interval excludes zero', () => {
    const shown = (node: NodeView) => nodeText(view([root, parent, node]), 8);
    expect(shown(child())).toContain('It is better than its parent #5: +0.033 (0.012 to 0.055).');
    expect(shown(child({ delta: noGain }))).toContain(
      'It is no better than its parent #5 (−0.002, −0.020 to 0.016).',
    );
    expect(shown(child({ delta: { ...delta, low: 0 } }))).toContain('no better than');
    expect(shown(child({ delta: null }))).not.toContain('better');
  });
});

describe('why', () => {
  test('tells the paired comparison, the change and the mistakes that are left', () => {
    const node = child();
    node.trials[0]!.changes = ['learning rate 1e-3 → 5e-4'];
    expect(whyText(view([root, parent, node]), 8)).toBe(
      [
        '#8 beat its parent #5 by 0.033 (paired on the same 620 items, 0.012 to 0.055, p = 0.004). It fixed 31 items and broke 11.',
        'Changed: learning rate 1e-3 → 5e-4.',
        'The idea was: Rows in another format teach the wrong thing.',
        'Two-digit years are left.',
        'Most mistakes left: two-digit year (12, for example 3 Mar 21).',
      ].join('\n'),
    );
  });

  test('claims neither a win nor a loss without evidence', () => {
    expect(whyText(view([root, parent, child({ delta: noGain })]), 8)).toMatch(
      /^#8 is no better than its parent #5: −0\.002/,
    );
    const worse = { ...delta, difference: -0.04, low: -0.06, high: -0.02 };
    expect(whyText(view([root, parent, child({ delta: worse })]), 8)).toMatch(
      /^#8 fell behind its parent #5 by 0\.040/,
    );
  });

  test('has an answer for the baseline, failures, open nodes and unknown numbers', () => {
    const nodes = view([root, parent, failed, running]);
    expect(whyText(nodes, 0)).toContain('#0 is the baseline');
    expect(whyText(nodes, 6)).toContain('#6 failed: diverged at step 41');
    expect(whyText(nodes, 9)).toContain('#9 has no score: running');
    expect(whyText(nodes, 77)).toBe('There is no #77 here. The last one is #9.');
    expect(whyText(view([]), 7)).toBe('There is no #7: nothing has run yet.');
  });
});

test('a node is shown with its idea, trials, cost and reading', () => {
  const text = nodeText(view([root, parent, child()]), 8);
  expect(text).toContain('*#8 drop rows that break the pattern* · 0.870 ± 0.030 · best so far');
  expect(text).toContain('It is better than its parent #5');
  expect(text).toContain('Kind: adjust the training · grown from #5');
  expect(text).toMatch(/^trial 1: full, lr .* · general loss 0\.\d\d \(0\.53 before\)/m);
  expect(text).toContain('Mistakes left: two-digit year (12, for example 3 Mar 21)');
  const trials = child().trials.map((trial) => ({ ...trial, answeredBy: 'vLLM 0.11.0' }));
  expect(nodeText(view([root, parent, child({ trials })]), 8)).toContain(' · answers by vLLM 0.11.0');
  expect(nodeText(view([failed]), 6)).toContain('The settings of this node are the cause.');
  expect(nodeText(view([root]), 4)).toContain('There is no #4');
});

test('a failure says what, whose fault, what it cost and what comes next', () => {
  expect(failureText(failed, 'I will stay below 3e-2')).toBe(
    '#6 diverged at step 41 (loss 0.6 → 5.2): learning rate 0.3 is too high here. The settings of this node are the cause. 8 s spent, the rest returned. I will stay below 3e-2.',
  );
  const lost = { ...failed.failure!, fault: 'cluster' as const, message: 'The node went away.' };
  expect(
    failureText({ ...failed, failure: lost, cost: { computeSeconds: 0, usd: 0 } }, 'It runs again'),
  ).toBe(
    '#6 failed: The node went away. The cluster is the cause, so it does not count against the idea. Nothing was spent. It runs again.',
  );
});

describe('an approval', () => {
  const approval: ApprovalView = {
    id: 'a',
    nodeNumber: 12,
    state: 'pending',
    expected: { computeSeconds: 156, usd: 0 },
    likely: { low: { computeSeconds: 109, usd: 0 }, high: { computeSeconds: 234, usd: 0 } },
    ceiling: { computeSeconds: 390, usd: 0 },
    budgetLeft: { computeSeconds: 426, usd: null },
    why: 'more coverage of the rare formats',
    expectedGain: { low: 0.02, high: 0.06 },
    refutedBy: 'no gain on formats 9 to 12',
    changes: ['epochs 1 → 3', 'rows 5,182 → 6,000'],
    cheaper: {
      text: 'the same on 1,500 rows',
      expected: { computeSeconds: 42, usd: 0 },
      likely: { low: { computeSeconds: 29, usd: 0 }, high: { computeSeconds: 63, usd: 0 } },
    },
    code: null,
    yeses: [],
    yesesNeeded: 1,
    decidedBy: null,
    decidedAt: null,
  };
  const node = buildNode({
    number: 12,
    parent: 8,
    title: '3 epochs on all rows',
    state: 'awaiting_approval',
    score: null,
  });

  test('says what, why, what it costs and what would refute it', () => {
    expect(approvalText(node, approval, 'exact_match')).toEqual({
      title: '#12 needs a yes: 3 epochs on all rows',
      why: 'Why: more coverage of the rare formats.',
      cost: 'Cost: about 2.6 min (1.8 to 3.9; stopped at 6.5) of the 7.1 min left',
      expected: 'Expected: +0.02 to +0.06 exact match · would be refuted by: no gain on formats 9 to 12',
      changes: 'Changes from #8: epochs 1 → 3, rows 5,182 → 6,000',
      cheaper: 'Cheaper: the same on 1,500 rows, about 42 s (29 to 63)',
      yeses: null,
      closed: null,
    });
  });

  test('above the line says that two have to agree, and who did already', () => {
    const two = { ...approval, yesesNeeded: 2 as const };
    const said = (yeses: ApprovalView['yeses']) => approvalText(node, { ...two, yeses }, 'exact_match').yeses;
    expect(said([])).toBe('Two people have to say yes.');
    expect(said([{ by: 'Ana', cheaper: false }])).toBe('Approved by Ana; one more yes is needed.');
    expect(
      said([
        { by: 'Ana', cheaper: false },
        { by: 'Ben', cheaper: true },
      ]),
    ).toBe(
      'Approved by Ana; one more yes is needed. The cheaper one approved by Ben; one more yes is needed.',
    );
  });

  test('decided by two names both', () => {
    const yeses = ['Ana', 'Ben'].map((by) => ({ by, cheaper: false }));
    const decided = { ...approval, state: 'approved' as const, decidedBy: 'Ben', yeses };
    expect(approvalText(node, decided, 'exact_match').closed).toBe(
      'Approved by Ana and Ben · runs up to 6.5 min',
    );
  });

  test('leaves out what is not known', () => {
    const { likely: _, ...asked } = approval;
    const bare = { ...asked, expectedGain: null, refutedBy: '', changes: [], cheaper: null };
    const text = approvalText(
      node,
      { ...bare, budgetLeft: { computeSeconds: null, usd: null } },
      'exact_match',
    );
    expect([text.expected, text.changes, text.cheaper]).toEqual([null, null, null]);
    expect(text.cost).toBe('Cost: about 2.6 min (stopped at 6.5)');
  });

  test('says who decided and up to what', () => {
    const decided = { decidedBy: 'Ana', decidedAt: '2026-03-02T14:02:11.000Z' };
    expect(approvalText(node, { ...approval, ...decided, state: 'approved' }, 'exact_match').closed).toBe(
      'Approved by Ana, 14:02 UTC · runs up to 6.5 min',
    );
    expect(approvalText(node, { ...approval, ...decided, state: 'rejected' }, 'exact_match').closed).toBe(
      'Rejected by Ana, 14:02 UTC · nothing spent',
    );
  });
});

describe('the report in the thread', () => {
  test('gives the test score with interval, seeds, lessons, checks, effort and the command', () => {
    const lines = reportLines(buildCampaignView({ nodes: 12, seed: 6, state: 'finished' }));
    expect(lines[0]).toMatch(
      /^\*Dates to ISO is done\.\* Test split, opened once: \*0\.\d{3}\* \(.* to .*\) against 0\.\d{3} before\.$/,
    );
    expect(lines[1]).toMatch(/^Confirmed with 3 fresh seeds on select: /);
    expect(lines[2]).toMatch(/^What worked: dropping rows that break the pattern \(\+0\.033\), #/);
    expect(lines[3]).toMatch(
      /^Checked: no evaluation row in the training data; general loss .*; noise between seeds 0\.005\.$/,
    );
    expect(lines[4]).toMatch(/^12 nodes, \d+ trials, .* min, \$0$/);
    expect(lines[5]).toBe('Make it again: `trex reproduce c-7f3a#11`');
  });

  test('does not sell noise as a gain', () => {
    const done = buildCampaignView({ nodes: 12, seed: 6, state: 'finished' });
    done.final!.testDifference = noGain;
    expect(reportLines(done)[0]).toContain('That is no better than before (−0.002 (−0.020 to 0.016)).');
  });

  test('says that nothing is confirmed when it was stopped', () => {
    const lines = reportLines(buildCampaignView({ nodes: 12, seed: 6, state: 'stopped' }));
    expect(lines[0]).toMatch(/^\*Dates to ISO was stopped\.\* Best on search, not confirmed: /);
    expect(reportLines(view([], { state: 'stopped' }))[0]).toContain('There is no score.');
  });
});

test('the daily summary is arithmetic, a line a campaign', () => {
  const base = {
    campaignId: 'c',
    state: 'searching',
    done: 9,
    failed: 1,
    withdrawn: 2,
    spentText: '11.2 of 15 min',
  };
  const best = { value: 0.963, low: 0.948, high: 0.978, sinceYesterday: 0.09, overBaseline: 0.96 };
  expect(
    summaryText({
      dateText: 'Yesterday in #ml-training',
      campaigns: [
        { ...base, title: 'Dates to ISO', best, waiting: [] },
        {
          ...base,
          title: 'Ticket router',
          best: { ...best, sinceYesterday: 0, overBaseline: null },
          waiting: ['#12'],
          failed: 0,
          withdrawn: 0,
        },
      ],
      totals: 'Spent 14.1 of 30 min.',
    }),
  ).toBe(
    [
      '*Yesterday in #ml-training* · 2 campaigns',
      '*Dates to ISO* 0.963 ± 0.015 (+0.090 since yesterday, +0.960 over baseline) · 9 done, 1 failed, 2 withdrawn · 11.2 of 15 min',
      '*Ticket router* 0.963 ± 0.015 (no better than yesterday) · 9 done · 11.2 of 15 min · waits for you: #12',
      'Spent 14.1 of 30 min.',
    ].join('\n'),
  );
});

test('a diagnosis tells how mistakes moved, and what to try next at what price', () => {
  const told = child({
    diagnosis: {
      summary: 'Days and months are confused.',
      mistakes: [{ kind: 'day for month', count: 12, example: '', moved: { fixed: 4, broken: 1 } }],
      directions: [
        {
          text: 'Drop contradictory rows.',
          strategy: 'refine_data_pipeline',
          expectedGain: { low: 0, high: 0.04 },
          costRatio: 2,
          refutedBy: 'as many mistakes as before',
        },
      ],
    },
  });
  const text = nodeText(view([root, parent, told]), 8);
  expect(text).toContain('Mistakes left: day for month (12, 4 fixed and 1 new)');
  expect(text).toContain(
    'Next: Drop contradictory rows (gain 0.000 to 0.040; about 2 times the compute; refuted by as many mistakes as before)',
  );
});
