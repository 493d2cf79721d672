import type { z } from 'zod';
import type { ThinkingCap, ThinkingPurpose, ThinkingTotals } from '../../campaign/thinking.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Thinking } from '../port.ts';
import { answerSchema } from './answer-schema.ts';
import type { Chat, ChatAnswer, ChatMessage } from './client.ts';
import { type Dialect, newestDialect, plainerDialect } from './dialect.ts';
import { isTransient, ModelError } from './model-error.ts';
import { costOfTokens, type TokenPrice } from './price.ts';
import { type Reading, readAnswer } from './read-answer.ts';
import { estimateTokens } from './tokens.ts';

export interface ModelSettings {
  model: string;
  /** Null: not known; tokens are counted all the same. */
  price: TokenPrice | null;
  /** Limit of one call, from request to the end of the answer. */
  timeoutMs: number;
  /** How often a call is retried after a transient failure. */
  retries: number;
  maxOutputTokens: number;
  /** Of one campaign, for both models together. */
  cap: ThinkingCap;
}

/** A question with a typed answer. */
export interface ModelQuestion<Raw, Answer> {
  purpose: ThinkingPurpose;
  /** Name of the schema: letters, digits and underscores. */
  name: string;
  system: string;
  user: string;
  /** Shape of the answer. Objects are strict and without optional members, for structured outputs. */
  schema: z.ZodType<Raw>;
  /**
   * Checks beyond the shape: the answer as we use it, or sentences about its problems, which the model gets to read.
   */
  accept(raw: Raw): { value: Answer } | { problems: string[] };
}

export interface Model {
  /**
   * Asks until an answer is accepted, at most three times.
   * @throws ModelError
   */
  ask<Raw, Answer>(question: ModelQuestion<Raw, Answer>, thinking: Thinking): Promise<Answer>;
}

const maxReasks = 2;
/** Calls that failed before the model saw them. Any other failed call may have been paid for. */
const unpaid = new Set<string>(['unreachable', 'rejected', 'unauthorised', 'rate_limited']);
/** When a server asks for a longer pause than this, the rules do the step. */
const longestWaitMs = 60_000;
/** A rejected answer is shown to the model again, up to this length. */
const shownAnswerCharacters = 6_000;

/** A model behind a server. Remembers, as long as it lives, which dialect the server understands. */
export function createModel(
  chat: Chat,
  settings: ModelSettings,
  { clock, stop }: { clock: Clock; stop?: AbortSignal },
): Model {
  let dialect: Dialect = newestDialect;
  /** The server accepted the schema but did not keep to it, so the prompt states it as well. */
  let spellsOut = false;

  const once = async (
    question: ModelQuestion<unknown, unknown>,
    messages: ChatMessage[],
    { thinking, dialect }: { thinking: Thinking; dialect: Dialect },
  ): Promise<ChatAnswer> => {
    const { model, price, maxOutputTokens, timeoutMs } = settings;
    const sent = messages.map((m) => m.content).join('\n');
    // No tokenizer counts more than twice the estimate.
    const most = { inputTokens: 2 * estimateTokens(sent), outputTokens: maxOutputTokens };
    if (!isWithin(settings.cap, await thinking.spent(), most, costOfTokens(price, most)))
      throw new ModelError('cap_reached');
    const startedAt = clock.now().getTime();
    const record = (outcome: string, answer: ChatAnswer | null): Promise<void> => {
      const tokens =
        answer?.usage ??
        (unpaid.has(outcome)
          ? { inputTokens: 0, outputTokens: 0 }
          : { inputTokens: estimateTokens(sent), outputTokens: estimateTokens(answer?.text ?? '') });
      return thinking.record({
        purpose: question.purpose,
        model,
        outcome,
        ...tokens,
        estimated: answer?.usage == null && !unpaid.has(outcome),
        usd: costOfTokens(price, tokens),
        seconds: (clock.now().getTime() - startedAt) / 1000,
      });
    };
    try {
      const answer = await chat(
        {
          model,
          messages,
          schema: answerSchema(question.schema),
          name: question.name,
          maxOutputTokens,
          timeoutMs,
          dialect,
        },
        stop,
      );
      await record(answer.refused ? 'refused' : 'answered', answer);
      return answer;
    } catch (error) {
      if (error instanceof ModelError) await record(error.code, null);
      throw error;
    }
  };

  /**
   * One answer: in a plainer dialect for a server that names what it does not know, and again after transient failures.
   */
  const persistently = async (
    question: ModelQuestion<unknown, unknown>,
    messages: ChatMessage[],
    thinking: Thinking,
  ): Promise<ChatAnswer> => {
    let spoken = dialect;
    for (let failures = 0; ; ) {
      try {
        const inFull = spellsOut || spoken.format !== 'schema';
        const sent = inFull ? withSchema(messages, question.schema) : messages;
        const answer = await once(question, sent, { thinking, dialect: spoken });
        // A dialect is kept only once the server has answered in it.
        dialect = spoken;
        return answer;
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        if (error.code === 'rejected') {
          spoken = plainerOrThrow(spoken, error, settings.cap);
          continue;
        }
        const waitMs = error.retryAfterMs ?? 500 * 2 ** failures;
        if (!isTransient(error) || failures >= settings.retries || waitMs > longestWaitMs) throw error;
        failures += 1;
        await clock.sleep(waitMs, stop);
        if (stop?.aborted) throw new ModelError('stopping');
      }
    }
  };

  return {
    ask: async (question, thinking) => {
      const messages: ChatMessage[] = [
        { role: 'system', content: question.system },
        { role: 'user', content: question.user },
      ];
      const said: ChatMessage[] = [];
      let problems: string[] = [];
      for (let asked = 0; asked <= maxReasks; asked++) {
        const answer = await persistently(
          question as ModelQuestion<unknown, unknown>,
          [...messages, ...said],
          thinking,
        );
        if (answer.refused) throw new ModelError('refused');
        const read = judge(answer, question);
        if ('value' in read) return read.value;
        if (answer.finish === 'length') throw new ModelError('too_long');
        if (!read.foundJson) spellsOut = true;
        problems = read.problems;
        said.length = 0;
        said.push({ role: 'assistant', content: answer.text.slice(0, shownAnswerCharacters) || '(nothing)' });
        said.push({ role: 'user', content: complaint(problems) });
      }
      throw new ModelError('bad_answer', { detail: problems.join(' ') });
    },
  };
}

/** The dialect to try next. An answer without a limit could cost anything, so that none is sent while a cap is set. */
function plainerOrThrow(spoken: Dialect, error: ModelError, cap: ThinkingCap): Dialect {
  const plainer = plainerDialect(spoken, error.parameter ?? error.detail);
  if (plainer === null) throw error;
  if (plainer.limit === null && spoken.limit !== null && (cap.tokens !== null || cap.usd !== null))
    throw new ModelError('no_limit', { detail: error.detail });
  return plainer;
}

/** True when the cap allows another call of at most this cost. Calls of one campaign are made one after the other. */
function isWithin(
  cap: ThinkingCap,
  spent: ThinkingTotals,
  most: { inputTokens: number; outputTokens: number },
  maxUsd: number | null,
): boolean {
  const tokens = spent.inputTokens + spent.outputTokens + most.inputTokens + most.outputTokens;
  if (cap.tokens !== null && tokens > cap.tokens) return false;
  return cap.usd === null || (maxUsd !== null && spent.usd + maxUsd <= cap.usd);
}

function judge<Raw, Answer>(answer: ChatAnswer, question: ModelQuestion<Raw, Answer>): Reading<Answer> {
  const read = readAnswer(answer.text, question.schema);
  if (!('value' in read)) return read;
  const judged = question.accept(read.value);
  return 'value' in judged ? judged : { ...judged, foundJson: true };
}

const complaint = (problems: string[]): string =>
  [
    'That answer cannot be used:',
    ...problems.map((problem) => `- ${problem}`),
    'Answer again with one JSON object, with these points mended.',
  ].join('\n');

/** For servers that do not enforce a schema by themselves. */
function withSchema(messages: ChatMessage[], schema: z.ZodType): ChatMessage[] {
  const rule = `Answer with one JSON object and nothing else. Its JSON schema:\n${JSON.stringify(answerSchema(schema))}`;
  return messages.map((m) => (m.role === 'system' ? { ...m, content: `${m.content}\n\n${rule}` } : m));
}
