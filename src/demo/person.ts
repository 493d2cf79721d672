import type { LocalControl, LocalMessage } from '../slack/local-control.ts';
import type { DemoFiles } from './demo-data.ts';

export const demoChannel = 'C0TRAINING';
const demoPerson = 'U0TREXANA';
const demoRequest =
  'fine-tune the small model to turn messy dates into ISO. Training rows and a clean evaluation file attached, budget 5 minutes, ask me above 20 seconds a node, 2 at a time';

export interface Person {
  /** Reads the thread and presses the due buttons. Call it repeatedly. */
  look(): Promise<void>;
  readonly threadTs: string;
  readonly approvals: number;
}

/**
 * Acts as one person through the workspace's own interface: posts the request, answers questions with their first
 * button, presses Start, and approves every card that asks for it.
 */
export async function createPerson(
  control: LocalControl,
  botUserId: string,
  files: DemoFiles,
  tell: (line: string) => void,
): Promise<Person> {
  const request = await control.upload({
    channel: demoChannel,
    user: demoPerson,
    text: `<@${botUserId}> ${demoRequest}`,
    files: [files.train, files.evaluation],
  });
  tell(`Ana: @trex ${demoRequest}`);
  const pressed = new Set<string>();
  const approvedAt = new Map<string, number>();
  let approvals = 0;
  const press = async (message: LocalMessage, action: string, label: string): Promise<void> => {
    // A card keeps its message; its buttons change with what it asks.
    const id = `${message.ts}:${action}`;
    if (pressed.has(id)) return;
    pressed.add(id);
    tell(`Ana presses ${label}`);
    await control.click({ channel: demoChannel, messageTs: message.ts, user: demoPerson, action });
  };
  return {
    threadTs: request.ts,
    get approvals() {
      return approvals;
    },
    look: async () => {
      const thread = (await control.messages(demoChannel)).filter((m) => m.thread_ts === request.ts);
      for (const message of thread) {
        const buttons = buttonsOf(message);
        const find = (text: RegExp) => buttons.find((b) => text.test(b.label));
        const start = find(/^start$/i);
        const approve = find(/^approve$/i);
        const reject = find(/^reject$/i);
        const first = buttons[0];
        if (start !== undefined) await press(message, start.action, start.label);
        else if (approve !== undefined && reject !== undefined) {
          // The card is still open some time after the approval: the budget no longer suffices for it.
          const since = approvedAt.get(message.ts);
          if (since !== undefined) {
            if (performance.now() - since > patienceMs) await press(message, reject.action, reject.label);
            continue;
          }
          approvedAt.set(message.ts, performance.now());
          approvals++;
          await press(message, approve.action, approve.label);
        } else if (first !== undefined && isQuestion(buttons))
          await press(message, first.action, first.label);
      }
    },
  };
}

/** How long a card may stay open after its approval. */
const patienceMs = 8000;

interface Button {
  label: string;
  action: string;
}

function buttonsOf(message: LocalMessage): Button[] {
  return (message.blocks ?? []).flatMap((block) =>
    (block.elements ?? []).flatMap((element) =>
      element.type === 'button' && element.action_id !== undefined && typeof element.text === 'object'
        ? [{ label: element.text?.text ?? '', action: element.action_id }]
        : [],
    ),
  );
}

const isQuestion = (buttons: Button[]): boolean => buttons.some((b) => b.action.startsWith('answer:'));
