import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDir } from '../../src/cluster/local/run-dir.ts';
import { type GpuPlace, jobOf, losses, openGpuPlace, rightAnswers } from '../support/gpu-engine/gpu-place.ts';
import { until } from '../support/until.ts';

let place: GpuPlace;
beforeAll(() => {
  place = openGpuPlace();
});
afterAll(() => place.remove());

const full = { method: 'full', lora: null } as const;
const resultOf = async (key: string) => JSON.parse((await place.read(key)('result.json')) ?? 'null');

describe.concurrent('SFT', () => {
  test.each([
    ['full', { ...full, learningRate: 2e-3 }],
    ['lora', {}],
  ] as const)(
    '%s learns what the rows show; weights alone give the same answers again',
    async (name, training) => {
      const job = jobOf(place.engine, training);
      const outcome = await place.run(`sft-${name}`, job);
      expect(outcome).toMatchObject({ ok: true, weightsSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      const curve = await losses(place, `sft-${name}`);
      expect(curve.length).toBeGreaterThan(3);
      expect(curve.at(-1)).toBeLessThan(curve[0]! - 0.5);
      expect(await rightAnswers(place, `sft-${name}`)).toBeGreaterThanOrEqual(5);

      const weightsPath = join('..', `sft-${name}`, place.engine.weightsFile);
      await place.run(`again-${name}`, { ...job, trainRows: null, weightsPath });
      const [before, after] = await Promise.all(
        [`sft-${name}`, `again-${name}`].map((key) => place.read(key)('predictions.search.jsonl')),
      );
      expect(after).toBe(before);
      const left = readdirSync(place.dirOf(`sft-${name}`));
      expect(left).toEqual(
        expect.arrayContaining(['config.json', 'tokenizer.json', 'tokenizer_config.json']),
      );
      expect(left).not.toContain('checkpoints');
    },
  );

  test('the untrained base answers too, and knows nothing', async () => {
    expect(await place.run('base', jobOf(place.engine, null))).toMatchObject({
      ok: true,
      weightsSha256: null,
    });
    expect(await rightAnswers(place, 'base')).toBe(0);
  });
});

describe.concurrent('preferences', () => {
  test('DPO moves towards the chosen answers', async () => {
    const job = jobOf(place.engine, { objective: { kind: 'dpo', beta: 0.1 }, epochs: 4 });
    expect(await place.run('dpo', job)).toMatchObject({ ok: true });
    const lines = ((await place.read('dpo')('metrics.jsonl')) ?? '').trim().split('\n');
    const points = lines.map((line) => place.engine.parseMetric(line)?.values ?? {});
    expect(points[0]?.loss).toBeCloseTo(Math.LN2, 3);
    expect(points.at(-1)?.loss).toBeLessThan(0.6);
    expect(points.at(-1)?.['rewards/margins']).toBeGreaterThan(0);
  });

  test('GRPO samples answers, scores them, and learns from those that differ', async () => {
    await place.run('half', jobOf(place.engine, { ...full, learningRate: 2e-3, epochs: 30 }));
    const objective = { kind: 'grpo', beta: 0, reward: 'exact_match', generations: 4 } as const;
    const job = jobOf(place.engine, { ...full, learningRate: 1e-4, objective, epochs: 0.5 }, 'taught');
    expect(await place.run('grpo', job)).toMatchObject({ ok: true });
    const lines = ((await place.read('grpo')('metrics.jsonl')) ?? '').trim().split('\n');
    const points = lines.map((line) => place.engine.parseMetric(line)?.values ?? {});
    expect(points.length).toBeGreaterThan(1);
    expect(Math.max(...points.map((point) => point.reward ?? 0))).toBeGreaterThan(0);
    expect(Math.max(...points.map((point) => point.reward_std ?? 0))).toBeGreaterThan(0);
    expect(Math.max(...points.map((point) => point.grad_norm ?? 0))).toBeGreaterThan(0);
  });
});

test('a run that was told to stop and then killed goes on from its checkpoints to the very same weights', async () => {
  const job = jobOf(place.engine, { ...full, learningRate: 1e-3, epochs: 60 });
  const often = (run: { train: { checkpointSeconds: number } | null }): void => {
    if (run.train !== null) run.train.checkpointSeconds = 0.5;
  };
  const whole = place.run('whole', job);

  await place.submit('kept-a1', job, often);
  await reached('kept-a1', 20);
  await place.cluster.cancel('kept-a1', 60);
  const cancelled = await place.engine.readOutcome(place.read('kept-a1'));
  expect(cancelled).toMatchObject({ ok: false, failure: { code: 'cancelled', fault: 'user' } });

  await place.submit('kept-a2', { ...job, resumeFrom: ['../kept-a1'] }, often);
  await until('a whole checkpoint', 120_000, () =>
    readdirSync(place.dirOf('kept-a2'), { recursive: true }).some((name) =>
      String(name).endsWith('complete.json'),
    ),
  );
  const trainer = runDir(place.dirOf('kept-a2')).findChild();
  process.kill(trainer?.pid as number, 'SIGKILL');
  expect((await place.end('kept-a2')).signal).toBe('SIGKILL');
  expect(await place.engine.readOutcome(place.read('kept-a2'))).toBeNull();

  const last = await place.run('kept-a3', { ...job, resumeFrom: ['../kept-a1', '../kept-a2'] }, often);
  const first = await whole;
  const result = await resultOf('kept-a3');
  expect(result.resumedAtStep).toBeGreaterThan(20);
  expect(result.step).toBe(result.steps);
  expect(last).toMatchObject({ ok: true, weightsSha256: first?.ok && first.weightsSha256 });
});

describe.concurrent('failures are named by class', () => {
  test('a rate that blows up ends the run as NaN', async () => {
    const outcome = await place.run(
      'nan',
      jobOf(place.engine, { ...full, learningRate: 1e30, maxGradNorm: 0, warmupRatio: 0 }),
      (run) => {
        if (run.train !== null) run.train.probeSteps = 0;
      },
    );
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'nan', fault: 'config' } });
    expect((await place.read('nan')('metrics.jsonl')) ?? '').toMatch(
      /"loss": "(nan|inf)"|"grad_norm": "(nan|inf)"/,
    );
    const lines = ((await place.read('nan')('metrics.jsonl')) ?? '').trim().split('\n');
    const { loss, grad_norm: norm } = place.engine.parseMetric(lines.at(-1) ?? '')?.notFinite ?? {};
    expect(['NaN', 'Infinity']).toContain(loss ?? norm);
  });

  test('a rate that only runs away ends it as diverged, long before its last step', async () => {
    const job = jobOf(place.engine, {
      ...full,
      learningRate: 3,
      warmupRatio: 0,
      schedule: 'constant',
      epochs: 200,
    });
    const outcome = await place.run('diverged', job);
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'diverged', fault: 'config' } });
    expect((await losses(place, 'diverged')).length).toBeLessThan(300);
  });

  test('a torn line of data is named with its number', async () => {
    await place.submit('data', jobOf(place.engine, {}), () => {
      const path = join(place.dirOf('data'), 'train.jsonl');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"completion":"BIRCH"', '"completion":7'));
    });
    expect((await place.end('data')).exitCode).toBe(5);
    expect(await place.engine.readOutcome(place.read('data'))).toMatchObject({
      failure: { code: 'bad_data', fault: 'data', message: expect.stringContaining('Line 2 of') },
    });
  });

  test.each([
    [
      'too long for the sequence',
      '"prompt":"',
      `"prompt":"${'long '.repeat(3000)}`,
      /24 of 24 rows do not fit/,
    ],
    ['without an answer', /"completion":"[^"]*"/g, '"completion":" "', /None of 24 rows has an answer/],
  ])('rows %s are refused before the model is loaded', async (what, from, to, message) => {
    const key = `rows-${what.split(' ')[0]}`;
    await place.submit(key, jobOf(place.engine, {}), () => {
      const path = join(place.dirOf(key), 'train.jsonl');
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(from, to));
    });
    expect((await place.end(key)).exitCode).toBe(5);
    expect(await place.engine.readOutcome(place.read(key))).toMatchObject({
      failure: { code: 'bad_data', fault: 'data', message: expect.stringMatching(message) },
    });
  });

  test('a model that is not there is the environment, and nothing is fetched', async () => {
    const outcome = await place.run('gone', jobOf(place.engine, {}, 'gone'));
    expect(outcome).toMatchObject({ failure: { code: 'environment', fault: 'cluster' } });
  });

  test('a field that the runner does not know, and QLoRA without a GPU, are refused before anything is loaded', async () => {
    const unknown = await place.run('unknown', jobOf(place.engine, {}), (run) =>
      Object.assign(run, { packing: true }),
    );
    expect(unknown).toMatchObject({
      failure: { code: 'bad_config', message: expect.stringContaining('packing') },
    });
    const qlora = await place.run('qlora', jobOf(place.engine, {}), (run) => {
      if (run.train?.lora) run.train.lora.quantized = true;
    });
    expect(qlora).toMatchObject({
      failure: { code: 'bad_config', message: expect.stringContaining('needs CUDA') },
    });
  });
});

test('two processes train one model together', async () => {
  expect(await place.run('two', jobOf(place.engine, {}), undefined, 2)).toMatchObject({ ok: true });
  // 24 rows, 20 times, in batches of 8 of which each process takes half.
  expect((await resultOf('two')).steps).toBe(60);
  expect(await rightAnswers(place, 'two')).toBeGreaterThanOrEqual(5);
});

/** Waits until the live metrics show a step. */
async function reached(key: string, step: number): Promise<void> {
  await until(`step ${step} of ${key}`, 120_000, async () => {
    const lines = ((await place.read(key)('metrics.jsonl')) ?? '').split('\n');
    return lines.some((line) => (place.engine.parseMetric(line)?.step ?? 0) >= step);
  });
}
