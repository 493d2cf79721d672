import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectives, trainingMethods } from '../../../campaign/brief.ts';
import type { Proposal } from '../../../campaign/proposal.ts';
import { methodOf, TrainingSettings } from '../../../campaign/run-spec.ts';
import { strategies } from '../../../campaign/states.ts';
import type { TrialView } from '../../../campaign/view.ts';
import { Recipe } from '../../../recipe/recipe.ts';
import { runRecipe } from '../../../recipe/run-recipe.ts';
import { cheaperVersion } from '../../cheaper-version.ts';
import type { ProposalContext } from '../../port.ts';
import { proposalKey } from '../../proposal-key.ts';
import {
  context,
  copiedNames,
  node,
  noisyDates,
  recipe,
  root,
  source,
  training,
  unevenLabels,
} from '../testing/propose-fixtures.ts';
import { proposeNode } from './propose.ts';
import { fitBatch, withMethod } from './settings.ts';

/** Rounds one after the other below the same parent, as the search asks for them. */
function rounds(start: ProposalContext, most = 40): Proposal[] {
  const tried = new Set<string>();
  const found: Proposal[] = [];
  for (let i = 0; i < most; i++) {
    const proposal = proposeNode({ ...start, tried, seed: start.seed + i });
    if (!proposal) break;
    for (const { training } of proposal.trials) tried.add(proposalKey(proposal.recipe, training));
    found.push(proposal);
  }
  return found;
}

const steps = (p: Proposal | null | undefined): string[] => p?.recipe.steps.map((s) => s.op) ?? [];
const attached = source('date/noisy', 3000, 'attached by a person');
const atRoot = (over: Partial<ProposalContext> = {}): ProposalContext =>
  context({ parent: root, path: [root], ...over });

const trial = (over: Partial<TrialView>): TrialView => ({
  index: 0,
  state: 'failed',
  specHash: '',
  changes: [],
  summary: '',
  score: null,
  generalLoss: null,
  baseGeneralLoss: null,
  trainLoss: null,
  failure: null,
  cost: { computeSeconds: 1, usd: 0 },
  progress: null,
  ...over,
});

describe('below the untrained root', () => {
  it('starts with a plain baseline on the largest fitting source', () => {
    const proposal = proposeNode(atRoot());
    expect(proposal).toMatchObject({
      strategy: 'establish_baseline',
      recipe: { inputs: [{ source: 'date/noisy', maxRows: null }], steps: [] },
    });
    expect(proposal?.trials).toHaveLength(1);
    expect(proposal?.trials[0]?.training).toMatchObject({
      method: 'full',
      learningRate: 1e-3,
      batchSize: 16,
      epochs: 1,
    });
    expect(proposal?.factors).toEqual([]);
  });

  it('takes more epochs for fewer rows', () => {
    const epochs = [9000, 2500, 800, 100].map(
      (rows) =>
        proposeNode(atRoot({ sources: [source('date/noisy', rows, '')] }))?.trials[0]?.training.epochs ?? 0,
    );
    expect(epochs).toEqual([1, 2, 4, 8]);
  });

  it('uses LoRA at a higher rate when full fine-tuning is not wanted', () => {
    const proposal = proposeNode(
      atRoot({ steering: { bannedMethods: ['full'], bannedStrategies: [], focus: [] } }),
    );
    expect(proposal?.trials[0]?.training).toMatchObject({
      method: 'lora',
      learningRate: 5e-3,
      lora: { rank: 8 },
    });
  });

  it('stops after three starts', () => {
    expect(proposeNode(atRoot({ siblings: [1, 2, 3].map((n) => node(n, {}, { parent: 0 })) }))).toBeNull();
  });
});

describe('by evidence', () => {
  it('drops rows that break the pattern of noisy dates first', () => {
    const proposal = proposeNode(context({ sources: [attached] }));
    expect(proposal).toMatchObject({ strategy: 'refine_data_pipeline', factors: ['recipe.filter_shape=on'] });
    expect(proposal?.recipe.steps).toEqual([{ op: 'filter_shape', shapes: ['9999-99-99'] }]);
    expect(proposal?.trials[0]?.training).toEqual(training());
    expect(proposal?.hypothesis).toContain('9999-99-99');
    expect(proposal?.refutedBy).toMatch(/^no gain on prompts of the form "/);
  });

  it('evens out uneven labels', () => {
    const rows = unevenLabels(200, 'date/noisy');
    const failing = rows
      .slice(0, 20)
      .map((r) => ({ prompt: r.prompt, expected: 'shipping', prediction: 'billing' }));
    const proposal = proposeNode(context({ sources: [attached], sampleRows: rows, failing }));
    expect(proposal?.recipe.steps).toMatchObject([{ op: 'balance', by: 'completion' }]);
  });

  it('drops rows with none of the labels, and keeps every label that is asked for', async () => {
    const noisy = unevenLabels(200, 'date/noisy').map((r, i) =>
      i % 6 === 0 ? { ...r, completion: `${i % 5}/5 (?)` } : r,
    );
    const failing = ['login', 'shipping', 'billing', 'refund'].flatMap((expected) =>
      Array.from({ length: 5 }, (_, i) => ({ prompt: `ticket: ${i}`, expected, prediction: '1/5' })),
    );
    const proposal = rounds(context({ sources: [attached], sampleRows: noisy, failing }), 3).find((p) =>
      steps(p).includes('filter_regex'),
    );
    expect(proposal).toBeDefined();
    const made = await runRecipe(proposal?.recipe as Recipe, async () => [
      ...noisy,
      { prompt: 'x', completion: 'refund' },
    ]);
    expect(new Set(made.rows.map((r) => r.completion))).toEqual(
      new Set(['billing', 'login', 'shipping', 'refund']),
    );
  });

  it('exchanges copied spans where completions copy from prompts', () => {
    const rows = copiedNames(200, 'date/noisy');
    const failing = rows.slice(0, 20).map((r) => ({
      prompt: r.prompt,
      expected: r.completion,
      prediction: r.completion.replace(/\d/g, '7'),
    }));
    const proposal = proposeNode(context({ sources: [attached], sampleRows: rows, failing }));
    expect(proposal).toMatchObject({ strategy: 'construct_synthetic_data' });
    expect(steps(proposal)).toEqual(['synth_swap_spans']);
  });

  it('drops repeats where the sample shows them, with more epochs beside', () => {
    const rows = noisyDates(40, 'date/noisy');
    const sampleRows = Array.from({ length: 200 }, (_, i) => rows[i % 40] as (typeof rows)[number]);
    const found = rounds(context({ sources: [attached], sampleRows }), 4).find((p) =>
      steps(p).includes('dedup_exact'),
    );
    expect(found?.trials.map((t) => t.training.epochs)).toEqual([1, 4]);
  });

  it('adds the clean pool early and other tasks last', () => {
    const order = rounds(context())
      .flatMap((p) => p.factors)
      .filter((f) => f.startsWith('input:'));
    expect(order[0]).toBe('input:date/clean=on');
    expect(order.at(-1)).toBe('input:date/offtopic=on');
  });

  it('does not take numbers of different lengths for noise', () => {
    const sampleRows = Array.from({ length: 100 }, (_, i) => ({
      prompt: `add: ${i * 7}+${i * i}`,
      completion: String(i * 7 + i * i),
      source: 'date/noisy',
    }));
    const failing = sampleRows
      .slice(0, 20)
      .map((r) => ({ prompt: r.prompt, expected: r.completion, prediction: '1' }));
    const all = rounds(context({ sources: [attached], sampleRows, failing })).flatMap(steps);
    expect(all).not.toContain('filter_shape');
  });
});

describe('by what is known', () => {
  const first = (factor: string, effect: number): Proposal | null =>
    proposeNode(
      context({
        sampleRows: [],
        sources: [attached],
        effects: [{ factor, effect, low: effect - 0.01, high: effect + 0.01, pairs: [], holds: true }],
      }),
    );

  it('prefers what helped and expects as much', () => {
    const proposal = first('epochs 1→2', 0.06);
    expect(proposal?.trials[0]?.changes).toEqual(['epochs 1 → 2']);
    expect(proposal?.expectedGain).toEqual({ low: 0.05, high: 0.07 });
  });

  it('puts off what did harm', () => {
    const kinds = (effects: ProposalContext['effects']) =>
      rounds(context({ effects })).findIndex((p) => steps(p).includes('filter_shape'));
    const harmful = {
      factor: 'recipe.filter_shape=on',
      effect: -0.05,
      low: -0.07,
      high: -0.03,
      pairs: [],
      holds: true,
    };
    expect(kinds([harmful])).toBeGreaterThan(kinds([]));
  });

  it('does something else while a sibling is trying the same', () => {
    const running = node(
      2,
      { factors: ['recipe.filter_shape=on'] },
      { parent: 1, state: 'running', score: null },
    );
    expect(steps(proposeNode(context({ siblings: [running] })))).not.toContain('filter_shape');
  });

  it('stays below a rate that diverged', () => {
    const failure = { code: 'diverged', fault: 'config' as const, message: '', log: [] };
    const failed = node(
      2,
      {},
      { state: 'failed', trials: [trial({ summary: 'full, lr 2e-3, batch 16, 1 epoch', failure })] },
    );
    const rates = rounds(context({ keyNodes: [failed] }))
      .flatMap((p) => p.trials)
      .filter((t) => t.training.method === 'full')
      .map((t) => t.training.learningRate);
    expect(Math.max(...rates)).toBeLessThan(2e-3);
  });

  it('takes smaller batches after running out of memory', () => {
    const failure = { code: 'out_of_memory', fault: 'config' as const, message: '', log: [] };
    const failed = node(
      2,
      {},
      { state: 'failed', trials: [trial({ summary: 'full, lr 1e-3, batch 16, 1 epoch', failure })] },
    );
    const sizes = rounds(context({ siblings: [failed] })).flatMap((p) =>
      p.trials.map((t) => t.training.batchSize),
    );
    expect(Math.max(...sizes)).toBeLessThan(16);
  });

  it('turns the rate down after forgetting too much', () => {
    const forgetful = trial({
      state: 'scored',
      summary: 'full, lr 1e-3, batch 16, 1 epoch',
      generalLoss: 1.25,
      baseGeneralLoss: 0.53,
    });
    const parent = node(1, {}, { trials: [forgetful], bestTrial: 0 });
    const rate = rounds(context({ parent, path: [root, parent] })).find((p) =>
      p.title.startsWith('learning rate'),
    );
    expect(rate?.trials.map((t) => t.training.learningRate)).toEqual([5e-4, 2e-4]);
  });

  it('has a big round ready once it is known what is lacking', () => {
    const path = [root, node(1), node(2)];
    const all = rounds(context({ path, parent: node(2), maxTrials: 3 }));
    const big = all.find((p) => p.trials.some((t) => t.training.epochs >= 3 && p.recipe.inputs.length === 2));
    expect(big?.title).toContain('6,800 rows');
    expect(rounds(context()).some((p) => p.title.includes('6,800'))).toBe(false);
  });

  it('follows the focus of the people', () => {
    const steering = { bannedMethods: [], bannedStrategies: [], focus: ['short answers'] };
    const found = rounds(context({ steering }), 4).find((p) => steps(p).includes('sort_by_length'));
    expect(found?.trials[0]?.training.order).toBe('as_given');
  });

  it.each(['refine_data_pipeline', 'construct_synthetic_data', 'adjust_training_scheme'] as const)(
    'tries more of %s when people weigh it up, and less when they weigh it down',
    (strategy) => {
      const share = (weight: number): number => {
        const steering = {
          bannedMethods: [],
          bannedStrategies: [],
          focus: [],
          weights: { [strategy]: weight },
        };
        const first = rounds(context({ steering }), 6);
        return first.filter((p) => p.strategy === strategy).length;
      };
      expect(share(4)).toBeGreaterThan(share(0.25));
    },
  );

  it('brings in a source that people name', () => {
    const sources = [source('date/noisy', 3000, 'noisy'), source('date/clean', 300, 'clean, small')];
    const steering = { bannedMethods: [], bannedStrategies: [], focus: [], sources: ['date/clean'] };
    const brings = (over: Partial<ProposalContext>): boolean =>
      proposeNode(context({ sources, ...over }))?.recipe.inputs.some((i) => i.source === 'date/clean') ??
      false;
    expect([brings({}), brings({ steering })]).toEqual([false, true]);
  });
});

const objectiveOf = {
  dpo: { kind: 'dpo', beta: 0.1 },
  grpo: { kind: 'grpo', beta: 0, reward: 'exact_match', generations: 8 },
} as const;

/** Everything that is proposed below the untrained root or a node, for a brief that agreed on such a scope. */
function agreed(scope: Partial<ProposalContext['brief']['scope']>, over: Partial<ProposalContext> = {}) {
  const base = context(over);
  return { ...base, brief: { ...base.brief, scope: { ...base.brief.scope, ...scope } } };
}

describe('a brief that agrees on', () => {
  const trialsOf = (start: ProposalContext): TrainingSettings[] =>
    rounds(start, 30).flatMap((p) => p.trials.map((t) => t.training));
  const untrained = { parent: root, path: [root] };

  it('QLoRA starts with it at the rate of LoRA, and stays with it', () => {
    const start = agreed({ methods: ['qlora'] }, untrained);
    const first = trialsOf(start)[0];
    expect(first).toMatchObject({ method: 'lora', lora: { quantized: true }, learningRate: 5e-3 });
    expect(proposeNode(start)?.trials[0]?.changes[0]).toContain('QLoRA rank 8');
    const below = agreed({ methods: ['qlora'] }, { parent: node(1, { training: first!, recipe: recipe() }) });
    const all = trialsOf(below);
    expect(all.map(methodOf)).not.toContain('lora');
    expect(new Set(all.map((t) => t.lora?.rank)).size).toBeGreaterThan(1);
  });

  it('LoRA and QLoRA compares the two at the same settings', () => {
    const lora = withMethod(training(), 'lora');
    const start = agreed(
      { methods: ['lora', 'qlora'] },
      { parent: node(1, { training: lora, recipe: recipe() }) },
    );
    const { quantized: _, ...same } = lora.lora!;
    expect(trialsOf(start)).toContainEqual({ ...lora, lora: { ...same, quantized: true } });
  });

  it.each([
    ['full', 1e-6],
    ['lora', 5e-6],
  ] as const)('DPO starts %s at a rate of %f, varies beta and makes no rows', (method, learningRate) => {
    const scope = { methods: [method], objective: 'dpo' as const };
    const [first] = trialsOf(agreed(scope, untrained));
    expect(first).toMatchObject({ learningRate, objective: { kind: 'dpo', beta: 0.1 } });
    const below = agreed(scope, { parent: node(1, { training: first!, recipe: recipe() }) });
    const betas = new Set(trialsOf(below).map((t) => t.objective?.beta));
    expect([...betas].sort()).toEqual([0.033, 0.1, 0.3]);
    const made = rounds(below, 30).filter((p) => p.strategy === 'construct_synthetic_data');
    expect(made).toEqual([]);
  });

  it('GRPO is rewarded by the metric and varies the answers a prompt, whole prompts in a batch', () => {
    const scope = { methods: ['lora' as const], objective: 'grpo' as const };
    const [first] = trialsOf(agreed(scope, untrained));
    expect(first).toMatchObject({
      learningRate: 5e-6,
      batchSize: 16,
      objective: { kind: 'grpo', beta: 0, reward: 'exact_match', generations: 8 },
    });
    const below = agreed(scope, { parent: node(1, { training: first!, recipe: recipe() }) });
    const numbers = trialsOf(below).flatMap((t) =>
      t.objective?.kind === 'grpo' ? [[t.objective.generations, t.batchSize % t.objective.generations]] : [],
    );
    expect(new Set(numbers.map(([n]) => n))).toEqual(new Set([4, 8, 16]));
    expect(numbers.every(([, rest]) => rest === 0)).toBe(true);
  });
});

describe('any context', () => {
  const contexts = fc
    .record({
      isRoot: fc.boolean(),
      rows: fc.constantFrom(
        noisyDates(60, 'date/noisy'),
        unevenLabels(60, 'date/noisy'),
        copiedNames(60, 'date/noisy'),
        [],
      ),
      methods: fc.subarray([...trainingMethods], { minLength: 1 }),
      bannedMethods: fc.subarray([...trainingMethods]),
      bannedStrategies: fc.subarray([...strategies]),
      maxTrials: fc.integer({ min: 1, max: 9 }),
      seed: fc.nat(),
      settings: fc.record({
        learningRate: fc.constantFrom(1e-5, 3.3e-4, 1e-3, 0.3),
        batchSize: fc.constantFrom(1, 8, 16, 4096),
        objective: fc.constantFrom(...objectives),
        epochs: fc.constantFrom(0.5, 1, 30),
        method: fc.constantFrom(...trainingMethods),
      }),
      sources: fc.subarray(context().sources),
      skip: fc.nat({ max: 12 }),
    })
    .map(
      ({
        isRoot,
        rows,
        methods,
        bannedMethods,
        bannedStrategies,
        maxTrials,
        seed,
        settings,
        sources,
        skip,
      }) => {
        const { method, objective, ...own } = settings;
        const start = withMethod(training(own), method);
        const learned = fitBatch(
          objective === 'sft' ? start : { ...start, objective: objectiveOf[objective] },
        );
        const parent = isRoot ? root : node(1, { recipe: recipe(), training: learned });
        const base = context({
          parent,
          path: isRoot ? [root] : [root, node(5), parent],
          sampleRows: rows,
          sources,
          maxTrials,
          seed,
          steering: { bannedMethods, bannedStrategies, focus: [] },
        });
        const scope = { ...base.brief.scope, methods, objective };
        return { skip, start: { ...base, brief: { ...base.brief, scope } } };
      },
    );

  it('gives valid, new, wanted rounds, the same for the same seed', () => {
    fc.assert(
      fc.property(contexts, ({ start, skip }) => {
        const done = rounds(start, skip);
        const tried = new Set(done.flatMap((p) => p.trials.map((t) => proposalKey(p.recipe, t.training))));
        const proposal = proposeNode({ ...start, tried });
        expect(proposeNode({ ...start, tried })).toEqual(proposal);
        if (!proposal) return;
        const { steering, brief } = start;
        Recipe.parse(proposal.recipe);
        expect(proposal.title.length).toBeLessThanOrEqual(60);
        expect(proposal.trials.length).toBeGreaterThanOrEqual(1);
        expect(proposal.trials.length).toBeLessThanOrEqual(Math.min(5, start.maxTrials));
        expect(steering.bannedStrategies).not.toContain(proposal.strategy);
        for (const { training: t } of proposal.trials) {
          TrainingSettings.parse(t);
          expect(t.maxSequenceTokens).toBe(64);
          expect(brief.scope.methods).toContain(methodOf(t));
          expect(steering.bannedMethods).not.toContain(methodOf(t));
          expect(t.objective?.kind ?? 'sft').toBe(brief.scope.objective);
          if (t.objective?.kind === 'grpo') expect(t.batchSize % t.objective.generations).toBe(0);
          expect(tried).not.toContain(proposalKey(proposal.recipe, t));
        }
        const cheaper = cheaperVersion(proposal);
        if (!cheaper) return;
        Recipe.parse(cheaper.recipe);
        expect(cheaper.trials).toHaveLength(1);
        expect(cheaper.title.length).toBeLessThanOrEqual(60);
        const cost = (p: Proposal): number =>
          p.trials.reduce((sum, t) => sum + t.training.epochs, 0) *
          p.recipe.inputs.reduce((sum, i) => sum + (i.maxRows ?? 1e6), 0);
        expect(cost(cheaper)).toBeLessThan(cost(proposal));
      }),
      { numRuns: 200 },
    );
  });

  it('runs out of ideas in the end', () => {
    expect(rounds(context(), 200).length).toBeLessThan(60);
  });
});
