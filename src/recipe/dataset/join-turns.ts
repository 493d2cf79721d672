import type { Turn } from '../../scoring/types.ts';

/** The turns before an answer, or why two columns do not fit together. */
export type Joined = { ok: true; turns: Turn[] } | { ok: false; problem: string };

/** How two lists of turns before an answer differ; null where they are the same. */
export type Parting = 'question' | 'later' | null;

const isSystem = (turn: Turn | undefined): turn is Turn => turn?.role === 'system';
const withoutSystem = (turns: readonly Turn[]): readonly Turn[] =>
  isSystem(turns[0]) ? turns.slice(1) : turns;
const isSame = (a: Turn | undefined, b: Turn | undefined): boolean =>
  a?.role === b?.role &&
  a?.content.trim() === b?.content.trim() &&
  JSON.stringify(a?.toolCalls) === JSON.stringify(b?.toolCalls);

/**
 * The turns of a prompt followed by those that the column of an answer holds before it: that column may continue the
 * prompt, or begin with the prompt once more.
 */
export function joinTurns(opening: readonly Turn[], own: readonly Turn[]): Joined {
  const [first, second] = [opening[0], own[0]].filter(isSystem);
  if (first !== undefined && second !== undefined && !isSame(first, second))
    return { ok: false, problem: 'has a system turn that differs from that of its column' };
  const system = first === undefined ? [] : [first];
  const asked = withoutSystem(opening);
  const rest = withoutSystem(own);
  if (asked.length === 0 || rest.length === 0 || rest[0]?.role !== 'user')
    return { ok: true, turns: [...system, ...asked, ...rest] };
  if (asked.every((turn, i) => isSame(turn, rest[i]))) return { ok: true, turns: [...system, ...rest] };
  return { ok: false, problem: 'answers another question than the prompt' };
}

/** Where the turns before two answers differ. */
export function partingOf(a: readonly Turn[], b: readonly Turn[]): Parting {
  if (a.length === b.length && a.every((turn, i) => isSame(turn, b[i]))) return null;
  const question = (turns: readonly Turn[]): Turn | undefined => turns.find(({ role }) => role === 'user');
  return isSame(question(a), question(b)) ? 'later' : 'question';
}
