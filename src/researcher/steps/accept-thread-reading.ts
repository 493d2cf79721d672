import { z } from 'zod';
import { trainingMethods } from '../../campaign/brief.ts';
import { type FreeCommand, orders } from '../../campaign/commands/command.ts';
import { amountIn } from '../../campaign/commands/read-forecast.ts';
import { strategies } from '../../campaign/states.ts';
import type { Wish } from '../../campaign/steering.ts';
import type { ThreadReading } from '../../campaign/thread-reading.ts';
import { cleanAnswer } from '../clean-text.ts';
import type { ThreadInput } from '../port.ts';
import { saysOrder } from './says-order.ts';

const round = z.int().min(0).max(99_999);
const rounds = z.array(round).max(20);
const kinds = {
  methods: z.array(z.enum(trainingMethods)).max(4),
  strategies: z.array(z.enum(strategies)).max(8),
  nodes: rounds,
};

/** The meaning of a message in the thread, as a language model writes it. */
export const ThreadAnswer = z.strictObject({
  meaning: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('wish'),
      ban: z.strictObject(kinds),
      allow: z.strictObject(kinds),
      pin: rounds,
      unpin: rounds,
      weights: z
        .array(z.strictObject({ strategy: z.enum(strategies), weight: z.number().min(0.25).max(4) }))
        .max(4),
      source: z.string().nullable(),
      focus: z.string().nullable(),
    }),
    z.strictObject({
      kind: z.literal('look'),
      at: z.enum(['status', 'summary', 'help', 'show', 'why', 'forecast', 'steering', 'findings']),
      node: round.nullable(),
      against: round.nullable(),
    }),
    z.strictObject({ kind: z.literal('order'), order: z.enum(orders), node: round.nullable() }),
    z.strictObject({ kind: z.literal('question') }),
    z.strictObject({ kind: z.literal('talk') }),
    z.strictObject({ kind: z.literal('unclear'), askBack: z.string().min(1) }),
  ]),
});
export type ThreadAnswer = z.infer<typeof ThreadAnswer>;
type Meaning<K extends ThreadAnswer['meaning']['kind']> = Extract<ThreadAnswer['meaning'], { kind: K }>;

/**
 * A model's reading, held to the person's own words: nodes, sources and topics of steering must occur in them, so that
 * nothing else in the prompt, and nothing invented, can steer.
 */
export function acceptThreadReading(
  { meaning }: ThreadAnswer,
  input: ThreadInput,
): { value: ThreadReading } | { problems: string[] } {
  switch (meaning.kind) {
    case 'wish':
      return acceptWish(meaning, input);
    case 'look':
      return { value: { kind: 'command', command: lookOf(meaning, input) } };
    case 'order': {
      const isNamed = meaning.node !== null && namedRounds(input).has(meaning.node);
      return { value: { kind: 'order', order: meaning.order, node: isNamed ? meaning.node : null } };
    }
    case 'unclear': {
      const askBack = cleanAnswer(meaning.askBack, 240);
      if (!askBack.endsWith('?') || saysOrder(askBack))
        return { problems: ['meaning.askBack: it must be one question, and no order to write'] };
      return { value: { kind: 'unclear', askBack } };
    }
    default:
      return { value: { kind: meaning.kind } };
  }
}

function lookOf({ at, node, against }: Meaning<'look'>, { text }: ThreadInput): FreeCommand {
  switch (at) {
    case 'show':
      return { kind: 'show', node };
    case 'why':
      return { kind: 'why', node, against };
    case 'forecast':
      return { kind: 'forecast', more: amountIn(text.toLowerCase()) };
    default:
      return { kind: at };
  }
}

function acceptWish(
  { kind: _, ...wish }: Meaning<'wish'>,
  input: ThreadInput,
): { value: ThreadReading } | { problems: string[] } {
  const { ban, allow, pin, unpin, weights } = wish;
  const problems: string[] = [];
  const named = namedRounds(input);
  const strange = [...ban.nodes, ...allow.nodes, ...pin, ...unpin].filter((n) => !named.has(n));
  if (strange.length > 0)
    problems.push(`meaning: the message does not name ${strange.map((n) => `#${n}`).join(', ')}`);
  if (wish.source !== null && !isNamedSource(wish.source, input))
    problems.push('meaning.source: the message names no source with this id');
  const focus = wish.focus === null ? null : cleanAnswer(wish.focus, 120);
  const said = wordsOf(saidBy(input));
  const added = [...wordsOf(focus ?? '')].filter((word) => word.length > 3 && !said.has(word));
  if (focus === '' || added.length > 0)
    problems.push(`meaning.focus: use words of the message${added.map((w) => `; not ${w}`).join('')}`);
  const asked = [...Object.values(ban), ...Object.values(allow), pin, unpin, weights].flat();
  if (asked.length === 0 && wish.source === null && focus === null)
    problems.push('meaning: this wish changes nothing; it may be a question, talk or unclear');
  if (problems.length > 0) return { problems };
  return { value: { kind: 'command', command: { kind: 'steer', wish: { ...wish, focus } satisfies Wish } } };
}

const saidBy = ({ text, earlier }: ThreadInput): string => `${earlier?.text ?? ''}\n${text}`;

const wordsOf = (text: string): Set<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

/** Nodes that the person's words name: by number, or as the best. */
function namedRounds(input: ThreadInput): Set<number> {
  const said = saidBy(input);
  const numbers = new Set((said.match(/\d{1,5}/g) ?? []).map(Number));
  if (input.best !== null && /\b(?:best|winner|leader|top)\b/i.test(said)) numbers.add(input.best);
  return numbers;
}

function isNamedSource(id: string, input: ThreadInput): boolean {
  const source = input.sources.find((s) => s.id === id);
  if (source === undefined) return false;
  const said = wordsOf(saidBy(input));
  return [...wordsOf(`${source.id} ${source.title}`)].some((word) => word.length > 2 && said.has(word));
}
