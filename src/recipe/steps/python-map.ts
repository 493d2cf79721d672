import { z } from 'zod';
import { TrexError } from '../../lib/errors.ts';
import { clipUnits, countText, numberText } from '../../lib/text.ts';
import { isUsableText } from '../dataset/usable-text.ts';
import { toJsonl } from '../jsonl.ts';
import type { Pause } from '../pause.ts';
import type { PythonMap } from '../recipe.ts';
import type { Row, RunPython } from '../types.ts';

/** One row becomes at most this many rows. */
const maxFromOne = 20;
/** On average a row becomes at most this many rows. */
const maxGrowth = 5;
/** A text of a row has at most this many characters: it is a training example, not a document. */
const maxCharacters = 100_000;
const rowsBetweenPauses = 2000;

const Text = z.string().max(maxCharacters);
/** A row that the code made: unknown keys are dropped, and so is a `source` that the code sets. */
const MadeRow = z.object({ prompt: Text, completion: Text, rejected: Text.nullish() });
type MadeRow = z.infer<typeof MadeRow>;
const Made = z.array(MadeRow).max(maxFromOne);

/**
 * The rows that the code makes of each row, in order. A made row keeps the source of its row, whatever the code says.
 * Rows whose prompt or completion is empty or not text are left out and counted, as when a file is read.
 * @throws TrexError `python_output` (fault data) when the output is not rows; errors of `runPython`
 */
export async function mapByPython(
  rows: readonly Row[],
  { code }: PythonMap,
  seed: number,
  { runPython, pause }: { runPython: RunPython; pause: Pause },
): Promise<{ rows: Row[]; note: string | null }> {
  const text = await runPython({ code, seed, rows: toJsonl(rows) });
  const max = maxGrowth * rows.length;
  const made: Row[] = [];
  let number = 0;
  let leftOut = 0;
  for (const line of linesOf(text)) {
    const row = rows[number];
    number += 1;
    if (row === undefined) throw bad('more rows answered than it was given');
    for (const one of parseLine(line, number)) {
      const texts = [one.prompt, one.completion, ...(one.rejected == null ? [] : [one.rejected])];
      if (texts.every(isUsableText)) made.push(rowOf(row, one));
      else leftOut += 1;
    }
    if (made.length > max)
      throw bad(`more than ${countText(max, 'row')} made of ${numberText(rows.length)}; that is too many`);
    if (number % rowsBetweenPauses === 0) await pause();
  }
  if (number < rows.length)
    throw bad(`only ${numberText(number)} of ${countText(rows.length, 'row')} answered`);
  const note =
    leftOut === 0
      ? null
      : `${countText(leftOut, 'row')} came out empty or not as text and ${leftOut === 1 ? 'was' : 'were'} left out`;
  return { rows: made, note };
}

/** @throws TrexError when the code changed the prompt of a conversation, which is only the text of its turns */
function rowOf(from: Row, { prompt, completion, rejected }: MadeRow): Row {
  const { source, conversation, answerCalls } = from;
  if (conversation !== undefined && prompt !== from.prompt)
    throw bad(
      'it changed the prompt of a conversation, which is the text of its turns; it may leave such rows out',
    );
  return {
    prompt,
    completion,
    ...(rejected == null ? {} : { rejected }),
    ...(source === undefined ? {} : { source }),
    ...(conversation === undefined ? {} : { conversation }),
    ...(answerCalls === undefined || completion !== from.completion ? {} : { answerCalls }),
  };
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    yield text.slice(start, end);
    start = end + 1;
  }
}

function parseLine(line: string, number: number): z.infer<typeof Made> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw bad(`what came out for row ${number} is not JSON: ${clipUnits(line, 60)}`);
  }
  const parsed = Made.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw bad(
    `what came out for row ${number} is no row: ${clipUnits(`${issue?.path.join('.')}: ${issue?.message}`, 120)}`,
  );
}

const bad = (what: string): TrexError =>
  new TrexError('python_output', 'data', `Its code did not give rows: ${what}.`);
