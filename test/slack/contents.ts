import type { Brief } from '../../src/campaign/brief.ts';
import type { Content } from '../../src/campaign/messages.ts';
import { noThinking } from '../../src/campaign/thinking.ts';
import type { ApprovalView, CampaignView, NodeView, TrialView } from '../../src/campaign/view.ts';
import type { Score } from '../../src/scoring/types.ts';
import { shipmentView } from '../support/campaign-view.ts';

/** One example of each kind of content, after the storyboard. */

const score = (value: number, half: number): Score => ({
  metric: 'exact_match',
  value,
  low: value - half,
  high: value + half,
  n: 620,
});

const brief: Brief = {
  title: 'Dates to ISO',
  goal: 'turn messy dates into ISO',
  data: {
    kind: 'attached',
    train: { name: 'dates.jsonl', sha256: 'a'.repeat(64), rows: 6200, badRows: 14 },
    evaluation: null,
  },
  metric: 'exact_match',
  target: null,
  budget: { computeSeconds: 900, usd: null },
  askAbove: { computeSeconds: 120, usd: null },
  parallel: 2,
  deadline: null,
  policy: 'uct',
  maxNodes: 30,
  scope: { baseModel: 'nano-154k', methods: ['full', 'lora'], maxSequenceTokens: 128 },
  seed: 1,
};

const trial = (over: Partial<TrialView> = {}): TrialView => ({
  index: 0,
  state: 'scored',
  specHash: 'b'.repeat(64),
  changes: ['learning rate 1e-3 → 5e-4'],
  summary: 'full, lr 5e-4, batch 8, 1 epoch',
  score: score(0.87, 0.03),
  generalLoss: 0.61,
  baseGeneralLoss: 0.53,
  trainLoss: 0.2,
  failure: null,
  cost: { computeSeconds: 41, usd: 0 },
  progress: null,
  ...over,
});

export const node = (number: number, over: Partial<NodeView> = {}): NodeView => ({
  number,
  parent: number === 0 ? null : Math.floor((number - 1) / 2),
  state: 'scored',
  strategy: 'refine_data_pipeline',
  title: 'drop rows that break the ISO pattern',
  hypothesis: 'Two rows in five are mislabelled; training without them should help.',
  score: score(0.87, 0.03),
  delta: {
    difference: 0.033,
    low: 0.012,
    high: 0.055,
    pValue: 0.004,
    wins: 31,
    losses: 11,
    n: 620,
  },
  trials: [trial()],
  bestTrial: 0,
  cost: { computeSeconds: 41, usd: 0 },
  failure: null,
  approval: null,
  codeApproval: null,
  diagnosis: {
    summary: 'most mistakes are two-digit years',
    mistakes: [{ kind: 'two-digit year', count: 31, example: '3/4/21 → 2012-03-04' }],
  },
  startedAfterSeconds: 10,
  finishedAfterSeconds: 60,
  ...over,
});

const failedNode: NodeView = node(6, {
  state: 'failed',
  score: null,
  delta: null,
  bestTrial: null,
  diagnosis: null,
  cost: { computeSeconds: 8, usd: 0 },
  failure: {
    code: 'diverged',
    fault: 'config',
    message: 'diverged at step 41 (loss 0.6 → 5.2): learning rate 0.3 is too high here.',
    log: ['step 40 loss 0.6', 'step 41 loss 5.2'],
  },
});

export const approval: ApprovalView = {
  id: 'a-12',
  nodeNumber: 12,
  state: 'pending',
  expected: { computeSeconds: 156, usd: 0 },
  likely: { low: { computeSeconds: 109, usd: 0 }, high: { computeSeconds: 234, usd: 0 } },
  ceiling: { computeSeconds: 390, usd: 0 },
  budgetLeft: { computeSeconds: 426, usd: null },
  why: 'more coverage of the rare formats, where 71% of the remaining mistakes are.',
  expectedGain: { low: 0.02, high: 0.06 },
  refutedBy: 'no gain on formats 9 to 12',
  changes: ['epochs 1 → 3', 'rows 5,182 → 6,000'],
  cheaper: { text: 'the same on 1,500 rows', expected: { computeSeconds: 42, usd: 0 } },
  code: null,
  yeses: [],
  yesesNeeded: 1,
  decidedBy: null,
  decidedAt: null,
};

export const view: CampaignView = {
  id: 'c-7f3a',
  title: 'Dates to ISO',
  state: 'searching',
  paused: false,
  isWrappingUp: false,
  heldBecause: null,
  brief,
  splits: { train: 4960, search: 620, select: 310, test: 310 },
  nodes: [
    node(0, { title: 'baseline', strategy: 'establish_baseline', score: score(0, 0), delta: null }),
    node(5),
    failedNode,
    node(8, { parent: 5, score: score(0.87, 0.03) }),
    node(9, { state: 'running', score: null, delta: null, title: 'learning rate 1e-3 and 5e-4', trials: [] }),
    node(12, { state: 'awaiting_approval', score: null, delta: null, approval }),
  ],
  best: 8,
  budget: {
    limit: { computeSeconds: 900, usd: null },
    spent: { computeSeconds: 360, usd: 0 },
    reserved: { computeSeconds: 41, usd: 0 },
  },
  thinking: noThinking,
  weights: { kept: [], removedRuns: 0, removedBytes: 0 },
  addedData: [],
  insights: [],
  final: null,
  kept: null,
  earlier: [],
  ends: 0,
  openings: 0,
  endedBecause: null,
  startedAt: '2026-11-22T14:00:00.000Z',
  finishedAt: null,
  takenAt: '2026-11-22T14:06:00.000Z',
  pictureUrl: 'http://127.0.0.1:8080/c/c-7f3a/tree.png',
  pageUrl: 'http://127.0.0.1:8080/c/c-7f3a',
  threadLink: null,
};

/** An approval about code instead of money. */
export const codeApproval = (code: string): Extract<Content, { kind: 'approval' }> => {
  const asked: ApprovalView = {
    ...approval,
    id: 'a-14',
    nodeNumber: 14,
    cheaper: null,
    code: {
      purpose: 'drop rows whose answer stands in the question',
      code,
      terms: 'It runs where it has no network and no file of this machine.',
    },
  };
  const title = 'rows without quotes';
  return {
    kind: 'approval',
    campaignId: 'c-7f3a',
    metric: 'exact_match',
    node: node(14, { parent: 8, state: 'awaiting_approval', title, score: null, codeApproval: asked }),
    approval: asked,
  };
};

export const contents: Record<Content['kind'], Content> = {
  text: {
    kind: 'text',
    text: 'Understood: no more LoRA branches. Two queued ones (#15, #16) are withdrawn.',
  },
  problem: { kind: 'problem', text: 'I could not read `train.xlsx`. I take JSONL or CSV.' },
  question: {
    kind: 'question',
    campaignId: 'c-7f3a',
    preface: ['Got it. `dates.jsonl`: 6,214 rows, 14 unreadable.'],
    question: {
      field: 'badRows',
      text: 'Leave those out?',
      options: [
        { label: 'Leave out', value: 'drop' },
        { label: 'Show them', value: 'show' },
        { label: 'Stop', value: 'stop' },
      ],
      default: 'drop',
    },
  },
  brief: {
    kind: 'brief',
    campaignId: 'c-7f3a',
    brief,
    splits: { train: 4960, search: 620, select: 310, test: 310 },
    notes: ['Two of your rows in five look mislabelled to me (for example line 57).'],
    worth: {
      nodes: { low: 1, high: 2 },
      node: { expected: { computeSeconds: 180, usd: 0 }, rows: 4960, epochs: 1 },
      whole: { expected: { computeSeconds: 540, usd: 0 }, rows: 4960, epochs: 3 },
      baseline: { computeSeconds: 20, usd: 0 },
      kept: { computeSeconds: 420, usd: 0 },
      isMeasured: false,
      raise: { computeSeconds: 3600, usd: null },
    },
    read: {
      words: { budget: 'budget 15 minutes', askAbove: 'ask me above 2 minutes a branch' },
      notUsed: [
        { words: 'rank 16', why: 'I choose hyperparameters myself' },
        { words: 's3://acme/extra', why: 'I cannot read s3 addresses' },
      ],
      example: {
        file: 'dates.jsonl',
        columns: 'prompt → completion',
        prompt: 'the 5th of March 2021',
        completion: '2021-03-05',
      },
    },
    closed: null,
  },
  start_request: {
    kind: 'start_request',
    campaignId: 'c-7f3a',
    questionId: 's-1',
    askedBy: 'Ana',
    title: 'Dates to ISO',
    terms: ['Budget 15 min, of which I ask about no single node', '2 runs at a time, at most 40 nodes'],
    who: 'Ben can approve it.',
    votes: [],
    note: null,
    closed: null,
  },
  progress: { kind: 'progress', view, picture: null },
  approval: {
    kind: 'approval',
    campaignId: 'c-7f3a',
    metric: 'exact_match',
    node: node(12, {
      parent: 8,
      state: 'awaiting_approval',
      title: '3 epochs on all 6,000 noisy rows plus the clean 800',
      score: null,
      delta: null,
      approval,
    }),
    approval,
  },
  insight: {
    kind: 'insight',
    campaignId: 'c-7f3a',
    text: 'Dropping rows that break the pattern helps: +0.033 (0.012 to 0.055, 3 pairs: #5→#8, #4→#9, #6→#11).',
  },
  findings: {
    kind: 'findings',
    campaignId: 'c-7f3a',
    findings: {
      words: ['dates', 'iso'],
      papers: [
        {
          kind: 'paper',
          source: 'arxiv',
          id: '2501.00001',
          url: 'https://arxiv.org/abs/2501.00001',
          title: 'Writing dates in ISO form',
          publishedAt: '2025-01-02',
          citations: 41,
          quote: 'Our best model reaches 96.4% exact match, 12 points above the untrained one.',
          hasResult: true,
          recipe: { baseModels: [], methods: ['LoRA'], datasets: [], settings: ['learning rate 2e-4'] },
        },
      ],
      models: [],
      datasets: [
        {
          kind: 'dataset',
          id: 'lab/dates',
          url: 'https://huggingface.co/datasets/lab/dates',
          licence: 'cc-by-4.0',
          gated: true,
          rows: 12_500,
          bytes: 481_000,
          splits: [{ name: 'train', rows: 12_000 }],
          columns: [{ name: 'text', type: 'string' }],
          example: null,
          quote: 'Dates as people write them. More at https://evil.example/x <!channel>',
        },
      ],
      problems: ['Semantic Scholar asks me to stay away for 60 s (429).'],
    },
  },
  failure: { kind: 'failure', campaignId: 'c-7f3a', node: failedNode, next: 'I will stay below 3e-2.' },
  waiting: {
    kind: 'waiting',
    campaignId: 'c-7f3a',
    node: 7,
    text: "#7 has waited 40 min. It waits in Slurm's queue: Priority.",
    canWithdraw: true,
    closed: null,
  },
  node: { kind: 'node', view, number: 8, curves: null },
  report: {
    kind: 'report',
    view: { ...view, state: 'finished' },
    lines: [
      '**Dates to ISO is done.** Test split, opened once: **0.958** (0.929 to 0.976) against 0.000 before.',
      '- filter by pattern (+0.033)',
      '- batch 8 (+0.05)',
      'Make it again: `trex reproduce c-7f3a#18`',
    ],
    files: [
      { name: 'report.md', url: 'https://trex.example/campaigns/c-7f3a/files/report.md' },
      { name: 'weights.bin', url: 'https://trex.example/campaigns/c-7f3a/files/weights.bin' },
    ],
    continues: [
      { label: 'Continue', value: '' },
      { label: 'Continue with 5 min more', value: '5 min' },
    ],
    end: 1,
    ships: [
      { kind: 'hub', label: 'Ship to huggingface.co/acme' },
      { kind: 'folder', label: 'Ship to /models' },
    ],
  },
  files: {
    kind: 'files',
    campaignId: 'c-7f3a',
    text: 'The files of *Dates to ISO*: report.md and tree.png.',
  },
  shipment: { kind: 'shipment', campaignId: 'c-7f3a', shipment: shipmentView() },
  budget_reached: {
    kind: 'budget_reached',
    campaignId: 'c-7f3a',
    questionId: 'q-1',
    text: 'The 15 minutes are used up. Nothing new starts.',
    raises: [
      { label: '+10 min', value: '600' },
      { label: '+30 min', value: '1800' },
    ],
    closed: null,
  },
  confirmation: {
    kind: 'confirmation',
    campaignId: 'c-7f3a',
    confirmationId: '1772438400.900500',
    text: 'Raise the budget from 15 min to 30 min in all?',
    choices: [
      { label: 'Raise to 30 min', value: 'yes', style: 'primary' },
      { label: 'Cancel', value: 'no' },
    ],
    closed: null,
  },
  running: {
    kind: 'running',
    list: 'C0TRAINING-1772438400.900500',
    campaigns: [
      { campaignId: 'c-7f3a', line: '*Dates to ISO* 0.870 on search · 6 of 15 min', isActive: true },
      { campaignId: 'c-11aa', line: '*Ticket router* 0.710 on search · 2 of 15 min', isActive: true },
      { campaignId: 'c-22bb', line: '*Units* no score yet · stopped', isActive: false },
    ],
  },
  summary: {
    kind: 'summary',
    channel: 'C0TRAINING',
    dateText: 'Yesterday in #ml-training',
    campaigns: [
      {
        campaignId: 'c-7f3a',
        title: 'Dates to ISO',
        state: 'searching',
        done: 9,
        failed: 1,
        withdrawn: 2,
        best: { value: 0.963, low: 0.948, high: 0.978, sinceYesterday: 0.09, overBaseline: 0.96 },
        spentText: '11.2 of 15 min',
        waiting: [],
      },
      {
        campaignId: 'c-11aa',
        title: 'Ticket router',
        state: 'searching',
        done: 4,
        failed: 0,
        withdrawn: 0,
        best: { value: 0.71, low: 0.69, high: 0.73, sinceYesterday: 0, overBaseline: 0.2 },
        spentText: '2.9 of 15 min',
        waiting: ['#12'],
      },
    ],
    totals: 'Spent 14.1 of 30 min; at this rate the budget lasts until Thursday.',
  },
};
