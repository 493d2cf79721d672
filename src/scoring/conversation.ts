import type { Conversation, ToolCall, Turn } from './types.ts';

/** A call as one line of text: `{"name": "weather", "arguments": {"city": "Oslo"}}`. */
export const textOfCall = ({ name, arguments: given }: ToolCall): string =>
  `{"name": ${JSON.stringify(name)}, "arguments": ${given}}`;

/** The text of an assistant turn, then a line for each of its calls. */
export const textOfAnswer = (content: string, calls: readonly ToolCall[] = []): string =>
  [...(content === '' ? [] : [content]), ...calls.map(textOfCall)].join('\n');

/** One question, with a system turn before it or without. */
const isQuestion = (turns: readonly Turn[]): boolean =>
  turns.at(-1)?.role === 'user' &&
  (turns.length === 1 || (turns.length === 2 && turns[0]?.role === 'system'));

/** Whether a single prompt can hold the conversation: one question, no tools. A system turn is then part of the prompt. */
export const isSinglePrompt = ({ turns, tools }: Conversation): boolean =>
  tools === undefined && isQuestion(turns);

/**
 * The turns before an answer as text: a single question as it is, a system turn above it with an empty line between;
 * several turns as a line of `role: text` each.
 */
export const promptOf = (turns: readonly Turn[]): string =>
  isQuestion(turns) ? turns.map(({ content }) => content).join('\n\n') : turns.map(lineOf).join('\n');

const lineOf = ({ role, content, toolCalls }: Turn): string => `${role}: ${textOfAnswer(content, toolCalls)}`;
