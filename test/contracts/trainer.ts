import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openRunDir } from '../../src/cluster/local/run-dir.ts';
import type { EngineJob } from '../../src/executor/engine.ts';
import type { Trainer } from '../../src/executor/engines/gpu/run-file.ts';
import { type GpuPlace, jobOf, losses, rightAnswers } from '../support/gpu-engine/gpu-place.ts';
import { pythonOf } from '../support/gpu-engine/python.ts';
import { until } from '../support/until.ts';

export const full = { method: 'full', lora: null } as const;

/** What every trainer of the GPU engine does alike, with the real one on the processor. */
export function describeTrainer(trainer: Trainer, placeOf: () => GpuPlace): void {
  const resultOf = async (key: string) => JSON.parse((await placeOf().read(key)('result.json')) ?? 'null');

  describe.concurrent(`SFT: ${trainer}`, () => {
    test.each([
      ['full', { ...full, learningRate: 2e-3 }],
      ['lora', {}],
    ] as const)(
      '%s learns what the rows show; weights alone give the same answers again',
      async (name, training) => {
        const place = placeOf();
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
  });

  test(`a probe trains a few steps, says how long they took, and leaves no weights: ${trainer}`, async () => {
    const place = placeOf();
    const job = { ...jobOf(place.engine, { ...full, epochs: 1 }), predict: [], probe: true as const };
    const outcome = await place.run('probe', job);
    expect(outcome).toMatchObject({
      ok: true,
      weightsSha256: null,
      pace: { steps: 3, secondsPerStep: expect.any(Number) },
    });
    expect(await resultOf('probe')).toMatchObject({ probe: null });
    expect((await place.read('probe')('metrics.jsonl'))?.trim().split('\n').length).toBeGreaterThan(0);
    const left = readdirSync(place.dirOf('probe'));
    expect(left).not.toContain(place.engine.weightsFile);
    expect(left).not.toContain('checkpoints');
  });

  test(`DPO moves towards the chosen answers: ${trainer}`, async () => {
    const place = placeOf();
    const job = jobOf(place.engine, { objective: { kind: 'dpo', beta: 0.1 }, epochs: 4 });
    expect(await place.run('dpo', job)).toMatchObject({ ok: true });
    const lines = ((await place.read('dpo')('metrics.jsonl')) ?? '').trim().split('\n');
    const points = lines.map((line) => place.engine.parseMetric(line)?.values ?? {});
    expect(points[0]?.loss).toBeCloseTo(Math.LN2, 3);
    expect(points.at(-1)?.loss).toBeLessThan(0.6);
    expect(points.at(-1)?.['rewards/margins']).toBeGreaterThan(0);
  });

  test(`a run that was told to stop and then killed goes on from its checkpoints to the very same weights: ${trainer}`, async () => {
    const place = placeOf();
    const job = jobOf(place.engine, { ...full, learningRate: 1e-3, epochs: 60 });
    const often = (run: { train: { checkpointSeconds: number } | null }): void => {
      if (run.train !== null) run.train.checkpointSeconds = 0.5;
    };
    const whole = place.run('whole', job);

    await place.submit('kept-a1', job, often);
    await reached(place, 'kept-a1', 20);
    await place.cluster.cancel('kept-a1', 60);
    const cancelled = await place.engine.readOutcome(place.read('kept-a1'));
    expect(cancelled).toMatchObject({ ok: false, failure: { code: 'cancelled', fault: 'user' } });

    await place.submit('kept-a2', { ...job, resumeFrom: ['../kept-a1'] }, often);
    await until('a whole checkpoint', 300_000, () =>
      readdirSync(place.dirOf('kept-a2'), { recursive: true }).some((name) =>
        String(name).endsWith('complete.json'),
      ),
    );
    const trainerProcess = openRunDir(place.dirOf('kept-a2')).findChild();
    process.kill(trainerProcess?.pid as number, 'SIGKILL');
    expect((await place.end('kept-a2')).signal).toBe('SIGKILL');
    expect(await place.engine.readOutcome(place.read('kept-a2'))).toBeNull();

    const last = await place.run('kept-a3', { ...job, resumeFrom: ['../kept-a1', '../kept-a2'] }, often);
    const first = await whole;
    const result = await resultOf('kept-a3');
    expect(result.resumedAtStep).toBeGreaterThan(20);
    expect(result.step).toBe(result.steps);
    expect(last).toMatchObject({ ok: true, weightsSha256: first?.ok && first.weightsSha256 });
  });

  describe.concurrent(`failures are named by class: ${trainer}`, () => {
    test('a rate that blows up ends the run as NaN', async () => {
      const place = placeOf();
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
      const place = placeOf();
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

    test('a model that is not there is the environment, and nothing is fetched', async () => {
      const place = placeOf();
      const outcome = await place.run('gone', jobOf(place.engine, {}, 'gone'));
      expect(outcome).toMatchObject({ failure: { code: 'environment', fault: 'cluster' } });
    });
  });

  test(`two processes train one model together: ${trainer}`, async () => {
    const place = placeOf();
    expect(await place.run('two', jobOf(place.engine, {}), undefined, 2)).toMatchObject({ ok: true });
    // 24 rows, 20 times, in batches of 8 of which each process takes half.
    expect((await resultOf('two')).steps).toBe(60);
    expect(await rightAnswers(place, 'two')).toBeGreaterThanOrEqual(5);
  });
}

/** Waits until the live metrics show a step. */
async function reached(place: GpuPlace, key: string, step: number): Promise<void> {
  await until(`step ${step} of ${key}`, 300_000, async () => {
    const lines = ((await place.read(key)('metrics.jsonl')) ?? '').split('\n');
    return lines.some((line) => (place.engine.parseMetric(line)?.step ?? 0) >= step);
  });
}

const recorder = fileURLToPath(new URL('../support/gpu-engine/record-batches.py', import.meta.url));

/** Tokens and labels of every row in the order in which the real trainer hands them to the model, without padding. */
export function trainedRows(trainer: Trainer, place: GpuPlace, key: string, job: EngineJob): unknown[] {
  const dir = place.dirOf(key);
  const env = { ...process.env, ...place.write(key, job).env };
  execFileSync(pythonOf(trainer), [recorder], { cwd: dir, env, stdio: 'pipe' });
  const lines = readFileSync(join(dir, 'batches.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}
