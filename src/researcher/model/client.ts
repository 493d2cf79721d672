import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { readRetryAfter } from '../../lib/retry-after.ts';
import { withoutSecrets } from '../clean-text.ts';
import { classifyRefusal } from './classify-refusal.ts';
import type { Dialect } from './dialect.ts';
import { ModelError } from './model-error.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface ChatCall {
  model: string;
  messages: ChatMessage[];
  /** JSON schema of the answer, and its name; used as far as the dialect supports it. */
  schema: { [key: string]: unknown };
  name: string;
  maxOutputTokens: number;
  timeoutMs: number;
  dialect: Dialect;
}

export interface ChatAnswer {
  text: string;
  /** Null: the server did not say how the answer ended. */
  finish: string | null;
  refused: boolean;
  /** Null: the server did not count. */
  usage: { inputTokens: number; outputTokens: number } | null;
}

/**
 * One request to a server, streamed, so that a break is seen as one. Never tries again by itself.
 * @throws ModelError
 */
export type Chat = (call: ChatCall, stop?: AbortSignal) => Promise<ChatAnswer>;

/** Answers longer than this are cut off: no answer that we ask for is nearly as long. */
const maxCharacters = 400_000;

/**
 * Keeps error texts without OpenAI's `error` around them (FastAPI's `detail`, vLLM's `message`), which the package
 * drops.
 */
class Client extends OpenAI {
  protected override makeStatusError(
    status: number,
    body: object,
    message: string | undefined,
    headers: Headers,
  ): APIError {
    const isBare = body !== null && typeof body === 'object' && !('error' in body);
    return super.makeStatusError(status, isBare ? { error: body } : body, message, headers);
  }
}

/** A server that speaks Chat Completions: OpenAI's, or any that is compatible. The only user of the openai package. */
export function createChat(access: { baseUrl: string; apiKey: string | null }): Chat {
  const client = new Client({
    baseURL: access.baseUrl,
    // Local servers need no key; the package insists on some text.
    apiKey: access.apiKey ?? 'none',
    // Given, so that the package does not look for them in the environment.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    // Our requests are for the configured server alone.
    fetchOptions: { redirect: 'error' },
    // Its own messages may hold headers and bodies.
    logLevel: 'off',
  });
  const secret = access.apiKey;
  return async (call, stop) => {
    const late = AbortSignal.timeout(call.timeoutMs);
    const signal = stop === undefined ? late : AbortSignal.any([late, stop]);
    let begun = false;
    try {
      const stream = await client.chat.completions.create(bodyOf(call), {
        signal,
        timeout: call.timeoutMs,
      });
      begun = true;
      const answer = await collect(stream);
      // The package ends an aborted stream as if it had come to its end.
      signal.throwIfAborted();
      if (answer.finish === null && !/\}[\s`]*$/.test(answer.text)) throw new ModelError('cut_off');
      return answer;
    } catch (error) {
      if (stop?.aborted) throw new ModelError('stopping');
      if (late.aborted) throw new ModelError('timeout');
      throw toModelError(error, begun, secret);
    }
  };
}

function bodyOf({ model, messages, schema, name, maxOutputTokens, dialect }: ChatCall) {
  return {
    model,
    messages: dialect.systemRole ? messages : withoutSystem(messages),
    stream: true as const,
    ...(dialect.streamUsage ? { stream_options: { include_usage: true } } : {}),
    ...(dialect.limit === null ? {} : { [dialect.limit]: maxOutputTokens }),
    ...(dialect.format === 'schema'
      ? { response_format: { type: 'json_schema' as const, json_schema: { name, schema, strict: true } } }
      : dialect.format === 'json'
        ? { response_format: { type: 'json_object' as const } }
        : {}),
  };
}

/** Instructions in front of the first message, for servers without a role for them. */
function withoutSystem(messages: ChatMessage[]): ChatMessage[] {
  const rules = messages.filter((m) => m.role === 'system').map((m) => m.content);
  const [first, ...rest] = messages.filter((m) => m.role !== 'system');
  const content = [...rules, ...(first === undefined ? [] : [first.content])].join('\n\n');
  return [{ role: 'user', content }, ...rest];
}

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<ChatAnswer> {
  const answer: ChatAnswer = { text: '', finish: null, refused: false, usage: null };
  let refusal = '';
  for await (const chunk of stream) {
    const choice = chunk.choices?.[0];
    answer.text += textOf(choice?.delta?.content);
    refusal += choice?.delta?.refusal ?? '';
    answer.finish = choice?.finish_reason ?? answer.finish;
    if (chunk.usage) {
      answer.usage = usageOf(chunk.usage.prompt_tokens, chunk.usage.completion_tokens);
    }
    if (answer.text.length > maxCharacters) throw new ModelError('too_long');
  }
  answer.refused = refusal !== '' || answer.finish === 'content_filter';
  return answer;
}

/**
 * The text of a piece of an answer. Some servers and proxies send a list of parts instead; parts that hold reasoning or
 * anything else do not belong to the answer.
 */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => {
      if (typeof part === 'string') return part;
      const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown };
      return (type === undefined || type === 'text' || type === 'output_text') && typeof text === 'string'
        ? text
        : '';
    })
    .join('');
}

/** Invalid counts, such as -1, are ignored. */
function usageOf(inputTokens: unknown, outputTokens: unknown): ChatAnswer['usage'] {
  const isCount = (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < 1e9;
  return isCount(inputTokens) && isCount(outputTokens) ? { inputTokens, outputTokens } : null;
}

function toModelError(error: unknown, begun: boolean, secret: string | null): ModelError {
  if (error instanceof ModelError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const withoutKey = secret === null ? message : message.replaceAll(secret, '[secret]');
  const detail = withoutSecrets(withoutKey).slice(0, 500);
  // After the first byte everything that breaks is a broken answer: `TypeError: terminated`, half a line of JSON.
  if (begun && !(error instanceof APIError && error.status !== undefined))
    return new ModelError('cut_off', { detail });
  if (error instanceof APIConnectionTimeoutError) return new ModelError('timeout', { detail });
  if (error instanceof APIUserAbortError || !(error instanceof APIError) || error.status === undefined) {
    return new ModelError('unreachable', { detail });
  }
  const { status, headers } = error;
  const wait = { detail, retryAfterMs: retryAfterMs(headers) };
  if (status === 408 || status === 409 || status >= 500) return new ModelError('server_error', wait);
  const code = classifyRefusal({ status, message: [error.code, error.param, detail].join(' ') });
  // An empty account answers 429 as well; waiting does not fill it.
  if (status === 429 && code !== 'no_credit') return new ModelError('rate_limited', wait);
  return new ModelError(code, { detail, parameter: error.param ?? null });
}

const retryAfterMs = (headers: Headers | undefined): number | null =>
  readRetryAfter((name) => headers?.get(name), new Date());
