import type { IntakeEntry } from '../../../campaign/intake-entry.ts';
import type { CatalogTask, DatasetReport } from '../../../recipe/types.ts';
import type { IntakeInput } from '../../port.ts';

export const tasks: CatalogTask[] = [
  {
    name: 'date',
    title: 'Dates to ISO',
    metric: 'exact_match',
    example: { prompt: 'date: the 5th of March 2021', completion: '2021-03-05' },
    keywords: ['date', 'dates', 'iso', 'calendar'],
    pools: [{ id: 'date/noisy', title: 'noisy', note: 'all formats, wrong labels', rows: 6000 }],
  },
  {
    name: 'sentiment',
    title: 'Review sentiment',
    metric: 'accuracy',
    example: { prompt: 'review: the soup was cold', completion: 'negative' },
    keywords: ['review', 'reviews', 'sentiment', 'opinion', 'positive', 'negative'],
    pools: [{ id: 'sentiment/noisy', title: 'noisy', note: 'wrong labels', rows: 6000 }],
  },
  {
    name: 'route',
    title: 'Ticket router',
    metric: 'accuracy',
    example: { prompt: 'ticket: card charged twice', completion: 'billing' },
    keywords: ['ticket', 'tickets', 'support', 'routing', 'router', 'queue'],
    pools: [{ id: 'route/noisy', title: 'noisy', note: 'imbalanced', rows: 6000 }],
  },
  {
    name: 'json',
    title: 'Facts to JSON',
    metric: 'exact_match',
    example: { prompt: 'extract: Rome: Tom Ito', completion: '{"n":"Tom Ito","c":"Rome"}' },
    keywords: ['json', 'extraction', 'fields'],
    pools: [{ id: 'json/noisy', title: 'noisy', note: 'wrong labels', rows: 6000 }],
  },
  {
    name: 'add',
    title: 'Addition',
    metric: 'exact_match',
    example: { prompt: 'add: 38+47', completion: '85' },
    keywords: ['add', 'addition', 'sum', 'numbers', 'arithmetic'],
    pools: [{ id: 'add/noisy', title: 'noisy', note: 'wrong labels', rows: 6000 }],
  },
];

export function report(name = 'dates.jsonl', over: Partial<DatasetReport> = {}): DatasetReport {
  return {
    name,
    sha256: 'a'.repeat(64),
    bytes: 1000,
    format: 'jsonl',
    columns: { prompt: 'prompt', completion: 'completion' },
    rows: 6200,
    badRows: 0,
    badExamples: [],
    examples: [{ prompt: 'date: the 5th of March 2021', completion: '2021-03-05' }],
    longestCharacters: 50,
    labels: null,
    warnings: [],
    ...over,
  };
}

export const file = (name = 'dates.jsonl', over: Partial<DatasetReport> = {}) => ({
  name,
  report: report(name, over),
  problem: null,
});

export const say = (text: string, ...files: ReturnType<typeof file>[]): IntakeEntry => ({
  kind: 'message',
  text,
  files,
});

export const input = (entries: IntakeEntry[], over: Partial<IntakeInput> = {}): IntakeInput => ({
  entries,
  tasks,
  baseModels: [{ id: 'nano-154k', title: 'Nano', maxSequenceTokens: 64 }],
  supports: { methods: ['full', 'lora'], objectives: ['sft'], rewards: [], needs: 'It needs a GPU.' },
  usdPerHour: 2,
  gpusPerSlot: 1,
  slots: 2,
  // A Wednesday, 11:30 in Berlin.
  now: new Date('2026-03-04T10:30:00Z'),
  timeZone: 'Europe/Berlin',
  seed: 7,
  ...over,
});
