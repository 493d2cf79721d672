import { z } from 'zod';
import { type BriefField, briefFields } from '../../campaign/brief.ts';
import type { MessageReading } from '../../campaign/intake-entry.ts';
import { cleanAnswer } from '../clean-text.ts';
import type { IntakeInput } from '../port.ts';
import { foldIntake } from '../rules/intake/intake.ts';

/** The meaning of a message, as a language model writes it. */
export const ReadingAnswer = z.strictObject({
  saysGoal: z.boolean(),
  values: z.strictObject(
    Object.fromEntries(briefFields.map((field) => [field, z.string().nullable()])) as Record<
      BriefField,
      z.ZodNullable<z.ZodString>
    >,
  ),
  reply: z.string().nullable(),
  cancelled: z.boolean(),
});
export type ReadingAnswer = z.infer<typeof ReadingAnswer>;

const maxReplyCharacters = 600;

/**
 * A model's reading, tried on the conversation: values that the readers of the form reject are returned as sentences
 * for the model.
 */
export function acceptReading(
  answer: ReadingAnswer,
  input: IntakeInput,
): { value: MessageReading } | { problems: string[] } {
  const values = Object.fromEntries(
    Object.entries(answer.values).flatMap(([field, value]) =>
      value === null || value.trim() === ''
        ? []
        : [[field, field === 'title' ? cleanAnswer(value, 80) : value.slice(0, 300)]],
    ),
  ) as MessageReading['values'];
  const reading: MessageReading = {
    saysGoal: answer.saysGoal,
    values,
    reply: answer.reply === null ? null : cleanAnswer(answer.reply, maxReplyCharacters) || null,
    cancelled: answer.cancelled,
  };
  const last = input.entries.at(-1);
  if (last?.kind !== 'message') return { value: reading };
  const { rejected } = foldIntake({
    ...input,
    entries: [...input.entries.slice(0, -1), { ...last, reading }],
  });
  const problems = Object.entries(rejected).map(([field, why]) => `values.${field}: ${why}`);
  return problems.length > 0 ? { problems } : { value: reading };
}
