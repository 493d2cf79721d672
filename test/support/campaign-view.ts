import { Brief } from '../../src/campaign/brief.ts';
import type { ShipmentView } from '../../src/campaign/shipment.ts';
import type { CampaignState, NodeState, Strategy } from '../../src/campaign/states.ts';
import { noThinking } from '../../src/campaign/thinking.ts';
import type {
  ApprovalView,
  CampaignView,
  FinalResult,
  NodeView,
  TrialView,
} from '../../src/campaign/view.ts';
import { hashOf } from '../../src/lib/hash.ts';
import { createRng, type Rng } from '../../src/lib/rng.ts';
import type { PairedDifference, Score } from '../../src/scoring/types.ts';

export interface ViewOptions {
  /** Default 1. */
  seed?: number;
  nodes: number;
  /** `random` grows where scores are good; `chain` is one path; `star` puts all nodes below the root. */
  shape?: 'random' | 'chain' | 'star';
  title?: string;
  state?: CampaignState;
  /** Price of an hour; 0, the default, is a free campaign with a limit in minutes. */
  usdPerHour?: number;
  /** Score of the baseline; default 0.21. */
  baseline?: number;
  /** Share of nodes that fail; default 0.08. */
  failures?: number;
  target?: number | null;
}

const changes: { title: string; strategy: Strategy; change: string }[] = [
  {
    title: 'drop rows that break the pattern',
    strategy: 'refine_data_pipeline',
    change: '+ filter by shape',
  },
  {
    title: 'learning rate 1e-3 and 5e-4',
    strategy: 'adjust_training_scheme',
    change: 'learning rate 2e-3 → 1e-3',
  },
  {
    title: 'LoRA rank 8 at the same rate',
    strategy: 'adjust_training_scheme',
    change: 'method full → lora r8',
  },
  { title: 'batch 8 instead of 16', strategy: 'adjust_training_scheme', change: 'batch 16 → 8' },
  { title: 'swap months between rows', strategy: 'construct_synthetic_data', change: '+ 1,500 swapped rows' },
  {
    title: 'even out the rare formats',
    strategy: 'refine_data_pipeline',
    change: '+ balance by shape, at most 4x',
  },
  { title: 'near duplicates out at 0.85', strategy: 'refine_data_pipeline', change: '+ near deduplication' },
  { title: 'clean pool last (curriculum)', strategy: 'refine_data_pipeline', change: '+ clean rows last' },
  { title: 'three epochs, cosine', strategy: 'adjust_training_scheme', change: 'epochs 1 → 3' },
  {
    title: 'KL β=0.02 against the base',
    strategy: 'adjust_training_scheme',
    change: 'weight decay 0 → 0.01',
  },
];

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** A score on `n` items with a Wilson interval. */
export function buildScore(value: number, n = 620): Score {
  const v = clamp(value);
  const z = 1.96;
  const centre = (v + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((v * (1 - v)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return { metric: 'exact_match', value: v, low: clamp(centre - half), high: clamp(centre + half), n };
}

function buildDelta(difference: number, n = 620): PairedDifference {
  const losses = 6 + Math.round(n * 0.02);
  const wins = Math.max(0, losses + Math.round(difference * n));
  const half = (1.96 * Math.sqrt(wins + losses)) / n;
  return {
    difference,
    low: difference - half,
    high: difference + half,
    pValue: clamp(Math.exp(-((difference / half) ** 2) * 2.2)),
    wins,
    losses,
    n,
  };
}

export function buildBrief(options: ViewOptions): Brief {
  const paid = (options.usdPerHour ?? 0) > 0;
  const seconds = Math.max(900, Math.ceil(options.nodes / 10) * 720);
  return Brief.parse({
    title: options.title ?? 'Dates to ISO',
    goal: 'Turn messy dates into ISO dates.',
    data: {
      kind: 'attached',
      train: { name: 'dates.jsonl', sha256: hashOf('dates'), rows: 6200, badRows: 14 },
      evaluation: null,
    },
    metric: 'exact_match',
    target: options.target ?? null,
    budget: {
      computeSeconds: paid ? null : seconds,
      usd: paid ? Math.ceil(((options.usdPerHour ?? 0) * seconds) / 3600) : null,
    },
    askAbove: { computeSeconds: 120, usd: null },
    parallel: 2,
    deadline: null,
    policy: 'uct',
    maxNodes: 10_000,
    scope: { baseModel: 'nano-154k', methods: ['full', 'lora'], maxSequenceTokens: 96 },
    seed: options.seed ?? 1,
  });
}

function buildTrial(rng: Rng, index: number, state: TrialView['state'], usdPerHour: number): TrialView {
  const computeSeconds = state === 'planned' || state === 'withdrawn' ? 0 : 12 + Math.round(rng.next() * 30);
  const rate = rng.pick(['2e-3', '1e-3', '5e-4', '3e-4']);
  return {
    index,
    state,
    specHash: hashOf([index, rng.next()]),
    changes: index === 0 ? [] : [`learning rate 1e-3 → ${rate}`],
    summary: `full, lr ${rate}, batch 8, 1 epoch`,
    score: null,
    generalLoss: state === 'scored' ? 0.53 + rng.next() * 0.12 : null,
    baseGeneralLoss: state === 'scored' ? 0.53 : null,
    trainLoss: state === 'scored' ? 0.1 + rng.next() * 0.3 : null,
    failure: null,
    cost: { computeSeconds, usd: (computeSeconds * usdPerHour) / 3600 },
    progress: state === 'running' ? rng.next() : null,
  };
}

function buildApproval(number: number, cost: number, usdPerHour: number): ApprovalView {
  const priced = (computeSeconds: number) => ({ computeSeconds, usd: (computeSeconds * usdPerHour) / 3600 });
  return {
    id: `approval-${number}`,
    nodeNumber: number,
    state: 'pending',
    expected: priced(cost),
    likely: { low: priced(cost * 0.7), high: priced(cost * 1.5) },
    ceiling: priced(cost * 2.5),
    budgetLeft: { computeSeconds: 426, usd: null },
    why: 'more coverage of the rare formats, where 71% of the remaining mistakes are',
    expectedGain: { low: 0.02, high: 0.06 },
    refutedBy: 'no gain on formats 9 to 12',
    changes: ['epochs 1 → 3', 'rows 5,182 → 6,000'],
    cheaper: { text: 'the same on 1,500 rows', expected: priced(42) },
    code: null,
    yeses: [],
    yesesNeeded: 1,
    decidedBy: null,
    decidedAt: null,
  };
}

/** One node, scored unless the overrides say otherwise. */
export function buildNode(overrides: Partial<NodeView> & { number: number }): NodeView {
  const rng = createRng(overrides.number + 17);
  const idea = changes[overrides.number % changes.length]!;
  const root = overrides.number === 0;
  const trial = buildTrial(rng, 0, 'scored', 0);
  const score = buildScore(0.2 + rng.next() * 0.6);
  return {
    parent: root ? null : 0,
    state: 'scored',
    strategy: root ? 'establish_baseline' : idea.strategy,
    title: root ? 'nano-154k as it is' : idea.title,
    hypothesis: root
      ? 'Where the model stands without training.'
      : 'Noisy rows teach the wrong format, so fewer of them help.',
    score,
    delta: null,
    trials: [{ ...trial, score }],
    bestTrial: 0,
    cost: trial.cost,
    failure: null,
    approval: null,
    codeApproval: null,
    diagnosis: null,
    startedAfterSeconds: 0,
    finishedAfterSeconds: 40,
    ...overrides,
  };
}

const empty = (overrides: Partial<CampaignView>): CampaignView => ({
  id: 'c-7f3a',
  title: 'Dates to ISO',
  state: 'searching',
  paused: false,
  isWrappingUp: false,
  heldBecause: null,
  brief: null,
  splits: { train: 4960, search: 620, select: 310, test: 310 },
  nodes: [],
  best: null,
  budget: {
    limit: { computeSeconds: 900, usd: null },
    spent: { computeSeconds: 0, usd: 0 },
    reserved: { computeSeconds: 0, usd: 0 },
  },
  thinking: noThinking,
  addedData: [],
  insights: [],
  weights: { kept: [], removedRuns: 0, removedBytes: 0 },
  final: null,
  kept: null,
  earlier: [],
  ends: 0,
  openings: 0,
  endedBecause: null,
  startedAt: '2026-03-02T09:00:00.000Z',
  finishedAt: null,
  takenAt: '2026-03-02T09:15:00.000Z',
  pictureUrl: null,
  pageUrl: null,
  threadLink: null,
  ...overrides,
});

/** A view of these nodes; the best one and the cost follow from them. */
export function viewOf(nodes: NodeView[], overrides: Partial<CampaignView> = {}): CampaignView {
  const scored = nodes.filter((node) => node.score !== null);
  const best = scored.reduce<NodeView | null>(
    (top, node) => (top === null || (node.score?.value ?? 0) > (top.score?.value ?? 0) ? node : top),
    null,
  );
  const spent = nodes.reduce(
    (sum, node) => ({
      computeSeconds: sum.computeSeconds + node.cost.computeSeconds,
      usd: sum.usd + node.cost.usd,
    }),
    { computeSeconds: 0, usd: 0 },
  );
  const base = empty({ nodes, best: best?.number ?? null });
  return { ...base, budget: { ...base.budget, spent }, ...overrides };
}

function buildFinal(view: CampaignView): FinalResult {
  const winner = view.nodes.find((node) => node.number === view.best)!;
  const baseline = view.nodes[0]!.score!.value;
  const value = winner.score!.value - 0.005;
  return {
    winner: winner.number,
    winnerTrial: winner.bestTrial ?? 0,
    baselineTest: buildScore(baseline, 310),
    bestTest: buildScore(value, 310),
    testDifference: buildDelta(value - baseline, 310),
    confirmations: [0.955, 0.961, 0.952].map((v, i) => ({
      seed: 101 + i,
      score: buildScore(v - 0.955 + value, 310),
    })),
    seedNoise: 0.0046,
    weightsPath: `campaigns/${view.id}/weights.bin`,
    weightsSha256: hashOf('weights'),
    reportPath: `campaigns/${view.id}/report.md`,
    modelCardPath: `campaigns/${view.id}/README.md`,
    treePath: `campaigns/${view.id}/tree.png`,
    reproduce: `trex reproduce ${view.id}#${winner.number}`,
  };
}

/** A plausible campaign of `options.nodes` nodes; the same options give the same view. */
export function buildCampaignView(options: ViewOptions): CampaignView {
  const rng = createRng(options.seed ?? 1);
  const usdPerHour = options.usdPerHour ?? 0;
  const shape = options.shape ?? 'random';
  const over = options.state === 'finished' || options.state === 'stopped';
  const nodes: NodeView[] = [];
  /** Scored nodes, best first; only the front is searched, so that 10,000 nodes are quick to build. */
  const front: NodeView[] = [];
  let clockSeconds = 0;
  const last = options.nodes - 1;
  /** Larger trees climb in smaller steps. */
  const pace = Math.min(1, (30 / Math.max(1, options.nodes)) ** 0.4);
  const width = 14 + options.nodes / 15;

  for (let number = 0; number < options.nodes; number++) {
    const parent =
      number === 0
        ? null
        : shape === 'chain'
          ? nodes[number - 1]!
          : shape === 'star'
            ? nodes[0]!
            : (front[
                Math.min(front.length - 1, Math.floor(rng.next() ** 2.2 * Math.min(front.length, width)))
              ] ?? nodes[0]!);
    let state: NodeState = 'scored';
    if (number > 0) {
      if (rng.next() < (options.failures ?? 0.08)) state = 'failed';
      else if (rng.next() < 0.03) state = 'withdrawn';
    }
    if (!over && options.nodes >= 4) {
      if (number === last) state = 'awaiting_approval';
      else if (number >= last - 2) state = 'running';
    }
    const idea = rng.pick(changes);
    const trialState =
      state === 'awaiting_approval'
        ? 'planned'
        : (state as 'scored' | 'failed' | 'running' | 'withdrawn' | 'planned');
    const trials = Array.from({ length: number === 0 ? 1 : 1 + rng.int(3) }, (_, i) =>
      buildTrial(rng, i, trialState, usdPerHour),
    );
    const computeSeconds = trials.reduce((sum, trial) => sum + trial.cost.computeSeconds, 0);
    const startedAfterSeconds = clockSeconds;
    if (computeSeconds > 0) clockSeconds += computeSeconds / 2;

    const from = parent?.score?.value ?? options.baseline ?? 0.21;
    const drawn = number === 0 ? from : from + (0.97 - from) * pace * (0.03 + 0.11 * rng.gauss());
    const score = state === 'scored' ? buildScore(Math.round(clamp(drawn) * 620) / 620) : null;
    if (score)
      for (const trial of trials)
        trial.score = trial.index === 0 ? score : buildScore(score.value - 0.02 * trial.index);
    const failure =
      state === 'failed'
        ? {
            code: 'diverged',
            fault: 'config' as const,
            message: 'diverged at step 41 (loss 0.6 → 5.2): learning rate 0.3 is too high here',
            log: ['step 40 loss 0.61', 'step 41 loss 5.2'],
          }
        : null;
    if (failure) for (const trial of trials) trial.failure = failure;
    const node = buildNode({
      number,
      parent: parent?.number ?? null,
      state,
      ...(number === 0 ? {} : { strategy: idea.strategy, title: idea.title }),
      score,
      delta: score && parent?.score ? buildDelta(score.value - parent.score.value) : null,
      trials,
      bestTrial: score ? 0 : null,
      cost: { computeSeconds, usd: (computeSeconds * usdPerHour) / 3600 },
      failure,
      approval: state === 'awaiting_approval' ? buildApproval(number, 156, usdPerHour) : null,
      diagnosis: score
        ? {
            summary: 'Two-digit years are still read as the last century.',
            mistakes: [{ kind: 'two-digit year', count: 12, example: '3 Mar 21 → 1921-03-03' }],
          }
        : null,
      startedAfterSeconds: state === 'awaiting_approval' ? null : startedAfterSeconds,
      finishedAfterSeconds: score || failure ? clockSeconds : null,
    });
    nodes.push(node);
    if (score) {
      const at = front.findIndex((other) => (other.score?.value ?? 0) < score.value);
      front.splice(at < 0 ? front.length : at, 0, node);
      if (front.length > 200) front.pop();
    }
  }

  const brief = buildBrief(options);
  const pairs = nodes
    .filter((node) => (node.delta?.low ?? 0) > 0 && node.parent !== null)
    .slice(0, 3)
    .map((node) => ({ parent: node.parent ?? 0, child: node.number }));
  const view = viewOf(nodes, {
    title: brief.title,
    state: options.state ?? 'searching',
    brief,
    insights:
      pairs.length > 0
        ? [
            {
              text: 'Dropping rows that break the pattern helps',
              effect: 0.033,
              low: 0.012,
              high: 0.055,
              pairs,
            },
          ]
        : [],
    finishedAt: over ? '2026-03-02T09:15:00.000Z' : null,
  });
  view.budget = {
    limit: brief.budget,
    spent: view.budget.spent,
    reserved: over ? { computeSeconds: 0, usd: 0 } : { computeSeconds: 80, usd: (80 * usdPerHour) / 3600 },
  };
  if (options.state === 'finished' && view.best !== null) {
    view.final = buildFinal(view);
    view.openings = 1;
    view.ends = 1;
  }
  return view;
}

/** A shipment of the winner to a Hub that waits for approval. */
export function shipmentView(overrides: Partial<ShipmentView> = {}): ShipmentView {
  return {
    id: 's-1',
    state: 'requested',
    round: 18,
    isWinner: true,
    score: { split: 'test', score: { metric: 'exact_match', value: 0.958, low: 0.929, high: 0.976, n: 310 } },
    terms: {
      kind: 'hub',
      place: 'huggingface.co/acme/dates-to-iso-c-7f3a',
      visibility: 'private',
      license: null,
    },
    weights: { file: 'model.safetensors', bytes: 15_231_233_024, sha256: 'c'.repeat(64) },
    requestedBy: 'Ana',
    decidedBy: null,
    decidedAt: null,
    retryAt: null,
    progress: null,
    url: null,
    problem: null,
    ...overrides,
  };
}
