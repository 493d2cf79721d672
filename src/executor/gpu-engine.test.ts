import { describe, expect, test } from 'vitest';
import type { RunSpec, TrainingSettings } from '../campaign/run-spec.ts';
import type { Row } from '../recipe/types.ts';
import type { EngineJob, EstimateParts } from './engine.ts';
import { type GpuModel, parseModels } from './engines/gpu/models.ts';
import { createGpuEngine, type GpuEngineOptions } from './gpu-engine.ts';

const model: GpuModel = {
  id: 'qwen-7b',
  title: 'Qwen 7B',
  path: '/models/qwen-7b',
  chat: true,
  maxSequenceTokens: 2048,
  shape: {
    parameters: 7_720_000_000,
    layers: 32,
    hidden: 4096,
    feedForward: 11_008,
    vocabulary: 151_936,
    keyValueWidth: 4096,
  },
};

const engineWith = (over: Partial<GpuEngineOptions> = {}) =>
  createGpuEngine({
    trainer: 'trl',
    python: '/env/bin/python',
    gpu: 'H100',
    gpus: 1,
    models: [model],
    downloads: false,
    standard: null,
    ...over,
  });

const rows: Row[] = [
  { prompt: 'a', completion: 'A', source: 'x', rejected: 'b' },
  { prompt: 'c', completion: 'C' },
];

function jobOf(training: Partial<TrainingSettings> | null, over: Partial<EngineJob> = {}): EngineJob {
  const spec: RunSpec = {
    v: 1,
    engine: 'gpu',
    baseModel: 'qwen-7b',
    training: training === null ? null : { ...engineWith().defaultTraining(), ...training },
    recipeHash: null,
    rowsHash: null,
    splitHashes: { search: '', select: '', test: '' },
    metric: 'exact_match',
    maxNewTokens: 64,
    seed: 3,
  };
  const predict = [{ split: 'search', items: [{ id: '1', prompt: 'e' }] }];
  return { spec, trainRows: training === null ? null : rows, weightsPath: null, predict, ...over };
}

/** A rendered job without the runner's modules, which have a test of their own. */
function rendered(job: EngineJob, over: Partial<GpuEngineOptions> = {}) {
  const { files, ...rest } = engineWith(over).render(job);
  return { ...rest, files: files.filter(({ name }) => !name.endsWith('.py')) };
}

const runFile = (job: EngineJob, over: Partial<GpuEngineOptions> = {}) =>
  JSON.parse(rendered(job, over).files.find(({ name }) => name === 'run.json')?.text ?? '');

describe('render', () => {
  test('LoRA by SFT on one GPU', () => {
    expect(rendered(jobOf({}))).toMatchSnapshot();
  });

  test('every run carries the runner, and starts it without a shell', () => {
    const { files, argv } = engineWith().render(jobOf({}));
    expect(argv).toEqual(['/env/bin/python', 'trex_train.py']);
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['trex_train.py', 'trex_run.py']));
  });

  test('the same run for LLaMA-Factory, in its own words beside ours', () => {
    const lora = {
      rank: 8,
      alpha: 16,
      targets: ['qkv', 'down'] as ('qkv' | 'down')[],
      quantized: true as const,
    };
    const { files, argv, env } = rendered(jobOf({ lora, order: 'as_given' }), { trainer: 'llamafactory' });
    expect(argv).toEqual(['/env/bin/python', 'trex_train.py']);
    expect(env.LLAMAFACTORY_VERBOSITY).toBe('WARN');
    expect(files.find(({ name }) => name === 'llamafactory.yaml')?.text).toMatchSnapshot();
    expect(JSON.parse(files.find(({ name }) => name === 'run.json')?.text ?? '').train.trainer).toBe(
      'llamafactory',
    );
  });

  test('LLaMA-Factory is given full fine-tuning and DPO by the names that it has for them', () => {
    const yamlOf = (training: Partial<TrainingSettings>) =>
      rendered(jobOf(training, { trainRows: [rows[0]!] }), { trainer: 'llamafactory' }).files.find(
        ({ name }) => name === 'llamafactory.yaml',
      )?.text ?? '';
    const full = yamlOf({ method: 'full', lora: null, completionOnly: false, schedule: 'constant' });
    expect(full).toContain('finetuning_type: "full"');
    expect(full).toContain('lr_scheduler_type: "constant_with_warmup"');
    expect(full).toContain('train_on_prompt: true');
    expect(full).not.toContain('lora');
    const dpo = yamlOf({ objective: { kind: 'dpo', beta: 0.1 } });
    expect(dpo).toContain('stage: "dpo"\ndo_train: true\npref_loss: "sigmoid"\npref_beta: 0.1\n');
    expect(dpo).not.toContain('train_on_prompt');
  });

  test('answers alone need nothing of a trainer', () => {
    const job = jobOf({}, { trainRows: null, weightsPath: '../a/model.safetensors' });
    const names = (over: Partial<GpuEngineOptions>) => rendered(job, over).files.map(({ name }) => name);
    expect(names({ trainer: 'llamafactory' })).toEqual(names({}));
  });

  test('standard tasks are tried with one item each, and measured with all', () => {
    const standard = { tasks: ['arc_easy', 'mmlu'], folder: '/tasks', limit: 400 };
    const asked = (over: Partial<EngineJob>) => runFile(jobOf(null, over), { standard }).standard;
    expect(asked({})).toBeNull();
    expect(asked({ standard: 'measure' })).toEqual(standard);
    expect(asked({ standard: 'try' })).toEqual({ ...standard, limit: 1 });
    expect(runFile(jobOf(null, { standard: 'measure' })).standard).toBeNull();
  });

  test('two GPUs share a batch, a process each; answers alone take one', () => {
    const two = rendered(jobOf({}), { gpus: 2 });
    expect(two.argv).toContain('torch.distributed.run');
    expect(two.gpus).toBe(2);
    const { microBatch, accumulation } = runFile(jobOf({}), { gpus: 2 }).train;
    expect(microBatch * accumulation * 2).toBe(16);
    expect(
      rendered(jobOf({}, { trainRows: null, weightsPath: '../a/model.safetensors' }), { gpus: 2 }),
    ).toMatchObject({
      gpus: 1,
      argv: ['/env/bin/python', 'trex_train.py'],
    });
  });

  test('a model that fits with fewer rows at once gets them, and the batch stays', () => {
    const { microBatch, accumulation } = runFile(jobOf({ batchSize: 64 }), { gpu: 'A100-40GB' }).train;
    expect(microBatch).toBeLessThan(64);
    expect(microBatch * accumulation).toBe(64);
  });

  test('DPO takes pairs, and a row without its other half is the data at fault', () => {
    const dpo = { objective: { kind: 'dpo', beta: 0.1 } } as const;
    const job = jobOf(dpo, { trainRows: [rows[0]!] });
    expect(rendered(job).files[1]?.text).toBe('{"prompt":"a","completion":"A","rejected":"b"}\n');
    expect(runFile(job).train.objective).toEqual({ kind: 'dpo', beta: 0.1 });
    expect(() => rendered(jobOf(dpo))).toThrow(/row 2 has no `rejected`/);
  });

  test('GRPO asks for answers as long as those that are scored', () => {
    const objective = { kind: 'grpo', beta: 0, reward: 'contains', generations: 8 } as const;
    expect(runFile(jobOf({ objective })).train.objective).toEqual({ ...objective, maxCompletionTokens: 64 });
  });

  test('matrices are named as the models name them', () => {
    const lora = { rank: 8, alpha: 16, targets: ['qkv', 'down'] as ('qkv' | 'down')[] };
    expect(runFile(jobOf({ lora })).train.lora.targets).toEqual(['q_proj', 'k_proj', 'v_proj', 'down_proj']);
  });

  test('nothing is fetched unless downloads are allowed', () => {
    expect(rendered(jobOf({})).env.HF_HUB_OFFLINE).toBe('1');
    expect(rendered(jobOf({}), { downloads: true }).env).not.toHaveProperty('HF_HUB_OFFLINE');
  });
});

describe('what decides a result has a name of its own', () => {
  test('runs by TRL keep the one they had', () => {
    expect(engineWith().name).toBe('gpu');
    expect(engineWith({ trainer: 'llamafactory' }).name).toBe('gpu-llamafactory');
  });
});

describe('what could never train is refused before it is priced', () => {
  const lora = { rank: 8, alpha: 16, targets: ['qkv'] as 'qkv'[] };
  test.each<[string, Partial<TrainingSettings>, Partial<GpuEngineOptions>, RegExp]>([
    ['LoRA settings for full fine-tuning', { method: 'full', lora }, {}, /no LoRA rank/],
    ['LoRA without settings', { lora: null }, {}, /needs a rank/],
    ['QLoRA on a processor', { lora: { ...lora, quantized: true } }, { gpu: 'cpu' }, /QLoRA needs CUDA/],
    ['fp16 on a processor', { precision: 'fp16' }, { gpu: 'cpu' }, /needs a GPU/],
    ['rows beyond the model', { maxSequenceTokens: 4096 }, {}, /4096 tokens do not fit into the 2048/],
    ['a batch that GPUs cannot share', { batchSize: 10 }, { gpus: 4 }, /cannot be shared by 4 GPUs/],
    [
      'a reward that nobody computes there',
      { objective: { kind: 'grpo', beta: 0, reward: 'rouge_l', generations: 8 } },
      {},
      /no reward rouge_l/,
    ],
    [
      'answers that do not fill a batch',
      { objective: { kind: 'grpo', beta: 0, reward: 'contains', generations: 7 } },
      {},
      /cannot hold 7/,
    ],
    [
      'GRPO by LLaMA-Factory',
      { objective: { kind: 'grpo', beta: 0, reward: 'contains', generations: 8 } },
      { trainer: 'llamafactory' },
      /LLaMA-Factory has no GRPO/,
    ],
    ['float32 by LLaMA-Factory', { precision: 'fp32' }, { trainer: 'llamafactory' }, /not in fp32/],
    [
      'half an alpha by LLaMA-Factory',
      { lora: { ...lora, alpha: 8.5 } },
      { trainer: 'llamafactory' },
      /whole numbers for the alpha of LoRA, not 8.5/,
    ],
  ])('%s', (_, training, options, message) => {
    const { spec } = jobOf(training);
    expect(() => engineWith(options).estimate(spec, rows, { prompts: 10 })).toThrow(message);
    expect(() => engineWith(options).render(jobOf(training))).toThrow(message);
  });

  test('a model that nobody listed', () => {
    const job = jobOf({});
    expect(() => engineWith().render({ ...job, spec: { ...job.spec, baseModel: 'other' } })).toThrow(
      /TREX_MODELS/,
    );
  });
});

describe('estimate', () => {
  const many: Row[] = Array.from({ length: 10_000 }, () => ({
    prompt: 'p'.repeat(1400),
    completion: 'c'.repeat(690),
  }));

  test('10,000 rows of 600 tokens, three times, are about half an hour of LoRA on an H100 and its start', () => {
    const { seconds, trainTokens } = engineWith().estimate(jobOf({ epochs: 3 }).spec, many, { prompts: 0 });
    expect(trainTokens).toBeGreaterThan(17.9e6);
    expect(trainTokens).toBeLessThan(18.2e6);
    expect(seconds).toBeGreaterThan(1870);
    expect(seconds).toBeLessThan(2100);
  });

  test('full fine-tuning of 7.7 billion parameters does not fit on one H100, QLoRA does', () => {
    const { spec } = jobOf({ method: 'full', lora: null });
    expect(engineWith().estimate(spec, many, { prompts: 0 }).memoryBytes).toBeGreaterThan(80e9);
    const lora = { rank: 16, alpha: 32, targets: ['qkv'] as 'qkv'[], quantized: true as const };
    expect(engineWith().estimate(jobOf({ lora }).spec, many, { prompts: 0 }).memoryBytes).toBeLessThan(
      0.8 * 80e9,
    );
  });

  test('LLaMA-Factory holds the logits of a whole micro-batch, which TRL does not', () => {
    const bytes = (trainer: 'trl' | 'llamafactory') =>
      engineWith({ trainer, gpu: 'A100-40GB' }).estimate(jobOf({ batchSize: 1 }).spec, many, { prompts: 0 })
        .memoryBytes;
    expect(bytes('llamafactory')).toBeGreaterThan(bytes('trl') + 2e9);
  });

  test('standard tasks are priced with the test, and tried with the baseline', () => {
    const standard = { tasks: ['mmlu'], folder: null, limit: 400 };
    const [plain, measured] = [engineWith(), engineWith({ standard })];
    const { spec } = jobOf(null);
    const extra =
      measured.estimate(spec, null, { prompts: 100 }).seconds -
      plain.estimate(spec, null, { prompts: 100 }).seconds;
    expect(extra).toBeGreaterThan(60);
    expect(extra).toBeLessThan(90);
    expect(plain.standardSeconds).toBeUndefined();
    expect(measured.standardSeconds?.(spec, 57)).toBeGreaterThan(20 * extra);
    expect(measured.estimate(jobOf({}).spec, many, { prompts: 0 })).toEqual(
      plain.estimate(jobOf({}).spec, many, { prompts: 0 }),
    );
  });

  test('preferences cost more than copying, sampling most of all', () => {
    const seconds = (objective?: TrainingSettings['objective']) =>
      engineWith().estimate(jobOf({ objective }).spec, many, { prompts: 0 }).seconds;
    const dpo = seconds({ kind: 'dpo', beta: 0.1 });
    const grpo = seconds({ kind: 'grpo', beta: 0, reward: 'contains', generations: 8 });
    expect(dpo).toBeGreaterThan(2 * seconds());
    expect(grpo).toBeGreaterThan(2 * dpo);
  });
});

describe('what a run left', () => {
  const files = (given: Record<string, unknown>) => async (name: string) =>
    name in given ? JSON.stringify(given[name]) : null;

  test('a result, a failure by class, or nothing yet', async () => {
    const { readOutcome } = engineWith();
    const weightsSha256 = 'a'.repeat(64);
    expect(await readOutcome(files({ 'result.json': { v: 1, trainLoss: 0.5, weightsSha256 } }))).toEqual({
      ok: true,
      trainLoss: 0.5,
      tokensPerSecond: null,
      weightsSha256,
      generalLoss: null,
      baseGeneralLoss: null,
    });
    const failure = { class: 'memory', code: 'out_of_memory', message: 'It was too large.', log: ['line'] };
    expect(await readOutcome(files({ 'failure.json': { v: 1, ...failure } }))).toEqual({
      ok: false,
      failure: { code: 'out_of_memory', fault: 'config', message: 'It was too large.', log: ['line'] },
    });
    expect(await readOutcome(files({}))).toBeNull();
  });

  test('standard tasks and who answered, as far as they can be what they say', async () => {
    const { readOutcome } = engineWith();
    const score = { task: 'arc_easy', metric: 'acc_norm', value: 0.6, standardError: 0.02, items: 400 };
    const standard = [{ ...score, higherIsBetter: true }];
    const result = { v: 1, standard, standardTasks: 1, answeredBy: 'vLLM 0.11.0' };
    expect(await readOutcome(files({ 'result.json': result }))).toMatchObject({
      ...{ ok: true, answeredBy: 'vLLM 0.11.0' },
      standard: { scores: standard, tasks: 1 },
    });
    for (const wrong of [
      { ...result, standard: [{ ...standard[0], task: 'a\n*b*' }] },
      { ...result, standard: Array.from({ length: 41 }, () => standard[0]) },
      { ...result, standard: [{ ...standard[0], value: null }] },
      { ...result, answeredBy: '<!channel>' },
    ])
      expect(await readOutcome(files({ 'result.json': wrong }))).toMatchObject({ ok: false });
  });

  test('what is neither is our fault, not a result', async () => {
    const outcome = await engineWith().readOutcome(async () => '{"trainLoss":"much"');
    expect(outcome).toMatchObject({ ok: false, failure: { fault: 'ours' } });
  });
});

describe('the list of models', () => {
  test('is read strictly, and names the field that is wrong', () => {
    expect(parseModels(JSON.stringify([model]), 'models.json')).toEqual([model]);
    expect(() => parseModels('[', 'models.json')).toThrow(/models.json is not JSON/);
    expect(() => parseModels(JSON.stringify([{ ...model, layers: 3 }]), 'm')).toThrow(/TREX_MODELS.*layers/);
    expect(() => parseModels(JSON.stringify([model, model]), 'm')).toThrow(/same id/);
  });
});

describe('a probe', () => {
  test('times a few steps of the training itself, after which nothing is left to find out', () => {
    const { files } = rendered(jobOf({}, { predict: [], probe: true }));
    const run = JSON.parse(files.find(({ name }) => name === 'run.json')?.text ?? '');
    expect(run).toMatchObject({ probe: true, predict: [], train: { probeSteps: 0 } });
    const whole = JSON.parse(rendered(jobOf({})).files.find(({ name }) => name === 'run.json')?.text ?? '');
    expect(whole).toMatchObject({ probe: false, train: { probeSteps: 3 } });
  });

  test('is priced in parts that add up to the whole', () => {
    const { seconds, parts } = engineWith().estimate(jobOf({ epochs: 3 }).spec, rows, { prompts: 10 });
    const { startSeconds, stepSeconds, steps, answerSeconds } = parts as EstimateParts;
    expect(startSeconds + stepSeconds * steps + answerSeconds).toBeCloseTo(seconds, 6);
  });

  test('says its pace, which other runs say too; a pace that is none is not taken for one', async () => {
    const read = (result: object) => engineWith().readOutcome(async () => JSON.stringify(result));
    expect(await read({ steps: 3, secondsPerStep: 9.1 })).toMatchObject({
      pace: { steps: 3, secondsPerStep: 9.1 },
    });
    for (const secondsPerStep of [0, null])
      expect(await read({ steps: 3, secondsPerStep })).not.toHaveProperty('pace');
  });
});
