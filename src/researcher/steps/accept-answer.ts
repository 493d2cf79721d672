import { z } from 'zod';
import { cleanAnswer } from '../clean-text.ts';
import { saysOrder } from './says-order.ts';
import { unknownNumbers } from './unknown-numbers.ts';

/** An answer to a question about a campaign, as a language model writes it. */
export const QuestionAnswer = z.strictObject({ answer: z.string().min(1) });
export type QuestionAnswer = z.infer<typeof QuestionAnswer>;

const maxCharacters = 900;

/** A model's answer, cleaned; it is returned to the model when a number in it does not occur in the records. */
export function acceptAnswer(
  { answer }: QuestionAnswer,
  records: string,
): { value: string } | { problems: string[] } {
  const clean = cleanAnswer(answer, maxCharacters);
  if (clean === '') return { problems: ['answer: it must say something'] };
  if (saysOrder(clean)) return { problems: ['answer: do not tell people to approve, reject, stop or pay'] };
  const strange = unknownNumbers(clean, records);
  if (strange.length === 0) return { value: clean };
  return {
    problems: [
      `answer: not in the records: ${strange.slice(0, 8).join(', ')}. Use only numbers and nodes that stand there, as they stand there.`,
    ],
  };
}
