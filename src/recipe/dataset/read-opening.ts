import type { Turn } from '../../scoring/types.ts';
import { type Cell, type Cells, cellOf, type Failed, fail } from './cells.ts';
import type { Layout } from './choose-columns.ts';
import { joinTurns } from './join-turns.ts';
import { isTurns, readTurns } from './read-turns.ts';
import { itemsOf, textOf } from './record.ts';

/** The turns before the answer, from the columns beside it: a system turn, earlier turns, the question. */
export function readOpening(
  cells: Cells,
  { prompts }: Layout,
  unused: Set<string>,
): { ok: true; turns: Turn[] } | Failed {
  const system = cellOf(cells, 'system');
  const text = system === undefined ? '' : textOf(system);
  const before: Turn[] = text.trim() === '' ? [] : [{ role: 'system', content: text }];
  const history = cellOf(cells, 'history');
  const earlier = history === undefined ? { ok: true as const, turns: [] } : readHistory(history, unused);
  if (!earlier.ok) return earlier;
  const asked = readPrompt(cells, prompts, unused);
  if (!asked.ok) return asked;
  const joined = joinTurns(before, asked.turns);
  if (!joined.ok) return fail(`\`${prompts[0]}\` ${joined.problem}`);
  const place = joined.turns[0]?.role === 'system' ? 1 : 0;
  return { ok: true, turns: joined.turns.toSpliced(place, 0, ...earlier.turns) };
}

function readPrompt(
  cells: Cells,
  prompts: readonly string[],
  unused: Set<string>,
): { ok: true; turns: Turn[] } | Failed {
  if (prompts.length === 0) return { ok: true, turns: [] };
  const first = cellOf(cells, 0);
  if (first === undefined) return fail(`missing \`${prompts[0]}\``);
  if (isTurns(first.value)) {
    const read = readTurns(first, unused);
    return read.ok ? read : fail(`\`${first.name}\` ${read.problem}`);
  }
  const pieces = prompts.flatMap((_, place) => {
    const cell = cellOf(cells, place);
    return cell === undefined || textOf(cell).trim() === '' ? [] : [textOf(cell)];
  });
  if (pieces.length === 0) return fail(`empty \`${first.name}\``);
  return { ok: true, turns: [{ role: 'user', content: pieces.join('\n') }] };
}

/** Alpaca's `history`: pairs of a question and its answer; or turns. */
function readHistory(history: Cell, unused: Set<string>): { ok: true; turns: Turn[] } | Failed {
  if (textOf(history).trim() === '' || (Array.isArray(history.value) && history.value.length === 0))
    return { ok: true, turns: [] };
  if (isTurns(history.value)) {
    const read = readTurns(history, unused);
    return read.ok ? read : fail(`\`${history.name}\` ${read.problem}`);
  }
  const isPair = (pair: unknown): boolean => Array.isArray(pair) && pair.length === 2;
  if (!Array.isArray(history.value) || !history.value.every(isPair))
    return fail(`\`${history.name}\` is no list of pairs of question and answer`);
  const turns = itemsOf(history).flatMap((pair): Turn[] => {
    const [asked, answered] = itemsOf(pair).map(textOf);
    return [
      { role: 'user', content: asked ?? '' },
      { role: 'assistant', content: answered ?? '' },
    ];
  });
  return { ok: true, turns };
}
