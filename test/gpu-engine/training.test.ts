import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeTrainer, full } from '../contracts/trainer.ts';
import { type GpuPlace, jobOf, openGpuPlace, rightAnswers } from '../support/gpu-engine/gpu-place.ts';

let place: GpuPlace;
beforeAll(() => {
  place = openGpuPlace();
});
afterAll(() => place.remove());

describeTrainer('trl', () => place);

test('the untrained base answers too, and knows nothing', async () => {
  expect(await place.run('base', jobOf(place.engine, null))).toMatchObject({
    ok: true,
    weightsSha256: null,
  });
  expect(await rightAnswers(place, 'base')).toBe(0);
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

describe.concurrent('what is refused before anything is loaded', () => {
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
  ])('rows %s', async (what, from, to, message) => {
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

  test('a field that the runner does not know, and QLoRA without a GPU', async () => {
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
