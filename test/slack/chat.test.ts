import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/lib/log.ts';
import type { Chat, DeliveryError } from '../../src/operations/chat.ts';
import { createChat } from '../../src/slack/chat.ts';
import { contents } from './contents.ts';

type Handler = (
  call: { method: string; body: Record<string, string> },
  res: ServerResponse,
  req: IncomingMessage,
) => void;

/** Slack's faults, which local-slack does not have. */
describe('what Slack answers, as the delivery loop needs to know it', () => {
  let server: Server;
  let handler: Handler;
  let chat: Chat;
  let calls: { method: string; body: Record<string, string> }[];

  const reply =
    (status: number, body: object, headers: Record<string, string> = {}): Handler =>
    (_call, res) => {
      res.writeHead(status, { 'content-type': 'application/json', ...headers });
      res.end(JSON.stringify(body));
    };

  beforeEach(async () => {
    calls = [];
    handler = reply(200, { ok: true, ts: '1.1' });
    server = createServer((req, res) => {
      let raw = '';
      req.on('data', (chunk) => {
        raw += chunk;
      });
      req.on('end', () => {
        const call = {
          method: (req.url ?? '').replace('/api/', ''),
          body: Object.fromEntries(new URLSearchParams(raw)),
        };
        calls.push(call);
        handler(call, res, req);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
    chat = createChat({ botToken: 'xoxb-1', apiUrl, log: silentLog });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const post = () =>
    chat.post({
      channel: 'C1',
      threadTs: '1.0',
      key: 'k-1',
      content: contents.progress,
      context: { pictureMode: 'url' },
    });
  const failure = async (): Promise<Partial<DeliveryError>> => {
    const error = (await post().then(
      () => null,
      (e: unknown) => e,
    )) as DeliveryError;
    const { permanent, uncertain, retryAfterMs, repair } = error;
    return { permanent, uncertain, retryAfterMs, repair };
  };

  test('a rate limit says for how long, and is not waited out here', async () => {
    handler = reply(429, { ok: false, error: 'ratelimited' }, { 'retry-after': '7' });
    const startedMs = performance.now();
    expect(await failure()).toMatchObject({ permanent: false, uncertain: false, retryAfterMs: 7000 });
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(calls).toHaveLength(1);
  });

  test('what Slack can never show is permanent', async () => {
    for (const error of ['invalid_blocks', 'msg_too_long', 'no_text', 'cannot_reply_to_message']) {
      handler = reply(200, { ok: false, error });
      expect(await failure()).toMatchObject({ permanent: true, uncertain: false, repair: null });
    }
  });

  test.each([
    ['not_in_channel', 'channel', /invite/],
    ['channel_not_found', 'channel', /invite/],
    ['is_archived', 'channel', /Unarchive/],
    ['restricted_action_read_only_channel', 'channel', /read-only/],
    ['invalid_auth', 'workspace', /SLACK_BOT_TOKEN/],
    ['token_expired', 'workspace', /SLACK_BOT_TOKEN/],
    ['account_inactive', 'workspace', /SLACK_BOT_TOKEN/],
    ['missing_scope', 'workspace', /manifest/],
  ] as const)('%s waits for a person and says what to do', async (error, scope, sentence) => {
    handler = reply(200, { ok: false, error });
    expect(await failure()).toMatchObject({
      permanent: false,
      uncertain: false,
      repair: { scope, sentence: expect.stringMatching(sentence) },
    });
  });

  test.each(['message_limit_exceeded', 'rate_limited', 'ratelimited'])('%s is waited out', async (error) => {
    handler = reply(200, { ok: false, error });
    expect(await failure()).toMatchObject({ permanent: false, repair: null, retryAfterMs: 30_000 });
  });

  test('a code that nobody knows passes', async () => {
    for (const error of ['service_unavailable', 'the_moon_is_full', 'constructor']) {
      handler = reply(200, { ok: false, error });
      expect(await failure()).toMatchObject({ permanent: false, uncertain: false, repair: null });
    }
  });

  test('a page or a refusal of a proxy passes, and no page gets into the error', async () => {
    handler = reply(403, {});
    expect(await failure()).toMatchObject({ permanent: false, repair: null });
    handler = (_call, res) => {
      res.writeHead(200, { 'content-type': 'text/html' });
      res.end('<html><body>Sign in to the network</body></html>');
    };
    const error = await post().catch((e: unknown) => e as DeliveryError);
    expect(error).toMatchObject({ permanent: false, repair: null });
    expect((error as DeliveryError).message).not.toContain('Sign in');
  });

  test('what may have happened all the same is uncertain, and not sent again by itself', async () => {
    handler = reply(200, { ok: false, error: 'internal_error' });
    expect(await failure()).toMatchObject({ permanent: false, uncertain: true });
    handler = reply(502, {});
    expect(await failure()).toMatchObject({ permanent: false, uncertain: true });
    calls.length = 0;
    handler = (_call, res) => res.destroy();
    expect(await failure()).toMatchObject({ permanent: false, uncertain: true });
    expect(calls).toHaveLength(1);
  });

  test('a Slack that is not there took nothing', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await failure()).toMatchObject({ permanent: false, uncertain: false });
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  test('refused blocks are sent simpler, at last as text, with the same key', async () => {
    handler = (call, res, req) => {
      const simple = JSON.parse(call.body.blocks ?? '[]').length === 1;
      reply(200, simple ? { ok: true, ts: '1.2' } : { ok: false, error: 'invalid_blocks' })(call, res, req);
    };
    expect(await post()).toEqual({ ts: '1.2' });
    expect(calls).toHaveLength(3);
    expect(calls[1]?.body.blocks).not.toContain('image');
    expect(calls[2]?.body.metadata).toBe('{"event_type":"trex","event_payload":{"key":"k-1"}}');
  });

  test('finds a message by metadata on the second page', async () => {
    const found = { ts: '1795000002.1', metadata: { event_type: 'trex', event_payload: { key: 'k-1' } } };
    handler = (call, res, req) =>
      reply(
        200,
        call.body.cursor
          ? { ok: true, messages: [found] }
          : { ok: true, messages: [{ ts: '1795000001.1' }], response_metadata: { next_cursor: 'next' } },
      )(call, res, req);
    const since = new Date(1_795_000_000_000);
    expect(await chat.find({ channel: 'C1', threadTs: '1.0', key: 'k-1', since })).toEqual({ ts: found.ts });
    expect(calls[0]).toMatchObject({
      method: 'conversations.replies',
      body: { include_all_metadata: 'true', ts: '1.0' },
    });
    expect(await chat.find({ channel: 'C1', threadTs: '1.0', key: 'k-2', since })).toBeNull();
  });

  test('what was posted to a person is edited in the conversation that Slack keeps with them', async () => {
    handler = ({ method }, res, req) =>
      reply(
        200,
        method === 'conversations.open' ? { ok: true, channel: { id: 'D7' } } : { ok: true, ts: '1.1' },
      )({ method, body: {} }, res, req);
    const message = { key: 'k', content: contents.approval, context: { pictureMode: 'url' as const } };
    await chat.post({ channel: 'U2', threadTs: null, ...message });
    await chat.update({ channel: 'U2', ts: '1.1', ...message });
    await chat.update({ channel: 'U2', ts: '1.1', ...message });
    expect(calls.map(({ method, body }) => [method, body.channel ?? body.users])).toEqual([
      ['chat.postMessage', 'U2'],
      ['conversations.open', 'U2'],
      ['chat.update', 'D7'],
      ['chat.update', 'D7'],
    ]);
  });

  test('a reaction that is there already, or not possible, is no failure', async () => {
    for (const error of ['already_reacted', 'unknown_method', 'missing_scope', 'message_not_found']) {
      handler = reply(200, { ok: false, error });
      await chat.react({ channel: 'C1', ts: '1.1', name: 'eyes' });
    }
  });
});
