import type { z } from 'zod';
import { answerSchema } from './answer-schema.ts';

export type Reading<T> = { value: T } | { problems: string[]; foundJson: boolean };

const maxProblems = 8;
/** Braces examined at most: a hostile answer of nothing but braces must not take long. */
const maxStarts = 300;

/** Ends of the object or list that opens at `start`, text in quotes skipped; -1 when it does not close. */
function closingOf(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '{' || c === '[') depth++;
    else if ((c === '}' || c === ']') && --depth === 0) return i;
  }
  return -1;
}

/** Every outermost JSON object of a text, first to last; prose, fences and reasoning around them are skipped. */
export function findObjects(text: string): unknown[] {
  const found: unknown[] = [];
  let starts = 0;
  for (let at = text.indexOf('{'); at >= 0 && starts++ < maxStarts; at = text.indexOf('{', at)) {
    const end = closingOf(text, at);
    const value = end < 0 ? undefined : parse(text.slice(at, end + 1));
    if (value === undefined) at += 1;
    else {
      found.push(value);
      at = end + 1;
    }
  }
  return found;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const thoughtTag = /<(\/?)(?:think|thinking|reasoning)>/gi;

/**
 * The text outside of reasoning tags, read once from left to right. Reasoning without an opening tag begins with the
 * text; a tag that is never closed takes nothing away.
 */
function withoutThoughts(text: string): string {
  let kept = '';
  /** Where the text that counts begins, and whether a reasoning tag is open there. */
  let from = 0;
  let isOpen = false;
  for (const tag of text.matchAll(thoughtTag)) {
    const isEnd = tag[1] === '/';
    if (isEnd) {
      if (!isOpen) kept = '';
      from = tag.index + tag[0].length;
      isOpen = false;
    } else if (!isOpen) {
      kept += text.slice(from, tag.index);
      from = tag.index;
      isOpen = true;
    }
  }
  return kept + text.slice(from);
}

type Shape = { [key: string]: unknown };

const takesNull = ({ type, anyOf }: Shape): boolean =>
  type === 'null' ||
  (Array.isArray(type) && type.includes('null')) ||
  (Array.isArray(anyOf) && anyOf.some((branch: Shape) => takesNull(branch)));

/** Small models leave out what is null: where the schema takes null, absent is null. Everything else stays as it is. */
function withNulls(value: unknown, shape: Shape): unknown {
  const branches = (shape.anyOf ?? [shape]) as Shape[];
  if (Array.isArray(value)) {
    const items = branches.find((b) => b.type === 'array')?.items as Shape | undefined;
    return items === undefined ? value : value.map((item) => withNulls(item, items));
  }
  const objects = branches.filter((b) => b.type === 'object');
  // Arms of a union are distinguished by their members; nothing is filled in there.
  if (typeof value !== 'object' || value === null || objects.length !== 1) return value;
  const properties = (objects[0]?.properties ?? {}) as Record<string, Shape>;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, inner] of Object.entries(properties)) {
    if (name in filled) filled[name] = withNulls(filled[name], inner);
    else if (takesNull(inner)) filled[name] = null;
  }
  return filled;
}

/**
 * The value in an answer: the last of its JSON objects that the schema accepts, because reasoning comes before the
 * result. When none is accepted, the problems of the last.
 */
export function readAnswer<T>(text: string, schema: z.ZodType<T>): Reading<T> {
  const shape = answerSchema(schema);
  const objects = findObjects(withoutThoughts(text)).map((object) => withNulls(object, shape));
  for (const object of objects.toReversed()) {
    const parsed = schema.safeParse(object);
    if (parsed.success) return { value: parsed.data };
  }
  const last = objects.at(-1);
  if (last === undefined) return { problems: ['There is no complete JSON object in it.'], foundJson: false };
  const { error } = schema.safeParse(last);
  const problems = (error?.issues ?? [])
    .slice(0, maxProblems)
    .map((issue) => `${issue.path.join('.') || 'the object'}: ${issue.message}`);
  return { problems, foundJson: true };
}
