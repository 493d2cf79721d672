import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../lib/hash.ts';
import { arenaBytes, nanoDefaults } from './estimate.ts';
import type { NanoJob } from './job.ts';
import type { MetricLine } from './metrics.ts';
import type { NanoResult } from './outcome.ts';
import { loadPool } from './tasks/tasks.ts';

const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
const folders: string[] = [];
const rows = loadPool('date/clean').slice(0, 320);
const prompts = rows.slice(0, 20).map(({ prompt }, id) => ({ id: `d${id}`, prompt }));
const jsonl = (values: readonly object[]): string =>
  `${values.map((value) => JSON.stringify(value)).join('\n')}\n`;

const job: NanoJob = {
  v: 1,
  baseModel: 'nano-154k',
  stages: ['train', 'predict'],
  training: nanoDefaults,
  seed: 7,
  trainFile: 'train.jsonl',
  predict: [{ split: 'search', file: 'search.jsonl', maxNewTokens: 12 }],
};

function makeFolder(content: object, files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'nano-worker-'));
  folders.push(folder);
  const all = {
    'train.jsonl': jsonl(rows),
    'search.jsonl': jsonl(prompts),
    'job.json': JSON.stringify(content),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  return folder;
}

function start(folder: string): { child: ChildProcess; exit: Promise<number | null> } {
  const child = spawn(process.execPath, ['--import', 'tsx', worker, folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { child, exit: new Promise((resolve) => child.on('close', resolve)) };
}

const readResult = (folder: string): NanoResult =>
  JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
const readLines = (folder: string, name: string): string[] =>
  readFileSync(join(folder, name), 'utf8').trim().split('\n');

async function run(
  content: object,
  files: Record<string, string> = {},
): Promise<{ code: number | null; result: NanoResult; folder: string }> {
  const folder = makeFolder(content, files);
  const code = await start(folder).exit;
  return { code, result: readResult(folder), folder };
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('the worker process', () => {
  it('probes, trains, predicts, and predicts the same again from the written weights', async () => {
    const first = await run({ ...job, stages: ['probe', 'train', 'predict'] });
    expect(first.code).toBe(0);
    expect(first.result).toMatchObject({
      v: 1,
      outcome: 'ok',
      step: 20,
      steps: 20,
      truncatedRows: 0,
      unknownCharacters: 0,
    });
    expect(first.result.predictions).toEqual({ search: 20 });
    expect(first.result.generalLoss).toBeGreaterThan(first.result.baseGeneralLoss!);
    expect(first.result.arenaBytes).toBe(arenaBytes(nanoDefaults));
    const weights = readFileSync(join(first.folder, 'weights.f16.bin'));
    expect(first.result.weightsSha256).toBe(sha256(weights));

    const lines = readLines(first.folder, 'metrics.jsonl').map((line) => JSON.parse(line) as MetricLine);
    expect(lines[0]).toMatchObject({ v: 1, seq: 0, step: 1, steps: 20 });
    expect(lines.at(-1)).toMatchObject({ seq: lines.length - 1, step: 20, tokens: first.result.tokens });
    expect(Object.keys(lines[0]!.metrics)).toEqual([
      'loss',
      'grad_norm',
      'learning_rate',
      'tokens_per_second',
    ]);

    const { predict } = job;
    const second = await run({
      v: 1,
      baseModel: 'nano-154k',
      stages: ['predict'],
      seed: 1,
      weightsFile: join(first.folder, 'weights.f16.bin'),
      predict,
    });
    expect(second.result.generalLoss).toBe(first.result.generalLoss);
    const predictions = readLines(second.folder, 'predictions.search.jsonl');
    expect(predictions).toEqual(readLines(first.folder, 'predictions.search.jsonl'));
    expect(predictions.map((line) => JSON.parse(line).id)).toEqual(prompts.map(({ id }) => id));
  });

  it('stops between two steps on SIGTERM and says how far it was', async () => {
    const folder = makeFolder({ ...job, training: { ...nanoDefaults, epochs: 1000 } });
    const { child, exit } = start(folder);
    const metrics = join(folder, 'metrics.jsonl');
    while (!existsSync(metrics) || statSync(metrics).size === 0) await setTimeout(20);
    const askedMs = performance.now();
    child.kill('SIGTERM');
    expect(await exit).toBe(143);
    expect(performance.now() - askedMs).toBeLessThan(3000);
    const result = readResult(folder);
    expect(result.outcome).toBe('cancelled');
    expect(result.message).toMatch(/^The job was cancelled by a signal at step \d+ of 20000\.$/);
    expect(existsSync(join(folder, 'weights.f16.bin'))).toBe(false);
  });

  it('runs out of memory before the first step, with both numbers', async () => {
    const needed = arenaBytes(nanoDefaults);
    const { code, result, folder } = await run({
      ...job,
      training: { ...nanoDefaults, memoryLimitBytes: needed - 1 },
    });
    expect(code).toBe(4);
    expect(result.outcome).toBe('out_of_memory');
    expect(result.message).toBe(`Training needs ${needed} bytes, and the limit is ${needed - 1} bytes.`);
    expect(existsSync(join(folder, 'metrics.jsonl'))).toBe(false);
  });

  it('exits with 3 and a last metric line that holds NaN as text', async () => {
    const { code, result, folder } = await run({
      ...job,
      training: { ...nanoDefaults, learningRate: 1e4, maxGradNorm: 0 },
    });
    expect(code).toBe(3);
    expect(result.outcome).toBe('nan');
    const last = JSON.parse(readLines(folder, 'metrics.jsonl').at(-1)!) as MetricLine;
    expect(last.metrics.grad_norm).toBe('NaN');
    expect(last.step).toBe(result.step);
  });

  it.each([
    ['a broken job', 2, 'bad_job', { 'job.json': '{' }, /^I cannot read job\.json/],
    [
      'a broken line',
      5,
      'bad_data',
      { 'train.jsonl': '{"prompt":"a","completion":"b"}\n{"prompt":' },
      /train\.jsonl line 2 is not JSON\.$/,
    ],
    [
      'a missing field',
      5,
      'bad_data',
      { 'train.jsonl': '{"prompt":"a"}' },
      /line 1 lacks the text completion\.$/,
    ],
    ['no rows', 5, 'bad_data', { 'train.jsonl': '\n\n' }, /train\.jsonl has no rows\.$/],
    [
      'prompts with answers',
      5,
      'bad_data',
      { 'search.jsonl': '{"id":"1","prompt":"a","completion":"b"}' },
      /prompts come without answers\.$/,
    ],
  ])('ends with a sentence for %s', async (_, code, outcome, files, message) => {
    const ended = await run({ ...job, training: { ...nanoDefaults, epochs: 0.1 } }, files);
    expect(ended.code).toBe(code);
    expect(ended.result.outcome).toBe(outcome);
    expect(ended.result.message).toMatch(message);
    expect(ended.result.wallSeconds).toBeGreaterThan(0);
  });

  it('refuses weights of another size', async () => {
    const { code, result } = await run({ ...job, weightsFile: 'train.jsonl' });
    expect(code).toBe(5);
    expect(result.message).toMatch(/train\.jsonl has \d+ bytes; the weights of nano-154k have 308608\.$/);
  });
});
