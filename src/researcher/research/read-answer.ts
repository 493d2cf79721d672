import type { z } from 'zod';
import { FetchError } from './fetch-error.ts';

/**
 * A JSON answer in the shape that a client expects. Fields that a client does not name are dropped.
 * @throws FetchError when it is not JSON, or not of that shape
 */
export function readAnswer<T>(schema: z.ZodType<T>, text: string, service: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FetchError(`${service} sent something that is not JSON.`, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new FetchError(
    `${service} answered in another shape than I know${where === '' ? '' : ` (at ${where})`}.`,
    {
      cause: parsed.error,
    },
  );
}

/** The entries of a list that have the expected shape; an invalid one is left out without affecting the others. */
export function readEntries<T>(schema: z.ZodType<T>, entries: readonly unknown[]): T[] {
  return entries.flatMap((entry) => {
    const parsed = schema.safeParse(entry);
    return parsed.success ? [parsed.data] : [];
  });
}
