import { isSinglePrompt, promptOf, textOfAnswer } from '../../scoring/conversation.ts';
import type { Conversation, Turn } from '../../scoring/types.ts';
import type { Row } from '../types.ts';
import { type Cell, cellOf, cellsOf, type Failed, fail } from './cells.ts';
import type { Layout } from './choose-columns.ts';
import { joinTurns, partingOf } from './join-turns.ts';
import { isHeldBack, isMarker } from './markers.ts';
import { readOpening } from './read-opening.ts';
import { isTurns, readTurns } from './read-turns.ts';
import { type FileRecord, textOf } from './record.ts';
import { createRoles, type Role } from './roles.ts';

/** The reading of one record: a row, the marker column that excludes it from training, or why it is no row. */
export type Reading = { ok: true; row: Row; converted: boolean } | Failed | { ok: false; heldBack: string };

/** Reads records by these columns. Adds keys of turns that are not read to `unused`. */
export function createRowParser(layout: Layout, unused: Set<string>): (record: FileRecord) => Reading {
  const roleOf = createRoles(layout);
  return (record) => {
    const cells = cellsOf(record, roleOf);
    const held = cells.find(({ role, value }) => isMarker(role) && isHeldBack(role, value));
    if (held !== undefined) return { ok: false, heldBack: held.name };
    const opening = readOpening(cells, layout, unused);
    if (!opening.ok) return opening;
    const better = readSide(cellOf(cells, 'completion'), layout.completion, opening.turns, unused);
    if (!better.ok) return better;
    const worse = readWorse(cellOf(cells, 'rejected'), opening.turns, better, unused);
    if (!worse.ok) return worse;
    const row = rowOf(better, worse.text, toolsOf(cellOf(cells, 'tools'), unused));
    const converted = cells.some((cell) => isText(cell.role) && isConverted(cell));
    return { ok: true, row: record.split === undefined ? row : { ...row, split: record.split }, converted };
  };
}

/** An answer and everything before it. */
interface Side {
  ok: true;
  before: Turn[];
  answer: Turn;
}

function readSide(
  cell: Cell | undefined,
  name: string,
  opening: Turn[],
  unused: Set<string>,
): Side | Failed | { ok: false; heldBack: string } {
  if (cell === undefined) return fail(`missing \`${name}\``);
  if (!isTurns(cell.value)) {
    const content = textOf(cell);
    if (content.trim() === '') return fail(`empty \`${name}\``);
    if (opening.length === 0) return fail(`\`${name}\` is not a list of turns`);
    return { ok: true, before: opening, answer: { role: 'assistant', content } };
  }
  const read = readTurns(cell, unused);
  if (!read.ok) return fail(`\`${name}\` ${read.problem}`);
  const turns = read.turns.filter(({ role, content }) => role !== 'system' || content.trim() !== '');
  const last = turns.findLastIndex(({ role, weight }) => role === 'assistant' && weight !== 0);
  const answer = turns[last];
  if (answer === undefined)
    return turns.some(({ role }) => role === 'assistant')
      ? { ok: false, heldBack: `${name}.weight` }
      : fail(`\`${name}\` has no assistant turn`);
  if (answer.content.trim() === '' && answer.toolCalls === undefined) return fail('empty assistant turn');
  const joined = joinTurns(opening, turns.slice(0, last));
  if (!joined.ok) return fail(`\`${name}\` ${joined.problem}`);
  if (joined.turns.every(({ role, content }) => role === 'system' || content.trim() === ''))
    return fail(`\`${name}\` has nothing before the assistant turn`);
  return { ok: true, before: joined.turns, answer };
}

/** The worse answer of a pair; a row without one, or with the same one twice, is still a row. */
function readWorse(
  cell: Cell | undefined,
  opening: Turn[],
  better: Side,
  unused: Set<string>,
): { ok: true; text: string | null } | Failed {
  if (cell === undefined || (!isTurns(cell.value) && textOf(cell).trim() === ''))
    return { ok: true, text: null };
  // Without a prompt beside the pair a plain text can only answer what the better answer answers.
  const before = isTurns(cell.value) ? opening : better.before;
  const worse = readSide(cell, cell.name, before, unused);
  if (!worse.ok) return 'problem' in worse ? worse : { ok: true, text: null };
  const parting = partingOf(better.before, worse.before);
  if (parting === 'question') return fail(`\`${cell.name}\` answers another question than the better answer`);
  if (parting === 'later') return fail(`\`${cell.name}\` parts from the better answer before its last turn`);
  const text = textOfAnswer(worse.answer.content, worse.answer.toolCalls);
  return { ok: true, text: text.trim() === textOfBetter(better).trim() ? null : text };
}

const textOfBetter = ({ answer }: Side): string => textOfAnswer(answer.content, answer.toolCalls);

/** JSON text of a list of tools; null for none. A list of anything else is an ordinary column. */
function toolsOf(cell: Cell | undefined, unused: Set<string>): string | null {
  if (cell === undefined) return null;
  const text = textOf(cell);
  const tools = typeof cell.value === 'string' ? parseList(text) : cell.value;
  if (!Array.isArray(tools) || !tools.every((tool) => typeof tool === 'object' && tool !== null)) {
    if (text.trim() !== '') unused.add(cell.name);
    return null;
  }
  return tools.length === 0 ? null : text;
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function rowOf(side: Side, rejected: string | null, tools: string | null): Row {
  const { before, answer } = side;
  const conversation: Conversation = { turns: before, ...(tools === null ? {} : { tools }) };
  const isPlain = before.length === 1 && isSinglePrompt(conversation);
  return {
    prompt: promptOf(before),
    completion: textOfBetter(side),
    ...(rejected === null ? {} : { rejected }),
    ...(isPlain ? {} : { conversation }),
    ...(answer.toolCalls === undefined ? {} : { answerCalls: answer.toolCalls }),
  };
}

const isText = (role: Role): boolean =>
  typeof role === 'number' || role === 'completion' || role === 'system';
const isConverted = ({ value }: Cell): boolean => typeof value !== 'string' && !isTurns(value);
