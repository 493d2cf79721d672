import { createHmac } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { createSlack, type Slack } from '../../src/slack/create-slack.ts';
import { createFakeBot, type FakeBot, until } from './fake-bot.ts';

const secret = 'a-signing-secret';
const nowSeconds = 1_795_000_000;
const clock: Clock = { now: () => new Date(nowSeconds * 1000), sleep: async () => {} };

/** Slack's API as far as these tests need it: says who we are, and yes to everything else. */
async function startApi(): Promise<{
  server: Server;
  url: string;
  calls: { method: string; body: string }[];
}> {
  const calls: { method: string; body: string }[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk) => {
      body += chunk;
    });
    req.on('end', () => {
      calls.push({ method: (req.url ?? '').replace('/api/', ''), body });
      res.setHeader('content-type', 'application/json');
      res.end(
        JSON.stringify({
          ok: true,
          user_id: 'U0BOT',
          bot_id: 'B0BOT',
          team_id: 'T1',
          team: 'Lab',
          ts: '1.1',
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`, calls };
}

describe('signed requests over HTTP', () => {
  let api: Awaited<ReturnType<typeof startApi>>;
  let bot: FakeBot;
  let slack: Slack;
  let stored: string[];
  let storing: () => Promise<'stored' | 'duplicate'>;

  const start = async (durable: boolean): Promise<void> => {
    slack = createSlack({
      connection: { mode: 'http', signingSecret: secret, port: 0 },
      botToken: 'xoxb-test',
      apiUrl: api.url,
      bot,
      log: silentLog,
      clock,
      ...(durable
        ? {
            onEvent: async ({ payload }: { payload: string }) => {
              const outcome = await storing();
              stored.push(payload);
              return outcome;
            },
          }
        : {}),
    });
    await slack.start();
  };

  beforeEach(async () => {
    api = await startApi();
    bot = createFakeBot();
    stored = [];
    storing = async () => 'stored';
  });
  afterEach(async () => {
    await slack.stop();
    await new Promise((resolve) => api.server.close(resolve));
  });

  const sign = (body: string, at = nowSeconds, key = secret): Record<string, string> => ({
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': `v0=${createHmac('sha256', key).update(`v0:${at}:${body}`).digest('hex')}`,
  });
  const send = async (
    body: string,
    headers: Record<string, string> = sign(body),
    type = 'application/json',
  ): Promise<{ status: number; text: string }> => {
    const response = await fetch(`http://127.0.0.1:${slack.port}/slack/events`, {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body,
    });
    return { status: response.status, text: await response.text() };
  };
  const form = (payload: object): string =>
    new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const formType = 'application/x-www-form-urlencoded';

  const mention = JSON.stringify({
    type: 'event_callback',
    team_id: 'T1',
    event_id: 'Ev1',
    event: { type: 'app_mention', user: 'U0TREXANA', text: '<@U0BOT> hello', ts: '5.1', channel: 'C1' },
  });
  const click = (actionId: string): object => ({
    type: 'block_actions',
    team: { id: 'T1' },
    user: { id: 'U0TREXANA' },
    channel: { id: 'C1' },
    container: { type: 'message', message_ts: '5.2', thread_ts: '5.1' },
    message: { ts: '5.2', thread_ts: '5.1' },
    trigger_id: 't',
    actions: [{ type: 'button', action_id: actionId, value: '' }],
  });

  test('a signed event is answered and reaches the bot', async () => {
    await start(false);
    expect(await send(mention)).toEqual({ status: 200, text: '' });
    await until(() => bot.called('message').length === 1, 'the message');
    expect(bot.called('message')[0]).toMatchObject({ text: 'hello', teamId: 'T1', mentioned: true });
  });

  test('a wrong, missing, old or future signature is refused', async () => {
    await start(false);
    expect((await send(mention, sign(mention, nowSeconds, 'other'))).status).toBe(401);
    expect((await send(mention, sign(`${mention} `))).status).toBe(401);
    expect((await send(mention, {})).status).toBe(401);
    expect((await send(mention, { ...sign(mention), 'x-slack-signature': 'v0=é' })).status).toBe(401);
    expect((await send(mention, sign(mention, nowSeconds - 301))).status).toBe(401);
    expect((await send(mention, sign(mention, nowSeconds + 301))).status).toBe(401);
    expect((await send(mention, sign(mention, nowSeconds + 86_400))).status).toBe(401);
    expect((await send(mention, sign(mention, nowSeconds - 299))).status).toBe(200);
    await until(() => bot.called('message').length === 1, 'the one good message');
  });

  test('the address check is answered with its challenge, only when signed', async () => {
    await start(false);
    const check = JSON.stringify({ type: 'url_verification', challenge: 'c-123' });
    expect(await send(check)).toEqual({ status: 200, text: 'c-123' });
    expect((await send(check, {})).status).toBe(401);
  });

  test('more than 4 MB is refused, announced or not', async () => {
    await start(false);
    const large = 'x'.repeat(4 * 1024 * 1024 + 1);
    expect((await send(large)).status).toBe(413);
    const status = await new Promise((resolve, reject) => {
      const chunked = request(
        { port: slack.port, host: '127.0.0.1', path: '/slack/events', method: 'POST', headers: sign('') },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      chunked.on('error', reject);
      for (let i = 0; i < 70; i++) chunked.write('x'.repeat(64 * 1024));
      chunked.end();
    });
    expect(status).toBe(413);
    const startedMs = performance.now();
    await slack.stop();
    expect(performance.now() - startedMs).toBeLessThan(3500);
  });

  test('other paths, methods and formats are refused', async () => {
    await start(false);
    const base = `http://127.0.0.1:${slack.port}`;
    expect((await fetch(`${base}/elsewhere`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${base}/slack/events`)).status).toBe(405);
    expect((await send('not json')).status).toBe(400);
    expect((await send('[1]')).status).toBe(400);
  });

  test('a click is answered at once and handled once, also when it is replayed', async () => {
    await start(false);
    const body = form(click('approve:a-12'));
    const headers = sign(body);
    expect(await send(body, headers, formType)).toEqual({ status: 200, text: '' });
    expect((await send(body, headers, formType)).status).toBe(200);
    await until(() => bot.called('decide').length > 0, 'the decision');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(bot.called('decide')).toEqual([{ approvalId: 'a-12', decision: 'approve', user: 'U0TREXANA' }]);
  });

  test('errors of a form come back in the response', async () => {
    await start(false);
    bot.answers.edit = () => ({ errors: { budget: 'Say minutes.' } });
    const body = form({
      type: 'view_submission',
      team: { id: 'T1' },
      user: { id: 'U0TREXANA' },
      view: {
        type: 'modal',
        callback_id: 'edit_brief',
        private_metadata: JSON.stringify({ campaignId: 'c-1', channel: 'C1', threadTs: null }),
        blocks: [
          { type: 'input', block_id: 'budget', element: { type: 'plain_text_input', action_id: 'value' } },
        ],
        state: { values: { budget: { value: { type: 'plain_text_input', value: 'lots' } } } },
      },
    });
    const { status, text } = await send(body, sign(body), formType);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ response_action: 'errors', errors: { budget: 'Say minutes.' } });
    expect(bot.called('edit')).toEqual([
      { campaignId: 'c-1', user: 'U0TREXANA', values: { budget: 'lots' } },
    ]);
  });

  test('what nobody handles is said to be so', async () => {
    await start(false);
    const body = new URLSearchParams({
      command: '/other',
      team_id: 'T1',
      user_id: 'U1',
      channel_id: 'C1',
      text: '',
    }).toString();
    expect((await send(body, sign(body), formType)).status).toBe(404);
  });

  test('with a store, an event is stored before the answer and handled later', async () => {
    await start(true);
    expect((await send(mention)).status).toBe(200);
    expect(stored).toEqual([mention]);
    expect(bot.called('message')).toHaveLength(0);
    await slack.handleEvent(stored[0] ?? '');
    expect(bot.called('message')).toHaveLength(1);
  });

  test('with a store, a duplicate is answered and a failure to store asks Slack to send again', async () => {
    await start(true);
    storing = async () => 'duplicate';
    expect((await send(mention)).status).toBe(200);
    storing = async () => {
      throw new Error('database is away');
    };
    expect((await send(mention)).status).toBe(503);
  });

  test('stopping waits for what is under way', async () => {
    await start(false);
    let done = false;
    bot.answers.message = async () => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      done = true;
      return true;
    };
    await send(mention);
    await slack.stop();
    expect(done).toBe(true);
  });

  test('a failing listener answers the person and leaves the server standing', async () => {
    await start(false);
    bot.answers.decide = () => {
      throw new Error('boom');
    };
    const body = form(click('approve:a-1'));
    expect((await send(body, sign(body), formType)).status).toBe(200);
    await until(() => api.calls.some((call) => call.method === 'chat.postEphemeral'), 'the sentence');
    const said = api.calls.find((call) => call.method === 'chat.postEphemeral')?.body ?? '';
    expect(decodeURIComponent(said.replaceAll('+', ' '))).toContain('Something broke on my side (reference ');
    expect((await send(mention)).status).toBe(200);
  });
});
