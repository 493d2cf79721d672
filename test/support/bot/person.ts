import { createNanoCatalog } from '../../../src/executor/nano-catalog.ts';
import { createRng } from '../../../src/lib/rng.ts';
import type { Row } from '../../../src/recipe/types.ts';
import type { LocalMessage } from '../../../src/slack/local-control.ts';
import type { LocalWorkspace } from '../../../src/slack/local-workspace.ts';

export const channel = 'C0TRAINING';
const user = 'U0TREXANA';

/** A person presses again when a card has not changed after this long. */
const patienceMs = 4000;

/**
 * A person who decides by messages, never by time: presses Start, and approves the first node that waits, one at a time,
 * once the bot has said that it waits for nothing else.
 */
export interface PatientPerson {
  threadTs: string;
  /** Number of presses by card: more than one where the bot was dead, or died before the press counted. */
  presses: Map<string, number>;
  /** Presses at most one button. */
  look(): Promise<void>;
  thread(): Promise<LocalMessage[]>;
  /** True when the report is there. */
  hasReport(): Promise<boolean>;
}

/** Asks for a small campaign, with files of a few rows so that a run takes about a second. */
export async function ask(
  workspace: LocalWorkspace,
  rounds: number,
  /** Whether the `nth` node (from 0) may begin yet. */
  mayBegin: (nth: number) => boolean = () => true,
): Promise<PatientPerson> {
  const catalog = createNanoCatalog();
  const rng = createRng(1);
  const file = (name: string, rows: readonly Row[]) => {
    const lines = rows.map(({ prompt, completion }) => JSON.stringify({ prompt, completion }));
    return { name, bytes: new TextEncoder().encode(`${lines.join('\n')}\n`) };
  };
  const request = await workspace.control.upload({
    channel,
    user,
    text: `<@${workspace.botUserId}> fine-tune the small model to turn messy dates into ISO, exact match. Training rows and a clean evaluation file attached, budget 10 hours, ask me every time, one at a time, at most ${rounds} rounds`,
    files: [
      file('dates-train.jsonl', rng.shuffle([...(await catalog.load('date/clean'))]).slice(0, 80)),
      file('dates-eval.jsonl', (await catalog.evaluation('date')).slice(0, 120)),
    ],
  });
  const thread = async (): Promise<LocalMessage[]> =>
    (await workspace.control.messages(channel)).filter(
      (m) => m.thread_ts === request.ts && m.bot_id !== undefined && m.ephemeral_to === undefined,
    );
  const presses = new Map<string, number>();
  const pressedAt = new Map<string, number>();
  // The workspace takes a press whether or not the bot receives it; a card that keeps its buttons shows that it did not.
  const press = async (message: LocalMessage, action: string): Promise<void> => {
    const now = performance.now();
    if (now - (pressedAt.get(message.ts) ?? -patienceMs) < patienceMs) return;
    pressedAt.set(message.ts, now);
    presses.set(message.ts, (presses.get(message.ts) ?? 0) + 1);
    await workspace.control.click({ channel, messageTs: message.ts, user, action });
  };
  return {
    threadTs: request.ts,
    presses,
    thread,
    hasReport: async () => (await thread()).some((m) => JSON.stringify(m).includes('trex reproduce')),
    look: async () => {
      const messages = await thread();
      const brief = messages.find((m) => hasButton(m, 'start:'));
      if (brief !== undefined) return press(brief, 'start:');
      const waits = messages.filter((m) => /still waits? for a yes or no/.test(m.text)).at(-1);
      const first = Number(/#(\d+)/.exec(waits?.text ?? '')?.[1] ?? Number.NaN);
      const card = messages.find((m) => m.text.startsWith(`#${first} `) && hasButton(m, 'approve:'));
      if (card === undefined) return;
      // The first press was Start.
      if (presses.has(card.ts) || mayBegin(presses.size - 1)) await press(card, 'approve:');
    },
  };
}

const hasButton = (message: LocalMessage, action: string): boolean =>
  (message.blocks ?? []).some((block) =>
    (block.elements ?? []).some((element) => element.action_id?.startsWith(action)),
  );
