type Chat = { ok: true; prompt: string; completion: string } | { ok: false; problem: string };

const assistants = new Set(['assistant', 'model', 'gpt', 'bot']);

/**
 * Turns a chat (`role`/`content`, or ShareGPT's `from`/`value`) into one example: the last assistant turn is the
 * completion. A single turn before it is the prompt as it stands; several become lines of `role: text`.
 */
export function readChat(value: unknown, key: string): Chat {
  if (value === undefined || value === null) return { ok: false, problem: `missing \`${key}\`` };
  if (!Array.isArray(value)) return { ok: false, problem: `\`${key}\` is not a list of turns` };
  const turns: { role: string; text: string }[] = [];
  for (const turn of value as unknown[]) {
    const read = readTurn(turn);
    if (read === null) return { ok: false, problem: `\`${key}\` holds a turn without text` };
    turns.push(read);
  }
  const last = turns.findLastIndex((turn) => assistants.has(turn.role));
  if (last < 0) return { ok: false, problem: `\`${key}\` has no assistant turn` };
  const before = turns.slice(0, last).filter((turn) => turn.text.trim() !== '');
  if (before.length === 0) return { ok: false, problem: `\`${key}\` has nothing before the assistant turn` };
  const completion = turns[last]?.text ?? '';
  if (completion.trim() === '') return { ok: false, problem: 'empty assistant turn' };
  const prompt =
    before.length === 1
      ? (before[0]?.text ?? '')
      : before.map((turn) => `${turn.role}: ${turn.text}`).join('\n');
  return { ok: true, prompt, completion };
}

/** The last assistant turn of a list of turns; null when there is none with text. */
export function lastAnswer(value: unknown[]): string | null {
  const turns = value.map(readTurn);
  const text = turns.findLast((turn) => turn !== null && assistants.has(turn.role))?.text ?? '';
  return text.trim() === '' ? null : text;
}

function readTurn(turn: unknown): { role: string; text: string } | null {
  if (typeof turn !== 'object' || turn === null) return null;
  const { role, from, content, value } = turn as Record<string, unknown>;
  const name = typeof role === 'string' ? role : from;
  const text = textOfContent(content ?? value);
  return typeof name === 'string' && text !== null ? { role: name.toLowerCase(), text } : null;
}

/** Content is text or a list of parts; a part that is not text (a picture) makes the turn unusable. */
function textOfContent(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  let text = '';
  for (const part of content as unknown[]) {
    const piece = typeof part === 'object' && part !== null ? (part as Record<string, unknown>).text : part;
    if (typeof piece !== 'string') return null;
    text += piece;
  }
  return text;
}
