import { readFileSync } from 'node:fs';
import { describeArchitecture } from './estimate.ts';
import { fromHalf } from './half.ts';
import { JobFailure } from './outcome.ts';
import type { TextRow } from './sequences.ts';

export interface PromptRow {
  id: string;
  prompt: string;
}

/** @throws JobFailure (bad_data) naming file and line. */
export function readTrainingRows(path: string): TextRow[] {
  return readRows(path, (row, where) => ({
    prompt: textField(row, 'prompt', where),
    completion: textField(row, 'completion', where),
  }));
}

/** Prompts to answer. Rows that hold their answer are refused, so that the trainer never sees evaluation answers. */
export function readPromptRows(path: string): PromptRow[] {
  const ids = new Set<string>();
  return readRows(path, (row, where) => {
    if ('completion' in row)
      throw new JobFailure('bad_data', `${where} has a completion; prompts come without answers.`);
    const id = textField(row, 'id', where);
    if (ids.has(id)) throw new JobFailure('bad_data', `${where} repeats the id ${id}.`);
    ids.add(id);
    return { id, prompt: textField(row, 'prompt', where) };
  });
}

function readRows<Row>(path: string, read: (row: Record<string, unknown>, where: string) => Row): Row[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new JobFailure('bad_data', `I cannot read ${path} (${reason}).`, { cause: error });
  }
  const rows: Row[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    rows.push(read(parseLine(line, `${path} line ${index + 1}`), `${path} line ${index + 1}`));
  }
  if (rows.length === 0) throw new JobFailure('bad_data', `${path} has no rows.`);
  return rows;
}

function parseLine(line: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new JobFailure('bad_data', `${where} is not JSON.`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new JobFailure('bad_data', `${where} is not an object.`);
  }
  return value as Record<string, unknown>;
}

function textField(row: Record<string, unknown>, name: string, where: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw new JobFailure('bad_data', `${where} lacks the text ${name}.`);
  return value;
}

/** Weights as an earlier job wrote them. @throws JobFailure (bad_data) when the file is missing or of another size. */
export function readWeightsFile(path: string): Float32Array {
  const expected = describeArchitecture().weightBytes;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new JobFailure('bad_data', `I cannot read the weights ${path}.`, { cause: error });
  }
  if (bytes.length !== expected) {
    const sizes = `${bytes.length} bytes; the weights of nano-154k have ${expected}`;
    throw new JobFailure('bad_data', `${path} has ${sizes}.`);
  }
  return fromHalf(bytes);
}
