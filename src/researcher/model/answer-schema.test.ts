import { describe, expect, it } from 'vitest';
import { context } from '../rules/testing/propose-fixtures.ts';
import { DiagnosisAnswer } from '../steps/accept-diagnosis.ts';
import { proposalAnswer } from '../steps/accept-proposal.ts';
import { ReadingAnswer } from '../steps/accept-reading.ts';
import { answerSchema } from './answer-schema.ts';

const sandbox = { approved: new Set<string>(), refused: new Set<string>(), takesNew: true };

type Schema = { [key: string]: unknown };

/** Every schema inside a schema, itself included, with how deep objects are nested there. */
function parts(schema: Schema, depth = 0): { schema: Schema; depth: number }[] {
  const inner = [
    ...Object.values((schema.properties ?? {}) as Record<string, Schema>),
    ...((schema.anyOf ?? []) as Schema[]),
    ...(schema.items === undefined ? [] : [schema.items as Schema]),
  ];
  const own = schema.type === 'object' ? depth + 1 : depth;
  return [{ schema, depth: own }, ...inner.flatMap((one) => parts(one, own))];
}

/** The forms that strict structured outputs take, beside the members that are checked one by one below. */
const known = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'enum',
  'const',
]);

describe.each([
  ['a round', proposalAnswer(context())],
  ['a round that may hold code', proposalAnswer(context({ sandbox }))],
  ['a diagnosis', DiagnosisAnswer],
  ['a reading', ReadingAnswer],
])('the schema of %s', (_, zod) => {
  const schema = answerSchema(zod);

  it('is what strict structured outputs take', () => {
    expect(schema.type).toBe('object');
    for (const part of parts(schema)) {
      expect(Object.keys(part.schema).filter((key) => !known.has(key))).toEqual([]);
      expect(part.depth).toBeLessThanOrEqual(5);
      if (part.schema.type !== 'object') continue;
      expect(part.schema.additionalProperties).toBe(false);
      expect(part.schema.required).toEqual(Object.keys(part.schema.properties as object));
    }
  });
});

it('a member that is called like a keyword stays', () => {
  const schema = answerSchema(proposalAnswer(context())) as { properties: Record<string, unknown> };
  expect(JSON.stringify(schema)).toContain('"pattern":{"type":"string"}');
});

it('without a sandbox there is no word of code', () => {
  expect(JSON.stringify(answerSchema(proposalAnswer(context())))).not.toContain('python_map');
  expect(JSON.stringify(answerSchema(proposalAnswer(context({ sandbox }))))).toContain('python_map');
});
