import {
  type ChatCompletionRequest,
  type FixtureOpts,
  type FixtureResponse,
  LLMock,
} from '@copilotkit/aimock';
import type { ThinkingCall, ThinkingTotals } from '../../../src/campaign/thinking.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createModel, type Model, type ModelSettings } from '../../../src/researcher/model/ask.ts';
import { createChat } from '../../../src/researcher/model/client.ts';
import type { Thinking } from '../../../src/researcher/port.ts';

export type ModelRequest = ChatCompletionRequest;
export type ModelReply = FixtureResponse;

/** A real server on loopback that speaks Chat Completions and answers with the results of a function. */
export interface MockModel {
  /** Base address for clients, as in OPENAI_BASE_URL. */
  baseUrl: string;
  /** Bodies of the requests so far. */
  requests: ModelRequest[];
  stop(): Promise<void>;
}

export const mockKey = 'sk-test-0123456789abcdefghij';

/** @param answer called for every request with its body and the number of requests before it */
export async function startMockModel(
  answer: (request: ModelRequest, index: number) => ModelReply | Promise<ModelReply>,
  options: FixtureOpts = {},
): Promise<MockModel> {
  const server = new LLMock({ port: 0, logLevel: 'silent', strict: true });
  const requests: ModelRequest[] = [];
  server.on(
    { predicate: () => true },
    async (request) => answer(request, requests.push(request) - 1),
    options,
  );
  await server.start();
  return { baseUrl: `${server.url}/v1`, requests, stop: () => server.stop() };
}

export const usage = (input: number, output: number) => ({
  usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
});

/** The text of the last message of a request: the question, or the complaint about an answer. */
export const lastText = (request: ModelRequest): string => String(request.messages.at(-1)?.content ?? '');

export function modelAt(baseUrl: string, over: Partial<ModelSettings> = {}, stop?: AbortSignal): Model {
  return createModel(
    createChat({ baseUrl, apiKey: mockKey }),
    {
      model: 'test-model',
      price: { inputUsd: 1, outputUsd: 10 },
      timeoutMs: 5000,
      retries: 2,
      maxOutputTokens: 1000,
      cap: { tokens: null, usd: null },
      ...over,
    },
    { clock: systemClock, ...(stop === undefined ? {} : { stop }) },
  );
}

/** An account that keeps all records of model calls. */
export function createAccount(): Thinking & { calls: ThinkingCall[]; fallbacks: string[] } {
  const calls: ThinkingCall[] = [];
  const fallbacks: string[] = [];
  return {
    calls,
    fallbacks,
    spent: async (): Promise<ThinkingTotals> => ({
      calls: calls.length,
      inputTokens: calls.reduce((sum, c) => sum + c.inputTokens, 0),
      outputTokens: calls.reduce((sum, c) => sum + c.outputTokens, 0),
      usd: calls.reduce((sum, c) => sum + (c.usd ?? 0), 0),
      unpricedCalls: calls.filter((c) => c.usd === null).length,
    }),
    record: async (call) => {
      calls.push(call);
    },
    fellBack: async (purpose, code) => {
      fallbacks.push(`${purpose}: ${code}`);
    },
  };
}
