import { numberPattern, parseNumber } from '../../../lib/parse/words.ts';
import { type Change, noChange, problem, setting } from './draft.ts';
import { markText } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

/** A number in digits or words. */
export const anyNumber = `(${numberPattern})`;

/** The value of a number for a field that counts. */
export function wholeNumber(field: 'parallel' | 'maxNodes', text: string): Change {
  const value = parseNumber(text.replaceAll(' ', ''));
  const what = field === 'parallel' ? 'trials at a time' : 'nodes';
  const most = field === 'parallel' ? 64 : 10_000;
  if (value === null) return noChange;
  if (!Number.isInteger(value) || value < 1)
    return problem(`${text.trim()} ${what} is not possible; it has to be a whole number from 1 on.`);
  if (value > most) return problem(`${value} ${what} is more than I can run; ${most} is the most.`);
  return setting(field === 'parallel' ? { parallel: value } : { maxNodes: value });
}

/** Reads an answer that is known to be about the field: a bare number is enough. */
export function answerWholeNumber(field: 'parallel' | 'maxNodes', reader: Reader): FieldReader {
  return (text, reading: Reading) => {
    const marked = markText(text, reading.input);
    const read = reader(marked, reading);
    if (read) return read.change;
    const found = new RegExp(`(-?${anyNumber})(?![.\\d])`).exec(marked.text);
    return found ? wholeNumber(field, found[1] ?? '') : null;
  };
}
