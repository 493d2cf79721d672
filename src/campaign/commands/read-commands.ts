import { type Command, changesSomething, isOrder } from './command.ts';
import { readControl } from './read-control.ts';
import { readDecision, readShip } from './read-decision.ts';
import { readGain, readLooks, readSetWords, readWhy } from './read-looks.ts';
import { readAskLine, readBudget, readPrice } from './read-money.ts';
import { joinWishes, readFocus, readSource, readWeight, readWishes } from './read-steering.ts';
import { readTalk } from './read-talk.ts';
import type { Problem, Reader } from './reader.ts';
import { markAmounts } from './said.ts';
import { maxCommandCharacters, mendSlips, plainText, tidy } from './tidy.ts';

/** The reading of a message that is addressed to the bot. */
export interface Heard {
  /** Commands in order; empty when the message does not consist of commands alone: then nothing is done. */
  commands: Command[];
  /** Commands in the message that are not carried out: they are asked, or stand beside words that could not be read. */
  unheard: Command[];
  /** The mistake and what to write instead; null when everything was read, and when nothing resembles a command. */
  problem: string | null;
}

const nothing: Heard = { commands: [], unheard: [], problem: null };

/** Sentences of set words and slots. The order matters where two could read the same sentence. */
const closed: Reader[] = [
  readControl,
  readPrice,
  readGain,
  readBudget,
  readAskLine,
  readWishes,
  readDecision,
  readShip,
  readLooks,
  readWeight,
  readSource,
];
/** Sentences that end in a person's own words. */
const open: Reader[] = [readWhy, readFocus];

function readOne(text: string, readers: readonly Reader[]): Command | Problem | null {
  const tries = new Set([text, mendSlips(text)]);
  for (const one of tries) {
    const said = markAmounts(one);
    for (const read of readers) {
      const found = read(said);
      if (found !== null) return found;
    }
  }
  return null;
}

const separator = /\s*(?:,\s+(?:and\s+|then\s+)*|;\s*|[.!]\s+|\s(?:and then|then|and|&)\s+)/;
const maxParts = 5;

/**
 * Reads a message that is addressed to the bot: one command, or a short list of them. It has to be the whole message;
 * words that are negated, asked, quoted, conditional or about somebody are not read. Repairs one-letter slips.
 */
export function readCommands(raw: string): Heard {
  const plain = plainText(raw);
  if (plain.length > maxCommandCharacters) return nothing;
  const talk = readOne(plain.replace(/[\s!?.,]+$/, ''), [readTalk]);
  if (talk !== null) return heard([talk], false);
  const { text, isAsked } = tidy(plain);
  if (text === '') return nothing;
  const whole = readOne(text, closed);
  if (whole !== null) return heard([whole], isAsked);
  const parts = text.split(separator).map((part) => tidy(part).text);
  if (parts.length > 1 && parts.length <= maxParts) {
    const read = parts.map((part) => readOne(part, [...closed, ...open, readTalk]));
    const found = read.filter((one) => one !== null);
    if (found.length === parts.length) return heard(found, isAsked);
    const unheard = found.filter((one): one is Command => !('problem' in one));
    const order = parts.findIndex((_, i) => isCommand(read[i]) && isOrder(read[i] as Command));
    const unread = parts.find((_, i) => read[i] === null);
    if (order >= 0) {
      const problem = `I understand \`${parts[order]}\`, but not "${unread}" beside it, and do only what I understand wholly. Nothing was changed.`;
      return { commands: [], unheard, problem };
    }
  }
  const free = readOne(text, open);
  return free === null ? nothing : heard([free], isAsked);
}

const isCommand = (one: Command | Problem | null | undefined): boolean => one != null && !('problem' in one);

function heard(found: readonly (Command | Problem)[], isAsked: boolean): Heard {
  const commands = found.filter((one): one is Command => !('problem' in one));
  const problem = found.find((one): one is Problem => 'problem' in one);
  if (problem !== undefined)
    return { commands: [], unheard: commands, problem: `${problem.problem} Nothing was changed.` };
  if (isAsked && commands.some(changesSomething))
    return {
      commands: [],
      unheard: commands,
      problem:
        'That is a question, and I do nothing on a question. If you mean it, say it without the question mark.',
    };
  return { ...nothing, commands: commands.reduce(joinAlike, []) };
}

/**
 * The steering in one message is judged together: each part alone may leave a choice that all of them exclude. Thanks
 * are answered once.
 */
function joinAlike(before: Command[], next: Command): Command[] {
  const last = before.at(-1);
  if (last?.kind === 'thanks' && next.kind === 'thanks') return before;
  if (last?.kind !== 'steer' || next.kind !== 'steer') return [...before, next];
  return [...before.slice(0, -1), { kind: 'steer', wish: joinWishes(last.wish, next.wish) }];
}

/**
 * Read-only commands that are answered in a campaign's thread although nobody addressed the bot: in their set words,
 * with nothing else in the message. Never a command that changes, costs or stops something.
 */
export function readSetWord(raw: string): Command | null {
  const plain = plainText(raw).replace(/[\s.!?]+$/, '');
  const read = plain.length > maxCommandCharacters ? null : readSetWords(markAmounts(plain));
  return read === null || 'problem' in read ? null : read;
}
