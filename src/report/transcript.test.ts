import { expect, test } from 'vitest';
import { buildBrief, buildCampaignView, shipmentView } from '../../test/support/campaign-view.ts';
import type { Content } from '../campaign/messages.ts';
import { contentText } from './transcript.ts';

const view = buildCampaignView({ nodes: 12, seed: 6, failures: 0.3 });
const open = view.nodes.find((node) => node.approval !== null)!;
const failed = view.nodes.find((node) => node.failure !== null) ?? view.nodes[1]!;

const contents: Record<Content['kind'], Content> = {
  text: { kind: 'text', text: 'Hello.' },
  problem: { kind: 'problem', text: 'The cluster has not answered since 03:12.' },
  question: {
    kind: 'question',
    campaignId: 'c',
    preface: ['Got it. dates.jsonl: 6,214 rows.'],
    question: {
      field: 'metric',
      text: 'How should I measure it?',
      options: [
        { label: 'Exact match', value: 'exact_match' },
        { label: 'Something else', value: 'other' },
      ],
      default: 'exact_match',
    },
  },
  brief: {
    kind: 'brief',
    campaignId: 'c',
    brief: buildBrief({ nodes: 8, target: 0.9 }),
    splits: { train: 4960, search: 620, select: 310, test: 310 },
    notes: ['Two of your rows in five look mislabelled to me'],
    closed: null,
  },
  waiting: {
    kind: 'waiting',
    campaignId: 'c',
    node: 7,
    text: "#7 has waited 40 min. It waits in Slurm's queue: Priority.",
    canWithdraw: true,
    closed: null,
  },
  start_request: {
    kind: 'start_request',
    campaignId: 'c',
    questionId: 's',
    askedBy: 'Ana',
    title: 'Dates to ISO',
    terms: ['Budget 15 min, of which I ask about no single node'],
    who: 'Ben can approve it.',
    votes: [],
    note: null,
    closed: null,
  },
  progress: { kind: 'progress', view, picture: new Uint8Array(3) },
  approval: {
    kind: 'approval',
    campaignId: 'c',
    node: open,
    approval: open.approval!,
    metric: 'exact_match',
  },
  insight: { kind: 'insight', campaignId: 'c', text: 'Dropping rows helps: +0.033.' },
  findings: {
    kind: 'findings',
    campaignId: 'c',
    findings: {
      words: ['dates'],
      papers: [],
      models: [
        {
          kind: 'model',
          id: 'lab/dates-lora',
          url: 'https://huggingface.co/lab/dates-lora',
          licence: null,
          gated: null,
          quote: 'accuracy 0.93 on Dates',
          hasResult: true,
          recipe: { baseModels: ['org/base'], methods: ['LoRA'], datasets: ['lab/dates'], settings: [] },
        },
      ],
      datasets: [],
      problems: ['arXiv has trouble of its own (503).'],
    },
  },
  failure: { kind: 'failure', campaignId: 'c', node: failed, next: 'I go on.' },
  node: { kind: 'node', view, number: 3, curves: null },
  report: {
    kind: 'report',
    view,
    lines: ['Done.', 'Make it again'],
    files: [{ name: 'report.md', url: 'https://trex.example/report.md' }],
    ships: [{ kind: 'folder', label: 'Ship to /models' }],
    continues: [{ label: 'Continue with 5 min more', value: '5 min' }],
    end: 1,
  },
  files: { kind: 'files', campaignId: 'c', text: 'The files of *Dates*: report.md.' },
  shipment: { kind: 'shipment', campaignId: 'c', shipment: shipmentView() },
  budget_reached: {
    kind: 'budget_reached',
    campaignId: 'c',
    questionId: 'q',
    text: 'The budget is used up.',
    raises: [{ label: '5 min more', value: '300' }],
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
    channel: 'C1',
    dateText: 'Yesterday',
    campaigns: [],
    totals: 'Spent 0 of 15 min.',
  },
};

test.each(Object.entries(contents))('%s has a plain text', (_, content) => {
  const text = contentText(content);
  expect(text.length).toBeGreaterThan(5);
  expect(text).not.toMatch(/undefined|null|NaN|\[object/);
  expect(text).not.toMatch(/\n\n/);
});

test('a question lists its buttons', () => {
  expect(contentText(contents.question)).toBe(
    'Got it. dates.jsonl: 6,214 rows.\nHow should I measure it?\n[Exact match] [Something else]',
  );
});

test('the brief reads as what Start commits to', () => {
  expect(contentText(contents.brief)).toBe(
    [
      '*Dates to ISO* · nano-154k',
      'Turn messy dates into ISO dates.',
      'Metric exact match, higher is better · target 0.900',
      'Data dates.jsonl (6,200 rows; 4,960 train, 620 search, 310 select, 310 test)',
      'Budget 15 min · ask above 2 min a node · 2 at a time',
      'Methods full fine-tuning and LoRA · at most 10,000 nodes',
      'I will not change the model, the methods or the sequence length without asking.',
      'Two of your rows in five look mislabelled to me.',
      '[Start] [Edit] [Cancel]',
    ].join('\n'),
  );
});

test('what is decided shows the decision instead of buttons', () => {
  const brief = contents.brief as Extract<Content, { kind: 'brief' }>;
  expect(contentText({ ...brief, closed: 'Started by Ana' })).toMatch(/Started by Ana$/);
  const budget = contents.budget_reached as Extract<Content, { kind: 'budget_reached' }>;
  expect(contentText(budget)).toMatch(/\[5 min more\]$/);
  expect(contentText({ ...budget, closed: 'Raised by Ana' })).not.toContain('[');
  const approval = contents.approval as Extract<Content, { kind: 'approval' }>;
  expect(contentText(approval)).toMatch(/\[Approve\] \[Cheaper one\] \[Reject\] \[Ask why\]$/);
  const decided = { ...approval.approval, state: 'approved' as const, decidedBy: 'Ana' };
  expect(contentText({ ...approval, approval: decided })).toMatch(/Approved by Ana · runs up to 6\.5 min$/);
});
