import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ModelQuestion, ModelSettings } from '../../src/researcher/model/ask.ts';
import { ModelError } from '../../src/researcher/model/model-error.ts';
import {
  createAccount,
  lastText,
  type MockModel,
  type ModelReply,
  type ModelRequest,
  mockKey,
  modelAt,
  startMockModel,
  usage,
} from '../support/model/mock-model.ts';

const Plan = z.strictObject({ rate: z.number().positive(), why: z.string() });
type Plan = z.infer<typeof Plan>;
const right = JSON.stringify({ rate: 0.001, why: 'a start' });

const question: ModelQuestion<Plan, Plan> = {
  purpose: 'propose',
  name: 'plan',
  system: 'You plan.',
  user: 'Plan.',
  schema: Plan,
  accept: (plan) => (plan.rate < 1 ? { value: plan } : { problems: ['rate: must be below 1'] }),
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(
  answer: (request: ModelRequest, index: number) => ModelReply,
  options?: Parameters<typeof startMockModel>[1],
): Promise<MockModel> {
  const mock = await startMockModel(answer, options);
  closers.push(mock.stop);
  return mock;
}

/** A server of raw bytes, for what a well-behaved one never sends. */
async function serveRaw(
  handle: (body: string, response: ServerResponse, index: number) => void,
): Promise<string> {
  let count = 0;
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => handle(body, response, count++));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

async function ask(baseUrl: string, over: Partial<ModelSettings> = {}) {
  const account = createAccount();
  const outcome = await modelAt(baseUrl, over)
    .ask(question, account)
    .catch((error: unknown) => error);
  return { outcome, account };
}

const codeOf = (outcome: unknown): unknown => (outcome instanceof ModelError ? outcome.code : outcome);

describe('an answer', () => {
  test('comes through structured outputs, streamed, with its tokens and dollars', async () => {
    const mock = await serve(() => ({ content: right, ...usage(1000, 50) }));
    const { outcome, account } = await ask(mock.baseUrl);
    expect(outcome).toEqual({ rate: 0.001, why: 'a start' });
    const [request] = mock.requests;
    expect(request?.stream).toBe(true);
    expect(request?.max_completion_tokens).toBe(1000);
    expect(request?.response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { name: 'plan', strict: true, schema: { additionalProperties: false } },
    });
    expect(account.calls).toHaveLength(1);
    expect(account.calls[0]).toMatchObject({
      purpose: 'propose',
      model: 'test-model',
      outcome: 'answered',
      inputTokens: 1000,
      outputTokens: 50,
      estimated: false,
      usd: 0.0015,
    });
  });

  const wrapped: [string, string][] = [
    ['in a fence', `Here it is:\n\`\`\`json\n${right}\n\`\`\`\nGood luck!`],
    ['after reasoning in tags', `<think>maybe {"rate": 5, "why": "too much"}? no.</think>\n${right}`],
    ['after reasoning without an opening tag', `{"rate": 9, "why": "x"} hmm </think> ${right}`],
    ['after a draft in prose', `First {"rate": 0.5} came to mind, then {braces}. Result: ${right}`],
    ['between other objects', `{"note": "ignore"} ${right}`],
  ];
  test.each(wrapped)('is found %s', async (_, content) => {
    const mock = await serve(() => ({ content }));
    expect((await ask(mock.baseUrl)).outcome).toEqual({ rate: 0.001, why: 'a start' });
    expect(mock.requests).toHaveLength(1);
  });

  test('without counts of the server is counted by its length, and says so', async () => {
    const url = await serveRaw((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`${chunk({ content: right })}${chunk({}, 'stop')}data: [DONE]\n\n`);
    });
    const { outcome, account } = await ask(url);
    expect(outcome).toMatchObject({ rate: 0.001 });
    expect(account.calls[0]?.estimated).toBe(true);
    expect(account.calls[0]?.outputTokens).toBe(Math.ceil(right.length / 3));
    expect(account.calls[0]?.inputTokens).toBeGreaterThan(0);
  });

  test('in a list of parts is the text of its parts, without the reasoning', async () => {
    const url = await serveRaw((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const thought = { type: 'thinking', thinking: [{ type: 'text', text: '{"rate": 9}' }] };
      const parts = [thought, { type: 'text', text: right.slice(0, 9) }, right.slice(9), null, 7];
      response.end(`${chunk({ content: parts })}${chunk({}, 'stop')}data: [DONE]\n\n`);
    });
    expect((await ask(url)).outcome).toEqual({ rate: 0.001, why: 'a start' });
  });

  test('with counts that are none is counted by its length', async () => {
    const mock = await serve(() => ({ content: right, ...usage(-1, 5) }));
    const { account } = await ask(mock.baseUrl);
    expect(account.calls[0]?.estimated).toBe(true);
    expect(account.calls[0]?.inputTokens).toBeGreaterThan(0);
  });

  test('of nothing but braces does not take long to find empty', async () => {
    const mock = await serve(() => ({ content: '{['.repeat(50_000) }), { chunkSize: 20_000 });
    const startedAt = performance.now();
    expect(codeOf((await ask(mock.baseUrl)).outcome)).toBe('bad_answer');
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test('of a model without a price has tokens and no dollars', async () => {
    const mock = await serve(() => ({ content: right, ...usage(10, 5) }));
    const { account } = await ask(mock.baseUrl, { price: null });
    expect(account.calls[0]).toMatchObject({ inputTokens: 10, outputTokens: 5, usd: null });
  });
});

describe('a wrong answer', () => {
  const wrong: [string, string, RegExp][] = [
    ['of another shape', '{"rate": "fast", "why": "x"}', /rate/],
    ['with members nobody asked for', '{"rate": 0.1, "why": "x", "also": 1}', /also/],
    ['that the guards refuse', '{"rate": 3, "why": "x"}', /below 1/],
    ['without JSON', 'I would rather not say.', /no complete JSON/],
    ['cut in the middle', '{"rate": 0.1, "why": "x', /no complete JSON/],
  ];
  test.each(wrong)('%s goes back with what is wrong', async (_, content, complaint) => {
    const mock = await serve((__, index) => ({ content: index === 0 ? content : right }));
    const { outcome, account } = await ask(mock.baseUrl);
    expect(outcome).toMatchObject({ rate: 0.001 });
    expect(mock.requests).toHaveLength(2);
    expect(lastText(mock.requests[1] as ModelRequest)).toMatch(complaint);
    expect(mock.requests[1]?.messages.at(-2)).toMatchObject({ role: 'assistant', content });
    expect(account.calls).toHaveLength(2);
  });

  test('three times in a row is an error, and every call was counted', async () => {
    const mock = await serve(() => ({ content: '{"rate": 3, "why": "x"}', ...usage(100, 10) }));
    const { outcome, account } = await ask(mock.baseUrl);
    expect(codeOf(outcome)).toBe('bad_answer');
    expect(mock.requests).toHaveLength(3);
    expect((await account.spent()).inputTokens).toBe(300);
  });

  test('does not make the prompt grow: only the last try is shown again', async () => {
    const mock = await serve(() => ({ content: 'no' }));
    await ask(mock.baseUrl);
    expect(mock.requests.map((r) => r.messages.length)).toEqual([2, 4, 4]);
  });

  test('at the limit of its length is an error at once', async () => {
    const mock = await serve(() => ({ content: '{"rate": 0.1, "why": "on and on', finishReason: 'length' }));
    expect(codeOf((await ask(mock.baseUrl)).outcome)).toBe('too_long');
    expect(mock.requests).toHaveLength(1);
  });
});

describe('a refusal', () => {
  test('is an error at once: asking again would not help', async () => {
    const url = await serveRaw((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`${chunk({ refusal: 'I cannot help with that.' })}${chunk({}, 'stop')}data: [DONE]\n\n`);
    });
    const { outcome, account } = await ask(url);
    expect(codeOf(outcome)).toBe('refused');
    expect(account.calls.map((c) => c.outcome)).toEqual(['refused']);
  });

  test('by a content filter as well', async () => {
    const mock = await serve(() => ({ content: '', finishReason: 'content_filter' }));
    expect(codeOf((await ask(mock.baseUrl)).outcome)).toBe('refused');
  });
});

describe('a failure in passing', () => {
  test('429 is waited out as the server asks, and 500 is tried again', async () => {
    const mock = await serve((_, index) =>
      index === 0
        ? { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 1 }
        : index === 1
          ? { error: { message: 'boom', type: 'server_error' }, status: 500 }
          : { content: right, ...usage(10, 5) },
    );
    const startedAt = performance.now();
    const { outcome, account } = await ask(mock.baseUrl);
    expect(outcome).toMatchObject({ rate: 0.001 });
    expect(performance.now() - startedAt).toBeGreaterThan(1900);
    expect(account.calls.map((c) => c.outcome)).toEqual(['rate_limited', 'server_error', 'answered']);
    expect(account.calls[0]).toMatchObject({ inputTokens: 0, usd: 0 });
  });

  test('that lasts is an error after the retries', async () => {
    const mock = await serve(() => ({ error: { message: 'boom' }, status: 503 }));
    const { outcome } = await ask(mock.baseUrl, { retries: 1 });
    expect(codeOf(outcome)).toBe('server_error');
    expect(mock.requests).toHaveLength(2);
  });

  test('of a server that wants a long wait is an error at once', async () => {
    const mock = await serve(() => ({ error: { message: 'tomorrow' }, status: 429, retryAfter: 3600 }));
    const { outcome } = await ask(mock.baseUrl);
    expect(codeOf(outcome)).toBe('rate_limited');
    expect((outcome as ModelError).retryAfterMs).toBe(3_600_000);
    expect(mock.requests).toHaveLength(1);
  });

  test('an empty account is not waited for', async () => {
    const mock = await serve(() => ({
      error: {
        message: 'You exceeded your current quota',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      },
      status: 429,
    }));
    expect(codeOf((await ask(mock.baseUrl)).outcome)).toBe('no_credit');
    expect(mock.requests).toHaveLength(1);
  });

  test('a server that hangs before its first word is left after the time limit', async () => {
    const url = await serveRaw(() => {});
    const startedAt = performance.now();
    const { outcome, account } = await ask(url, { timeoutMs: 200, retries: 0 });
    expect(codeOf(outcome)).toBe('timeout');
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(account.calls[0]).toMatchObject({ outcome: 'timeout', estimated: true });
    expect(account.calls[0]?.inputTokens).toBeGreaterThan(0);
  });

  test('a server that hangs in the middle of its answer too', async () => {
    const url = await serveRaw((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: '{"rate": 0' }));
    });
    expect(codeOf((await ask(url, { timeoutMs: 300, retries: 0 })).outcome)).toBe('timeout');
  });

  test('a stream that is cut is tried again', async () => {
    const url = await serveRaw((_, response, index) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (index > 0) return response.end(`${chunk({ content: right })}${chunk({}, 'stop')}data: [DONE]\n\n`);
      response.write(chunk({ content: right.slice(0, 12) }));
      return setTimeout(() => response.destroy(), 30);
    });
    const { outcome, account } = await ask(url);
    expect(outcome).toMatchObject({ rate: 0.001 });
    expect(account.calls.map((c) => c.outcome)).toEqual(['cut_off', 'answered']);
  });

  test('a stream that ends early without a word is no answer', async () => {
    const url = await serveRaw((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(chunk({ content: '{"rate": 0.1' }));
    });
    expect(codeOf((await ask(url, { retries: 0 })).outcome)).toBe('cut_off');
  });

  test('lines that are no JSON are a broken stream', async () => {
    const url = await serveRaw((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"choices": [{]\n\n');
    });
    expect(codeOf((await ask(url, { retries: 0 })).outcome)).toBe('cut_off');
  });

  test('nobody there is unreachable, and costs nothing', async () => {
    const url = await serveRaw(() => {});
    for (const close of closers.splice(0)) await close();
    const { outcome, account } = await ask(url, { retries: 0 });
    expect(codeOf(outcome)).toBe('unreachable');
    expect(account.calls[0]).toMatchObject({ inputTokens: 0, outputTokens: 0, usd: 0 });
  });

  test('a page of a proxy in place of an answer is an error', async () => {
    const url = await serveRaw((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>Sign in</html>');
    });
    expect(codeOf((await ask(url, { retries: 0 })).outcome)).toBe('cut_off');
  });

  test('a bot that stops waits for nothing', async () => {
    const url = await serveRaw(() => {});
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const error = await modelAt(url, {}, stop.signal)
      .ask(question, createAccount())
      .catch((e: unknown) => e);
    expect(codeOf(error)).toBe('stopping');
  });
});

describe('a server with a dialect of its own', () => {
  const refuse = (message: string, status = 400): ModelReply => ({
    error: { message, type: 'invalid_request_error' },
    status,
  });
  type Refusal = (request: ModelRequest) => string | null;
  const dialects: [string, Refusal, (last: ModelRequest) => void][] = [
    [
      'that wants max_tokens',
      (r) => ('max_completion_tokens' in r ? "Unsupported parameter: 'max_completion_tokens'" : null),
      (r) => expect(r.max_tokens).toBe(1000),
    ],
    [
      'that knows no limit at all',
      (r) => {
        const limit = ['max_completion_tokens', 'max_tokens'].find((name) => name in r);
        return limit === undefined ? null : `unknown field: ${limit}`;
      },
      (r) => expect(r).not.toHaveProperty('max_tokens'),
    ],
    [
      'that only has JSON mode',
      (r) =>
        r.response_format?.type === 'json_schema'
          ? "response_format type 'json_schema' is not supported"
          : null,
      (r) => {
        expect(r.response_format).toEqual({ type: 'json_object' });
        expect(String(r.messages[0]?.content)).toContain('"additionalProperties":false');
      },
    ],
    [
      'that only writes text',
      (r) => ('response_format' in r ? 'response_format is not supported by this model' : null),
      (r) => expect(r).not.toHaveProperty('response_format'),
    ],
    [
      'without a system role',
      (r) => (r.messages.some((m) => m.role === 'system') ? 'System role not supported' : null),
      (r) => {
        expect(r.messages[0]?.role).toBe('user');
        expect(String(r.messages[0]?.content)).toMatch(/^You plan\.[\s\S]*Plan\.$/);
      },
    ],
    [
      'that does not count streams',
      (r) => ('stream_options' in r ? 'stream_options is not allowed' : null),
      (r) => expect(r).not.toHaveProperty('stream_options'),
    ],
  ];

  test.each(dialects)('%s is understood, once and for all', async (_, refusal, check) => {
    const mock = await serve((request) => {
      const message = refusal(request);
      return message === null ? { content: right } : refuse(message);
    });
    const model = modelAt(mock.baseUrl);
    expect(await model.ask(question, createAccount())).toMatchObject({ rate: 0.001 });
    check(mock.requests.at(-1) as ModelRequest);
    const before = mock.requests.length;
    await model.ask(question, createAccount());
    expect(mock.requests).toHaveLength(before + 1);
  });

  test('that refuses with 422 is understood as well', async () => {
    const mock = await serve((r) =>
      'response_format' in r
        ? refuse('response_format: extra fields not permitted', 422)
        : { content: right },
    );
    expect((await ask(mock.baseUrl)).outcome).toMatchObject({ rate: 0.001 });
  });

  const refusals: [string, string, number, ModelReply][] = [
    [
      'of its content filter',
      'refused',
      400,
      refuse(
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. json_schema",
      ),
    ],
    [
      'of a question that is too long',
      'prompt_too_long',
      400,
      refuse(
        "This model's maximum context length is 4096 tokens, however max_tokens and your messages need 9000.",
      ),
    ],
    ['of a body that is too large', 'prompt_too_long', 413, refuse('Request Entity Too Large', 413)],
    ['of an empty account', 'no_credit', 402, refuse('Payment Required', 402)],
    ['of a model that it does not have', 'no_model', 404, refuse('The model `x` does not exist', 404)],
    ['without a reason', 'rejected', 400, refuse('Bad Request')],
    ['of a key', 'unauthorised', 403, refuse('Forbidden', 403)],
  ];
  test.each(refusals)(
    'that refuses because %s is asked once and keeps its dialect',
    async (_, code, __, refusal) => {
      const mock = await serve((___, index) => (index === 0 ? refusal : { content: right }));
      const model = modelAt(mock.baseUrl, { cap: { tokens: null, usd: 5 } });
      const account = createAccount();
      expect(codeOf(await model.ask(question, account).catch((error: unknown) => error))).toBe(code);
      expect(mock.requests).toHaveLength(1);
      await model.ask(question, account);
      expect(mock.requests).toHaveLength(2);
      expect(mock.requests[1]).toMatchObject({
        max_completion_tokens: 1000,
        response_format: { type: 'json_schema' },
      });
      expect(mock.requests[1]?.messages[0]?.role).toBe('system');
    },
  );

  test('that names a parameter and then fails otherwise has shown no dialect', async () => {
    const mock = await serve((_, index) =>
      index === 0
        ? refuse("response_format type 'json_schema' is not supported")
        : index === 1
          ? refuse('Bad Request')
          : { content: right },
    );
    const model = modelAt(mock.baseUrl);
    expect(codeOf(await model.ask(question, createAccount()).catch((e: unknown) => e))).toBe('rejected');
    await model.ask(question, createAccount());
    expect(mock.requests[2]?.response_format?.type).toBe('json_schema');
  });

  const bodies: [string, unknown][] = [
    ['FastAPI', { detail: [{ loc: ['body', 'response_format'], msg: 'Extra inputs are not permitted' }] }],
    ['older vLLM', { object: 'error', message: 'response_format is not supported', code: 400 }],
    ['Ollama', { error: 'response_format is not supported' }],
    ['a proxy that writes text', 'response_format is not supported'],
  ];
  test.each(bodies)('that refuses as %s does is understood', async (_, body) => {
    const url = await serveRaw((sent, response) => {
      if (sent.includes('json_schema')) {
        response.writeHead(400, { 'content-type': 'application/json' });
        return response.end(typeof body === 'string' ? body : JSON.stringify(body));
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return response.end(`${chunk({ content: right })}${chunk({}, 'stop')}data: [DONE]\n\n`);
    });
    expect((await ask(url)).outcome).toMatchObject({ rate: 0.001 });
  });

  test('that names its parameter in the error is believed before its sentence', async () => {
    const mock = await serve((r) =>
      'max_completion_tokens' in r
        ? {
            error: {
              message: "Unsupported: use 'stream_options' less",
              type: 'x',
              param: 'max_completion_tokens',
            } as never,
            status: 400,
          }
        : { content: right },
    );
    await ask(mock.baseUrl);
    expect(mock.requests).toHaveLength(2);
    expect(mock.requests[1]).toMatchObject({ max_tokens: 1000, stream_options: { include_usage: true } });
  });

  test.each([
    { tokens: 50_000, usd: null },
    { tokens: null, usd: 1 },
  ])('that takes no limit is left alone while a cap is set', async (cap) => {
    const mock = await serve((r) => {
      const limit = ['max_completion_tokens', 'max_tokens'].find((name) => name in r);
      return limit === undefined ? { content: right } : refuse(`unknown field: ${limit}`);
    });
    expect(codeOf((await ask(mock.baseUrl, { cap })).outcome)).toBe('no_limit');
    expect(mock.requests.every((r) => 'max_completion_tokens' in r || 'max_tokens' in r)).toBe(true);
  });

  test('that takes a schema and does not keep to it is told the schema in words', async () => {
    const mock = await serve((request) => ({
      content: String(request.messages[0]?.content).includes('JSON schema')
        ? right
        : 'Sure! A rate of 0.001.',
    }));
    const model = modelAt(mock.baseUrl);
    await model.ask(question, createAccount());
    await model.ask(question, createAccount());
    expect(mock.requests).toHaveLength(3);
  });
});

describe('the cap on thinking', () => {
  test('in tokens stops the call that could go over it', async () => {
    const mock = await serve(() => ({ content: right, ...usage(10, 5) }));
    const { outcome, account } = await ask(mock.baseUrl, { cap: { tokens: 900, usd: null } });
    expect(codeOf(outcome)).toBe('cap_reached');
    expect(mock.requests).toHaveLength(0);
    expect(account.calls).toHaveLength(0);
  });

  test('in dollars counts what was spent, and never goes over', async () => {
    const mock = await serve(() => ({ content: right, ...usage(100, 200) }));
    const model = modelAt(mock.baseUrl, { cap: { tokens: null, usd: 0.02 } });
    const account = createAccount();
    let answered = 0;
    for (let i = 0; i < 20; i++) {
      const error = await model.ask(question, account).then(
        () => null,
        (e: unknown) => e,
      );
      if (error === null) answered++;
      else expect(codeOf(error)).toBe('cap_reached');
    }
    expect(answered).toBeGreaterThan(2);
    expect((await account.spent()).usd).toBeLessThanOrEqual(0.02);
  });

  test('holds within one question too', async () => {
    const mock = await serve(() => ({ content: 'no', ...usage(100, 500) }));
    const { outcome, account } = await ask(mock.baseUrl, { cap: { tokens: null, usd: 0.0125 } });
    expect(codeOf(outcome)).toBe('cap_reached');
    expect(account.calls).toHaveLength(1);
  });
});

test('nothing follows a redirect to another server', async () => {
  const elsewhere = await serve(() => ({ content: right }));
  const url = await serveRaw((_, response) => {
    response.writeHead(307, { location: `${elsewhere.baseUrl}/chat/completions` });
    response.end();
  });
  expect(codeOf((await ask(url, { retries: 0 })).outcome)).toBe('unreachable');
  expect(elsewhere.requests).toHaveLength(0);
});

test('the key is in no error, whatever the server says of it', async () => {
  const mock = await serve(() => ({
    error: { message: `Incorrect API key provided: ${mockKey}. See https://u:p4ssw0rd@host/` },
    status: 401,
  }));
  const { outcome } = await ask(mock.baseUrl);
  expect(codeOf(outcome)).toBe('unauthorised');
  const error = outcome as ModelError;
  const all = JSON.stringify([error.message, error.detail, error.stack, String(error.cause), { ...error }]);
  expect(all).not.toContain(mockKey);
  expect(all).not.toContain('p4ssw0rd');
  expect(mock.requests).toHaveLength(1);
});
