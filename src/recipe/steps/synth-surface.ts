import { createRng, type Rng } from '../../lib/rng.ts';
import { normaliseText } from '../text.ts';
import type { Row } from '../types.ts';
import { replaceTokens, tokensOf } from './copied-spans.ts';

const triesPerRow = 8;
const fold = (prompt: string): string =>
  normaliseText(prompt)
    .toLowerCase()
    .replace(/[.!?]+$/u, '');

/**
 * Adds at most `count` rows: prompts in other letter case, with an extra space or another mark at the end; completions
 * are unchanged. Words that the completion repeats keep their case. Prompts with two completions are not varied, and
 * neither are conversations: their prompt is only the text of their turns.
 */
export function synthSurface(rows: readonly Row[], count: number, seed: number): Row[] {
  const completionOf = new Map<string, string | null>();
  const prompts = new Set<string>();
  for (const { prompt, completion } of rows) {
    prompts.add(prompt);
    const key = fold(prompt);
    const known = completionOf.get(key);
    completionOf.set(key, known === undefined || known === completion ? completion : null);
  }
  const usable = rows.filter(
    (row) => row.conversation === undefined && completionOf.get(fold(row.prompt)) !== null,
  );
  if (usable.length === 0) return [];

  const rng = createRng(seed);
  const made: Row[] = [];
  for (let tries = count * triesPerRow; tries > 0 && made.length < count; tries--) {
    const row = rng.pick(usable);
    const prompt = varySurface(row, rng);
    if (prompts.has(prompt) || (completionOf.get(fold(prompt)) ?? row.completion) !== row.completion)
      continue;
    prompts.add(prompt);
    completionOf.set(fold(prompt), row.completion);
    made.push({ ...row, prompt });
  }
  return made;
}

const changes = [varyCase, varySpace, varyEnd] as const;

/** Makes one change to the prompt, sometimes two. */
function varySurface(row: Row, rng: Rng): string {
  const first = rng.int(changes.length);
  const prompt = changes[first]!(row.prompt, row.completion, rng);
  if (rng.next() < 0.6) return prompt;
  return changes[(first + 1) % changes.length]!(prompt, row.completion, rng);
}

function varyCase(prompt: string, completion: string, rng: Rng): string {
  const style = rng.int(3);
  const tokens = tokensOf(prompt);
  const copied = new Set(tokensOf(completion).map(({ text }) => text));
  const written = new Map<number, string>();
  tokens.forEach(({ text }, place) => {
    if (copied.has(text)) return;
    if (style === 0) written.set(place, text.toLowerCase());
    else if (style === 1) written.set(place, text.toUpperCase());
    else if (place === 0) written.set(place, text.slice(0, 1).toUpperCase() + text.slice(1));
  });
  return replaceTokens(prompt, tokens, written);
}

/** A second space at one gap that the completion does not contain, or a space at the end. */
function varySpace(prompt: string, completion: string, rng: Rng): string {
  const gaps = [...prompt.matchAll(/(\S+) (?=(\S+))/gu)].filter(
    ([, before, after]) => !completion.includes(`${before} ${after}`),
  );
  if (gaps.length === 0 || rng.next() < 0.25) return `${prompt} `;
  const gap = rng.pick(gaps);
  const at = gap.index + gap[0].length;
  return `${prompt.slice(0, at)} ${prompt.slice(at)}`;
}

function varyEnd(prompt: string, completion: string, rng: Rng): string {
  const bare = prompt.replace(/\s*[.!?]$/u, '');
  if (bare !== prompt && bare !== '' && !completion.includes(prompt.slice(-3))) return bare;
  return prompt + rng.pick(['.', '!', ' .']);
}
