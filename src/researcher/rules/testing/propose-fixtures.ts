import type { TrainingSettings } from '../../../campaign/run-spec.ts';
import { createRng } from '../../../lib/rng.ts';
import type { Recipe } from '../../../recipe/recipe.ts';
import type { DataSource, Row } from '../../../recipe/types.ts';
import type { NodeMemory, ProposalContext } from '../../port.ts';

const months = ['January', 'March', 'May', 'June', 'October'];
const two = (n: number): string => String(n).padStart(2, '0');

/** Dates in three forms; about a third of the completions are wrong, a sixth of all in another form. */
export function noisyDates(count: number, source: string): Row[] {
  const rng = createRng(3);
  return Array.from({ length: count }, () => {
    const [year, month, day] = [2000 + rng.int(30), 1 + rng.int(5), 1 + rng.int(28)];
    const name = months[month - 1] as string;
    const prompt = rng.pick([
      `date: ${name} ${day}, ${year}`,
      `date: the ${day}th of ${name} ${year}`,
      `date: ${day}/${month}/${year}`,
    ]);
    const right = `${year}-${two(month)}-${two(day)}`;
    const wrong = rng.pick([
      `${day}/${month}/${year}`,
      `${name} ${year}`,
      `${year}`,
      `${year}-${two(day)}-${two(month)}`,
    ]);
    return { prompt, completion: rng.next() < 0.22 ? wrong : right, source };
  });
}

export function unevenLabels(count: number, source: string): Row[] {
  const rng = createRng(4);
  return Array.from({ length: count }, (_, i) => {
    const label = rng.next() < 0.85 ? 'billing' : rng.next() < 0.6 ? 'login' : 'shipping';
    return { prompt: `ticket: ${label} question ${i} please ${rng.int(1000)}`, completion: label, source };
  });
}

export function copiedNames(count: number, source: string): Row[] {
  const rng = createRng(5);
  const [first, last, cities] = [
    ['Tom', 'Ana', 'Mia', 'Leo'],
    ['Ito', 'Roy', 'Berg', 'Diaz'],
    ['Rome', 'Oslo', 'Lima'],
  ];
  return Array.from({ length: count }, () => {
    const [name, city] = [
      `${rng.pick(first)} ${rng.pick(last)}${rng.int(90)}`,
      `${rng.pick(cities)}${rng.int(50)}`,
    ];
    return { prompt: `extract: ${city}: ${name}`, completion: `{"n":"${name}","c":"${city}"}`, source };
  });
}

export const source = (id: string, rows: number, note: string): DataSource => ({ id, title: id, note, rows });

export function training(over: Partial<TrainingSettings> = {}): TrainingSettings {
  return {
    method: 'full',
    lora: null,
    learningRate: 1e-3,
    schedule: 'cosine',
    warmupRatio: 0.05,
    weightDecay: 0.01,
    maxGradNorm: 1,
    batchSize: 16,
    epochs: 1,
    completionOnly: true,
    order: 'shuffled',
    precision: 'fp32',
    maxSequenceTokens: 64,
    memoryLimitBytes: 0,
    ...over,
  };
}

export const recipe = (over: Partial<Recipe> = {}): Recipe => ({
  v: 1,
  inputs: [{ source: 'date/noisy', maxRows: null }],
  steps: [],
  seed: 0,
  ...over,
});

export function node(
  number: number,
  over: Partial<NodeMemory> = {},
  view: Partial<NodeMemory['view']> = {},
): NodeMemory {
  return {
    view: {
      number,
      parent: number === 0 ? null : number - 1,
      state: 'scored',
      strategy: 'establish_baseline',
      title: `node ${number}`,
      hypothesis: '',
      score: { metric: 'exact_match', value: 0.8, low: 0.77, high: 0.83, n: 620 },
      delta: null,
      trials: [],
      bestTrial: null,
      cost: { computeSeconds: 10, usd: 0 },
      failure: null,
      approval: null,
      codeApproval: null,
      diagnosis: null,
      startedAfterSeconds: 0,
      finishedAfterSeconds: 10,
      ...view,
    },
    recipe: recipe(),
    training: training(),
    factors: [],
    expectedSeconds: 12,
    ...over,
  };
}

export const root = node(0, { recipe: null, training: null });

/** Below a plain baseline on noisy dates, nothing tried yet. */
export function context(over: Partial<ProposalContext> = {}): ProposalContext {
  const rows = noisyDates(200, 'date/noisy');
  const parent = node(1);
  return {
    brief: {
      goal: 'dates to ISO',
      metric: 'exact_match',
      target: null,
      scope: { baseModel: 'nano-154k', methods: ['full', 'lora'], maxSequenceTokens: 64 },
    },
    parent,
    path: [root, parent],
    siblings: [],
    keyNodes: [],
    effects: [],
    findings: null,
    sources: [
      source('date/noisy', 6000, 'all forms, a third of the labels wrong'),
      source('date/clean', 800, 'clean, some of the forms'),
      source('date/dup', 4000, 'few rows, repeated many times'),
      source('date/offtopic', 4000, 'other tasks'),
    ],
    sampleRows: rows,
    failing: rows.slice(0, 40).map((r) => ({
      prompt: r.prompt,
      expected: '2021-03-05',
      prediction: '5/3/2021',
    })),
    tried: new Set(),
    sandbox: null,
    defaultTraining: training(),
    steering: { bannedMethods: [], bannedStrategies: [], focus: [] },
    maxTrials: 3,
    budgetLeftSeconds: 900,
    seed: 1,
    ...over,
  };
}
