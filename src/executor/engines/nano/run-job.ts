import { resolve } from 'node:path';
import { writeAtomicallySync } from '../../../lib/write-atomically.ts';
import { loadBaseModel } from './base-model.ts';
import { type PromptRow, readPromptRows, readWeightsFile } from './data-files.ts';
import { generalLossOf } from './general-loss.ts';
import type { NanoJob } from './job.ts';
import { JobFailure, type PartialResult } from './outcome.ts';
import type { Pause } from './pause.ts';
import { createReader, predictRows } from './prediction.ts';
import { trainStage } from './train-stage.ts';
import { unknownCharacters } from './vocabulary.ts';

/**
 * Runs the stages of a job in its folder and fills `result` as it goes. Every input is read before the first step.
 * @returns the sentence of success. @throws JobFailure for every other outcome.
 */
export async function runJob(
  job: NanoJob,
  folder: string,
  result: PartialResult,
  pause: Pause,
): Promise<string> {
  const base = loadBaseModel();
  result.baseGeneralLoss = base.generalLoss;
  const start = job.weightsFile ? readWeightsFile(resolve(folder, job.weightsFile)) : base.weights;
  const prompts = (job.predict ?? []).map((prediction) => ({
    ...prediction,
    rows: readPromptRows(resolve(folder, prediction.file)),
  }));
  const said: string[] = [];

  const weights = await trainStage(job, folder, start, result, pause, said);
  if (job.stages.includes('train') || job.stages.includes('predict')) {
    const reader = createReader(weights);
    result.generalLoss = generalLossOf(reader);
    if (!Number.isFinite(result.generalLoss)) {
      throw new JobFailure('nan', `The weights give a loss of ${result.generalLoss} on general text.`);
    }
    for (const { split, rows, maxNewTokens } of prompts) {
      const answers = await predictRows(reader, rows, maxNewTokens, pause);
      writePredictions(resolve(folder, `predictions.${split}.jsonl`), rows, answers);
      result.predictions = { ...result.predictions, [split]: rows.length };
      said.push(`Predicted ${rows.length} rows of ${split}.`);
    }
    const unknown = prompts.flatMap(({ rows }) => rows.map(({ prompt }) => unknownCharacters(prompt)));
    result.unknownCharacters = unknown.reduce((sum, count) => sum + count, result.unknownCharacters ?? 0);
  }
  return said.join(' ');
}

function writePredictions(path: string, rows: readonly PromptRow[], answers: readonly string[]): void {
  const lines = rows.map(({ id }, index) => JSON.stringify({ id, prediction: answers[index] }));
  writeAtomicallySync(path, `${lines.join('\n')}\n`);
}
