import type { ToolCall, Turn, TurnRole } from '../../scoring/types.ts';
import { spaceJson } from './raw-json.ts';
import { itemsOf, memberOf, textOf, type Written } from './record.ts';

/** Turns of a chat, or its problem in words that follow the name of its column. */
export type ReadTurns = { ok: true; turns: Turn[] } | { ok: false; problem: string };

/** Names of roles as OpenAI, ShareGPT, Gemma and Llama write them. */
const roles: Record<string, TurnRole> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  model: 'assistant',
  gpt: 'assistant',
  chatgpt: 'assistant',
  bot: 'assistant',
  tool: 'tool',
  function: 'tool',
  ipython: 'tool',
  observation: 'tool',
  function_response: 'tool',
};
/** ShareGPT writes a call as a turn of its own. */
const callRole = 'function_call';

const known = new Set(
  'role from content value tool_calls function_call tool_call_id name weight train'.split(' '),
);

/** Whether a value is a list of turns, with `role` and `content` or ShareGPT's `from` and `value`. */
export const isTurns = (value: unknown): value is object[] =>
  Array.isArray(value) &&
  value.some((turn) => typeof turn === 'object' && turn !== null && ('role' in turn || 'from' in turn));

/** Reads a list of turns. Adds keys of turns that are not read to `unused`. */
export function readTurns(list: Written, unused: Set<string>): ReadTurns {
  const turns: Turn[] = [];
  for (const item of itemsOf(list)) {
    const read = readTurn(item, unused);
    if (typeof read === 'string') return { ok: false, problem: read };
    turns.push(read);
  }
  return { ok: true, turns };
}

function readTurn(turn: Written, unused: Set<string>): Turn | string {
  const { value } = turn;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'holds a turn that is no object';
  for (const key of Object.keys(value)) if (!known.has(key)) unused.add(key);
  const named = String(memberOf(turn, 'role')?.value ?? memberOf(turn, 'from')?.value ?? '').toLowerCase();
  const role = named === callRole ? 'assistant' : roles[named];
  if (role === undefined)
    return named === '' ? 'holds a turn without a role' : `holds a turn of \`${named}\``;
  const calls = readCalls(turn, named);
  if (typeof calls === 'string') return calls;
  const said = memberOf(turn, 'content') ?? memberOf(turn, 'value');
  const content = named === callRole ? '' : contentOf(said);
  if (content === null) return 'holds a turn with a part that is not text';
  if (content === undefined && calls.length === 0) return 'holds a turn without text';
  const answered = memberOf(turn, 'tool_call_id');
  const tool = role === 'tool' ? memberOf(turn, 'name') : undefined;
  return {
    role,
    content: content ?? '',
    ...(calls.length > 0 ? { toolCalls: calls } : {}),
    ...(answered === undefined ? {} : { toolCallId: textOf(answered) }),
    ...(tool === undefined ? {} : { name: textOf(tool) }),
    ...(isHeldBack(turn) ? { weight: 0 } : {}),
  };
}

/** `"weight": 0` or `"train": false` on a turn. */
const isHeldBack = (turn: Written): boolean =>
  memberOf(turn, 'weight')?.value === 0 || memberOf(turn, 'train')?.value === false;

/** Content is text or a list of parts; null for a part that is not text (a picture), undefined where there is none. */
function contentOf(said: Written | undefined): string | null | undefined {
  if (said === undefined) return undefined;
  if (!Array.isArray(said.value)) return textOf(said);
  let text = '';
  for (const part of said.value as unknown[]) {
    const piece = typeof part === 'object' && part !== null ? (part as Record<string, unknown>).text : part;
    if (typeof piece !== 'string') return null;
    text += piece;
  }
  return text;
}

function readCalls(turn: Written, named: string): ToolCall[] | string {
  if (named === callRole) {
    const text = textOf(
      memberOf(turn, 'value') ?? memberOf(turn, 'content') ?? { value: '', text: () => '' },
    );
    const call = callOf({ value: parse(text), text: () => text });
    return typeof call === 'string' ? call : [call];
  }
  const list = memberOf(turn, 'tool_calls');
  if (list !== undefined && !Array.isArray(list.value)) return 'has `tool_calls` that are no list';
  const single = memberOf(turn, 'function_call');
  const calls = [...(list === undefined ? [] : itemsOf(list)), ...(single === undefined ? [] : [single])];
  const read: ToolCall[] = [];
  for (const call of calls) {
    const one = callOf(call);
    if (typeof one === 'string') return one;
    read.push(one);
  }
  return read;
}

/** `{id, function: {name, arguments}}` or `{name, arguments}`; arguments are an object, or its JSON text. */
function callOf(call: Written): ToolCall | string {
  if (typeof call.value !== 'object' || call.value === null) return 'holds a tool call that is no object';
  const id = memberOf(call, 'id');
  const body = memberOf(call, 'function') ?? call;
  const name = typeof body.value === 'object' ? memberOf(body, 'name') : undefined;
  if (typeof name?.value !== 'string') return 'holds a tool call without a name';
  const given = memberOf(body, 'arguments') ?? memberOf(body, 'parameters');
  const text = given === undefined ? '{}' : textOf(given);
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `calls \`${name.value}\` with arguments that are no JSON object`;
  return { ...(id === undefined ? {} : { id: textOf(id) }), name: name.value, arguments: spaceJson(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
