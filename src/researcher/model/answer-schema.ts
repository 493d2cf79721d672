import { z } from 'zod';

type JsonSchema = { [key: string]: unknown };

/**
 * Bounds and patterns: not every server knows them, and zod checks them anyway. The rest is what the
 * strict mode of structured outputs demands.
 */
const dropped = new Set([
  '$schema',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minItems',
  'maxItems',
  'default',
]);

function plain(value: unknown, inProperties: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item, false));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => inProperties || !dropped.has(key))
      .map(([key, inner]) => [
        !inProperties && key === 'oneOf' ? 'anyOf' : key,
        plain(inner, !inProperties && key === 'properties'),
      ]),
  );
}

/**
 * The JSON schema of a zod schema as strict structured outputs take it. Every object of it must be a
 * `z.strictObject` without optional members: strict mode knows null, not absence.
 */
export const answerSchema = (schema: z.ZodType): JsonSchema =>
  plain(z.toJSONSchema(schema), false) as JsonSchema;
