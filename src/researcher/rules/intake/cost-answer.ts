import type { FoundAmount } from '../../../lib/parse/amounts.ts';
import { parseNumber } from '../../../lib/parse/words.ts';
import type { Change } from './draft.ts';
import { type LimitField, limitChange } from './limits.ts';
import { amountsIn, markText } from './marked-text.ts';
import type { Reading } from './reading.ts';

/** A limit that was asked for; a bare number is minutes, as the question says. Null: the text names none. */
export function answerCost(field: LimitField, text: string, reading: Reading): Change | null {
  const marked = markText(text, reading.input);
  const amounts = amountsIn(marked);
  if (amounts.length > 0) return limitChange(amounts, field, reading, true);
  const bare =
    /^\W*?(?:about|around|maybe|say|let's say|make it|at most|max|up to)?\s*(-?)\s*([\d.,]+|[a-z]+(?:[- ][a-z]+)?)\s*(?:or so|please|max)?\W*$/.exec(
      marked.text,
    );
  const value = bare ? parseNumber(bare[2] ?? '') : null;
  if (value === null || !bare) return null;
  const seconds = (bare[1] ? -value : value) * 60;
  const minutes: FoundAmount = {
    kind: 'time',
    seconds,
    start: 0,
    end: 0,
    text: `${bare[1] ?? ''}${value} minutes`,
  };
  return limitChange([minutes], field, reading, true);
}
