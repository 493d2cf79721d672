/**
 * Measures recipes: for each task, exact match of the base, after the clean pool, and after clean + noisy rows that pass
 * a simple rule; for date also with one setting changed at a time. Every run is a real worker process.
 * `node --import tsx demonstrate.ts [task...]` prints one JSON line each.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nanoDefaults } from './estimate.ts';
import type { NanoJob, NanoTraining } from './job.ts';
import type { NanoResult } from './outcome.ts';
import type { PoolRow } from './tasks/family.ts';
import { listTasks, loadEvaluation, loadPool } from './tasks/tasks.ts';

const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
const evaluationRows = 400;

/** Forms of right answers: the kind of rule that a person writes after reading some rows. */
const rules: Record<string, RegExp> = {
  date: /^(19|20)\d\d-(0[1-9]|1[0-2])-\d\d$/,
  sentiment: /^(positive|negative)$/,
  route: /^(billing|shipping|account|bug)$/,
  json: /^\{"n":"[A-Z].*","c":"[A-Z].*"\}$/,
  strings: /./,
  units: /^\d+ (m|km|g|kg|ml|l|cm|mm|s|min)$/,
  sql: /^select .* from \w+ (where|order) /,
  add: /^\d{1,4}$/,
};

interface Recipe {
  name: string;
  rows: PoolRow[];
  training: Partial<NanoTraining>;
}

function recipesOf(task: string): Recipe[] {
  const clean = loadPool(`${task}/clean`);
  const noisy = loadPool(`${task}/noisy`);
  const drill = task === 'add' ? loadPool('add/drill') : [];
  const ruled = noisy.filter(({ completion }) => rules[task]!.test(completion));
  const mixed = [...drill, ...clean, ...ruled];
  const mix = (name: string, training: Partial<NanoTraining>): Recipe => {
    return { name: `clean + noisy by rule${name}`, rows: mixed, training: { batchSize: 8, ...training } };
  };
  const recipes = [
    { name: 'clean', rows: clean, training: { epochs: 4 } },
    { name: 'noisy', rows: noisy, training: {} },
    mix(', 2 epochs', { epochs: 2 }),
  ];
  return task === 'date' ? [...recipes, ...variations(mix)] : recipes;
}

/** One changed setting at a time around one epoch of the mix. */
function variations(mix: (name: string, training: Partial<NanoTraining>) => Recipe): Recipe[] {
  const lora = {
    rank: 8,
    alpha: 16,
    targets: ['qkv' as const, 'out' as const, 'up' as const, 'down' as const],
  };
  return [
    mix('', {}),
    mix(', lr 3e-4', { learningRate: 3e-4 }),
    mix(', lr 5e-4', { learningRate: 5e-4 }),
    mix(', lr 3e-3', { learningRate: 3e-3 }),
    mix(', batch 64', { batchSize: 64 }),
    mix(', prompt learned too', { completionOnly: false }),
    mix(', LoRA r8 lr 3e-3', { method: 'lora', lora, learningRate: 3e-3 }),
    mix(', LoRA r8 lr 1e-2', { method: 'lora', lora, learningRate: 1e-2 }),
  ];
}

function runWorker(
  recipe: Recipe | undefined,
  evaluation: readonly PoolRow[],
): { exactMatch: number; result: NanoResult } {
  const folder = mkdtempSync(join(tmpdir(), 'nano-demo-'));
  try {
    const jsonl = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
    writeFileSync(
      join(folder, 'prompts.jsonl'),
      jsonl(evaluation.map(({ prompt }, id) => ({ id: String(id), prompt }))),
    );
    const job: NanoJob = {
      v: 1,
      baseModel: 'nano-154k',
      stages: recipe ? ['train', 'predict'] : ['predict'],
      seed: 1,
      predict: [{ split: 'search', file: 'prompts.jsonl', maxNewTokens: 70 }],
    };
    if (recipe) {
      writeFileSync(join(folder, 'train.jsonl'), jsonl(recipe.rows));
      job.trainFile = 'train.jsonl';
      job.training = { ...nanoDefaults, ...recipe.training };
    }
    writeFileSync(join(folder, 'job.json'), JSON.stringify(job));
    spawnSync(process.execPath, ['--import', 'tsx', worker, folder], { stdio: 'inherit' });
    const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as NanoResult;
    if (result.outcome !== 'ok') return { exactMatch: Number.NaN, result };
    const lines = readFileSync(join(folder, 'predictions.search.jsonl'), 'utf8').trim().split('\n');
    const right = lines.filter(
      (line, index) => JSON.parse(line).prediction === evaluation[index]!.completion,
    );
    return { exactMatch: right.length / evaluation.length, result };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const chosen = process.argv.slice(2);
for (const { name } of listTasks()) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const evaluation = loadEvaluation(name, evaluationRows);
  for (const recipe of [undefined, ...recipesOf(name)]) {
    const { exactMatch, result } = runWorker(recipe, evaluation);
    const line = {
      task: name,
      recipe: recipe?.name ?? 'zero-shot',
      rows: recipe?.rows.length ?? 0,
      exactMatch: Number((100 * exactMatch).toFixed(1)),
      generalLoss: Number(result.generalLoss?.toFixed(3)),
      outcome: result.outcome,
      tokens: result.tokens ?? 0,
      trainSeconds: result.trainSeconds ?? 0,
      cpuSeconds: result.cpuSeconds,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}
