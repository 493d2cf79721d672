import { cleanLine } from '../clean-text.ts';

/** A row as JSON, so that where its texts begin and end is plain. */
export const rowLine = (row: { prompt: string; completion: string }): string =>
  JSON.stringify({ prompt: cleanLine(row.prompt, 150), completion: cleanLine(row.completion, 150) });

/** A search item with the model's answer. */
export const itemLine = (item: { prompt: string; expected: string; prediction: string }): string =>
  JSON.stringify({
    prompt: cleanLine(item.prompt, 150),
    expected: cleanLine(item.expected, 150),
    answered: cleanLine(item.prediction, 150),
  });
