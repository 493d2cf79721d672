import { z } from 'zod';
import { hashOf, sha256 } from '../lib/hash.ts';

/** At most this many rows are added by one step. */
const maxMadeRows = 200_000;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** The steps that our own code runs. */
export const PlainStep = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('filter_length'),
    minCharacters: z.int().nonnegative(),
    maxCharacters: z.int().positive(),
  }),
  /** Keeps rows whose completion matches one of these shapes (runs of digits 9, letters a/A, punctuation itself). */
  z.strictObject({ op: z.literal('filter_shape'), shapes: z.array(z.string()).min(1).max(50) }),
  /** Keeps rows whose prompt or completion matches the pattern (JavaScript, no flags but u). */
  z.strictObject({
    op: z.literal('filter_regex'),
    pattern: z.string().max(300).refine(isPattern, 'not a valid regular expression'),
    on: z.enum(['prompt', 'completion']),
  }),
  /** Drops rows whose prompt (normalised) appears with different completions; keeps the majority if it is above `keepShare`. */
  z.strictObject({ op: z.literal('filter_conflicts'), keepShare: z.number().min(0.5).max(1) }),
  /** Drops rows whose completion only copies the prompt. */
  z.strictObject({ op: z.literal('filter_copies') }),
  z.strictObject({ op: z.literal('dedup_exact') }),
  /** Drops near-duplicates, found by MinHash over character n-grams. */
  z.strictObject({ op: z.literal('dedup_near'), similarity: z.number().min(0.5).max(0.99) }),
  /** Evens out the groups (by completion for labels, by prompt shape otherwise), repeating rare ones up to `maxRepeat` times. */
  z.strictObject({
    op: z.literal('balance'),
    by: z.enum(['completion', 'prompt_shape']),
    maxRepeat: z.int().min(1).max(20),
  }),
  /** Keeps at most `rows` rows, drawn by hash (stable under changes of the rest). */
  z.strictObject({ op: z.literal('sample'), rows: z.int().positive() }),
  /** Moves rows of these sources to the end (a curriculum); needs `order: as_given` in training. */
  z.strictObject({ op: z.literal('last'), sources: z.array(z.string()).min(1) }),
  z.strictObject({ op: z.literal('sort_by_length'), direction: z.enum(['short_first', 'long_first']) }),
  /** Adds rows: exchanges spans that a completion copies from its prompt, in both, for same-shaped ones of other rows. */
  z.strictObject({ op: z.literal('synth_swap_spans'), rows: z.int().positive().max(maxMadeRows) }),
  /** Adds rows: the prompt in other letter case and spacing, the completion unchanged. */
  z.strictObject({ op: z.literal('synth_surface'), rows: z.int().positive().max(maxMadeRows) }),
]);
export type PlainStep = z.infer<typeof PlainStep>;

/** At most this many of < > & are allowed: each is shown as an entity of several characters, and a card is limited. */
const maxEscaped = 600;

/**
 * Python that a person has to read and approve: plain ASCII, so that no character is invisible or looks like another;
 * short lines, so that none is cut off at the right; no backtick, which would end its block.
 */
const Code = z
  .string()
  .min(1)
  .max(4000)
  .regex(
    /^[\n -_a-~]*$/,
    'only printable ASCII without backticks; write others as escapes such as \\u00e9 or \\x60',
  )
  .refine((code) => code.split('\n').every((line) => line.length <= 160), 'a line has at most 160 characters')
  .refine((code) => (code.match(/[<>&]/g) ?? []).length <= maxEscaped, `at most ${maxEscaped} of < > &`)
  .refine((code) => /^def map_row\(/m.test(code), 'must define map_row(row)');

/**
 * The one escape hatch: Python that a language model wrote. `map_row(row)` gets a row as a dict and returns a dict, a
 * list of dicts, or None to leave the row out. It runs in a sandbox, and only after a person has approved it.
 */
export const PythonMap = z.strictObject({
  op: z.literal('python_map'),
  /** Its purpose, one sentence for the person who decides. */
  purpose: z.string().min(1).max(200),
  code: Code,
});
export type PythonMap = z.infer<typeof PythonMap>;

/**
 * The data pipeline as data. Steps run in order over the rows of all inputs together.
 * Decontamination against every evaluation split is not a step: it always runs last and no recipe can remove it.
 */
export const RecipeStep = z.discriminatedUnion('op', [...PlainStep.options, PythonMap]);
export type RecipeStep = z.infer<typeof RecipeStep>;

export const Recipe = z.strictObject({
  v: z.literal(1),
  /** `maxRows` null takes all. Sources are ids of the data catalogue or attached files. */
  inputs: z.array(z.strictObject({ source: z.string(), maxRows: z.int().positive().nullable() })).min(1),
  steps: z.array(RecipeStep).max(20),
  seed: z.int().nonnegative(),
});
export type Recipe = z.infer<typeof Recipe>;

export const recipeHash = (recipe: Recipe): string => hashOf(recipe);

export const pythonSteps = (recipe: Pick<Recipe, 'steps'>): PythonMap[] =>
  recipe.steps.filter((step) => step.op === 'python_map');

/** The hash that an approval of code is bound to: any changed character gives another. */
export const codeHash = (code: string): string => sha256(code);

/** A short name for code: `#1f3a9c02`. */
export const codeName = (code: string): string => `#${codeHash(code).slice(0, 8)}`;
