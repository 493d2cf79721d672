import { App, type ReceiverEvent } from '@slack/bolt';
import { beforeEach, describe, expect, test } from 'vitest';
import { BadInputError } from '../../src/lib/errors.ts';
import { silentLog } from '../../src/lib/log.ts';
import { registerListeners } from '../../src/slack/listeners/register.ts';
import { buildMessage } from '../../src/slack/views/message.ts';
import { contents } from './contents.ts';
import { createFakeBot, type FakeBot } from './fake-bot.ts';

/** Bolt with our listeners, fed in this process; `api` notes the calls to Slack and refuses those in `refuse`. */
describe('listeners', () => {
  let bot: FakeBot;
  let app: App;
  let api: { method: string; body: Record<string, string> }[];
  let refuse: Record<string, string>;

  beforeEach(() => {
    bot = createFakeBot();
    api = [];
    refuse = {};
    app = new App({
      authorize: async () => ({ botToken: 'xoxb-1', botUserId: 'U0BOT', botId: 'B0BOT', teamId: 'T1' }),
      receiver: { init: () => {}, start: async () => {}, stop: async () => {} },
      convoStore: false,
      clientOptions: {
        slackApiUrl: 'http://slack.invalid/api/',
        retryConfig: { retries: 0 },
        fetch: async (url, init) => {
          const method = String(url).split('/').at(-1) ?? '';
          api.push({ method, body: Object.fromEntries(new URLSearchParams(String(init?.body ?? ''))) });
          const error = refuse[method];
          return Response.json(error ? { ok: false, error } : { ok: true });
        },
      },
    });
    registerListeners(app, { bot, log: silentLog, botToken: 'xoxb-1', apiUrl: 'http://slack.invalid/api/' });
  });

  let acks: unknown[];
  const feed = async (body: Record<string, unknown>): Promise<unknown[]> => {
    acks = [];
    const ack: ReceiverEvent['ack'] = async (reply?: unknown) => {
      acks.push(reply);
    };
    await app.processEvent({ body, ack });
    return acks;
  };
  const event = (fields: Record<string, unknown>): Promise<unknown[]> =>
    feed({
      type: 'event_callback',
      team_id: 'T1',
      event: { channel: 'C1', channel_type: 'channel', user: 'U0TREXANA', ts: '7.2', text: '', ...fields },
    });
  const click = (fields: Record<string, unknown>, action: Record<string, unknown>): Promise<unknown[]> =>
    feed({
      type: 'block_actions',
      team: { id: 'T1' },
      user: { id: 'U0TREXANA' },
      channel: { id: 'C1' },
      container: { type: 'message', message_ts: '7.3' },
      message: { ts: '7.3', thread_ts: '7.1' },
      trigger_id: 't-1',
      actions: [{ type: 'button', ...action }],
      ...fields,
    });
  const told = (): (string | undefined)[] =>
    api.filter((call) => call.method === 'chat.postEphemeral').map((call) => call.body.text);

  describe('what people say', () => {
    test('a mention is heard as either event', async () => {
      const mention = { text: '<@U0BOT> hello' };
      await event({ type: 'message', ...mention });
      await event({ type: 'app_mention', channel_type: undefined, ...mention });
      const heard = { text: 'hello', mentioned: true, threadTs: null };
      expect(bot.called('message')).toMatchObject([heard, heard]);
    });

    test('a message that the bot died of is told of, and not handled again', async () => {
      const delivery = { failures: 0, isLast: true, deadly: 9 };
      const mention = {
        type: 'app_mention',
        channel: 'C1',
        user: 'U0TREXANA',
        ts: '7.2',
        text: '<@U0BOT> hello',
      };
      const body = { type: 'event_callback', team_id: 'T1', event: mention };
      await app.processEvent({ body, ack: async () => {}, customProperties: { delivery } });
      expect(bot.called('message')).toEqual([]);
      expect(told()[0]).toMatch(/^I broke down 9 times over your message and leave it\./);
    });

    test('replies in threads are offered, and get eyes only when taken', async () => {
      bot.answers.message = ({ text }: { text: string }) => text === 'why 8?';
      await event({ type: 'message', thread_ts: '7.1', text: 'lunch?' });
      expect(api).toEqual([]);
      await event({ type: 'message', thread_ts: '7.1', text: 'why 8?' });
      expect(api).toMatchObject([{ method: 'reactions.add', body: { timestamp: '7.2', name: 'eyes' } }]);
    });

    test('edits, deletions, joins, bots and ourselves are not people', async () => {
      for (const fields of [
        { subtype: 'message_changed', hidden: true },
        { subtype: 'message_deleted' },
        { subtype: 'channel_join' },
        { subtype: 'bot_message', bot_id: 'B9' },
        { bot_id: 'B9' },
        { user: 'U0BOT' },
        { user: 'USLACKBOT' },
        { edited: { ts: '8.1' } },
      ]) {
        await event({ type: 'message', thread_ts: '7.1', text: 'x', ...fields });
        await event({ type: 'app_mention', text: '<@U0BOT> x', ...fields });
      }
      await event({ type: 'message', text: 'not in a thread' });
      expect(bot.calls).toEqual([]);
    });

    test('what people edit and delete goes to the bot; previews and what bots edit do not', async () => {
      const before = { user: 'U0TREXANA', text: '<@U0BOT> budget 3 min', ts: '7.1', files: [] };
      const changed = (message: object, previous: object = before): Promise<unknown[]> =>
        event({
          ...{ type: 'message', subtype: 'message_changed', hidden: true, ts: '8.1', event_ts: '8.1' },
          ...{ user: undefined, message, previous_message: previous },
        });
      await changed({ ...before, text: '<@U0BOT> budget 2 min', edited: { ts: '8.0' } });
      await changed({ ...before, attachments: [{ from_url: 'https://x.example' }] });
      await changed({ ...before, bot_id: 'B0BOT', text: 'x' }, { ...before, bot_id: 'B0BOT' });
      await changed({
        subtype: 'tombstone',
        user: 'USLACKBOT',
        ts: '7.1',
        text: 'This message was deleted.',
      });
      await event({
        ...{ type: 'message', subtype: 'message_deleted', hidden: true, ts: '8.2', deleted_ts: '7.4' },
        ...{ user: undefined, previous_message: { ...before, ts: '7.4', thread_ts: '7.1' } },
      });
      const said = { teamId: 'T1', channel: 'C1', user: 'U0TREXANA', files: [] };
      expect(bot.calls).toEqual([
        {
          verb: 'revise',
          input: { ...said, ts: '7.1', threadTs: null, text: 'budget 2 min', eventTs: '8.1' },
        },
        { verb: 'revise', input: { ...said, ts: '7.1', threadTs: null, text: null, eventTs: '8.1' } },
        { verb: 'revise', input: { ...said, ts: '7.4', threadTs: '7.1', text: null, eventTs: '8.2' } },
      ]);
    });

    test('files come along, those that are gone do not', async () => {
      const files = [
        { id: 'F1', name: 'a.jsonl', size: 5, url_private: 'http://slack.invalid/f' },
        { id: 'F2', name: null, mode: 'tombstone' },
      ];
      await event({ type: 'message', subtype: 'file_share', channel: 'D1', channel_type: 'im', files });
      expect(bot.called('message')).toMatchObject([
        { direct: true, files: [{ id: 'F1', name: 'a.jsonl', bytes: 5 }] },
      ]);
    });

    test('the bot token is not sent outside Slack', async () => {
      const files = [{ id: 'F1', name: 'a.jsonl', url_private: 'https://evil.example/a.jsonl' }];
      bot.answers.message = async ({ files: [file] }: { files: { download: () => Promise<unknown> }[] }) => {
        await file?.download();
      };
      await event({ type: 'message', subtype: 'file_share', channel: 'D1', channel_type: 'im', files });
      expect(told()[0]).toContain('lies outside Slack');
    });

    test('a failure is told in the thread, to the one who spoke', async () => {
      bot.answers.message = () => {
        throw new BadInputError('bad_file', 'I could not read <that>.');
      };
      await event({ type: 'app_mention', text: '<@U0BOT> x' });
      expect(api.find((call) => call.method === 'chat.postEphemeral')?.body).toMatchObject({
        channel: 'C1',
        user: 'U0TREXANA',
        thread_ts: '7.2',
        text: 'I could not read &lt;that&gt;.',
      });
    });

    test('text arrives as people read it', async () => {
      const text =
        '<@U0BOT>  use <https://hub.example/d|hub.example/d> and <https://x.example|this> &amp; ask <@U2|ben> in <#C2|ml> <!here> a &lt; b';
      await event({ type: 'app_mention', text });
      expect(bot.called('message')[0]?.text).toBe(
        'use hub.example/d and this (https://x.example) & ask @ben in #ml @here a < b',
      );
    });
  });

  describe('what people click', () => {
    test('every button reaches its verb, acknowledged first', async () => {
      let acknowledgedFirst = false;
      bot.answers.start = () => {
        acknowledgedFirst = acks.length === 1;
        return { private: null };
      };
      for (const action_id of ['start:c%3A1', 'cancel:c-1', 'cheaper:a-1', 'reject:a-1', 'why:c-1:12']) {
        expect(await click({}, { action_id })).toHaveLength(1);
      }
      await click({}, { action_id: 'raise:c-1:q-1:0', value: '600' });
      await click({}, { action_id: 'confirm:c-1:7.2-1:yes' });
      await click({}, { action_id: 'stop:c-1:C1-7.2', value: 'c-1,c-2' });
      await click({}, { action_id: 'stop_all:', value: 'c-1,c-2' });
      const user = 'U0TREXANA';
      expect(acknowledgedFirst).toBe(true);
      expect(bot.calls).toEqual([
        { verb: 'start', input: { campaignId: 'c:1', user } },
        { verb: 'cancel', input: { campaignId: 'c-1', user } },
        { verb: 'decide', input: { approvalId: 'a-1', decision: 'cheaper', user } },
        { verb: 'decide', input: { approvalId: 'a-1', decision: 'reject', user } },
        { verb: 'why', input: { campaignId: 'c-1', node: 12, user } },
        { verb: 'raiseBudget', input: { campaignId: 'c-1', question: 'q-1', value: '600', user } },
        { verb: 'confirm', input: { campaignId: 'c-1', confirmationId: '7.2-1', choice: 'yes', user } },
        {
          verb: 'stopListed',
          input: {
            ...{ campaignIds: ['c-1'], user },
            shown: { list: 'C1-7.2', ids: ['c-1', 'c-2'], channel: 'C1', threadTs: '7.1' },
          },
        },
        { verb: 'stopListed', input: { campaignIds: ['c-1', 'c-2'], user, shown: null } },
      ]);
    });

    test('a click on what is no button of ours is answered', async () => {
      await click({}, { action_id: 'retired' });
      expect(told()[0]).toContain('older version');
    });

    test('when the channel is closed to us, the answer takes the other way', async () => {
      refuse['chat.postEphemeral'] = 'not_in_channel';
      bot.answers.start = () => ({ private: 'Started.' });
      await click({ response_url: 'http://slack.invalid/respond/1' }, { action_id: 'start:c-1' });
      expect(api.map((call) => call.method)).toEqual(['chat.postEphemeral', '1']);
    });

    test('a form that opens too late is explained', async () => {
      refuse['views.open'] = 'expired_trigger_id';
      await click({}, { action_id: 'edit:c-1' });
      expect(told()[0]).toContain('press Edit again');
    });
  });

  describe('the Edit form', () => {
    const submit = (): Promise<unknown[]> =>
      feed({
        type: 'view_submission',
        team: { id: 'T1' },
        user: { id: 'U0TREXANA' },
        view: {
          type: 'modal',
          callback_id: 'edit_brief',
          private_metadata: JSON.stringify({ campaignId: 'c-1', channel: 'C1', threadTs: '7.1' }),
          blocks: [
            { type: 'input', block_id: 'budget', element: { action_id: 'value', initial_value: '15 min' } },
          ],
          state: { values: { budget: { value: { value: null } } } },
        },
      });

    test('errors of fields it does not have are shown at the first one', async () => {
      bot.answers.edit = () => ({ errors: { metric: 'Unknown.' } });
      expect(await submit()).toEqual([{ response_action: 'errors', errors: { budget: 'metric: Unknown.' } }]);
    });

    test('a refusal keeps the form open', async () => {
      bot.answers.edit = () => {
        throw new BadInputError('started', 'It has started already.');
      };
      expect(await submit()).toEqual([
        { response_action: 'errors', errors: { budget: 'It has started already.' } },
      ]);
    });

    test('when saving takes long, the form closes and the person is told', async () => {
      bot.answers.edit = async () => {
        await new Promise((resolve) => setTimeout(resolve, 2500));
        return { private: 'Changed.' };
      };
      expect(await submit()).toEqual([undefined]);
      expect(told()).toEqual(['Changed.']);
    });
  });

  describe('Explain this result', () => {
    const explain = (blocks: unknown[] | undefined): Promise<unknown[]> =>
      feed({
        type: 'message_action',
        callback_id: 'explain_result',
        team: { id: 'T1' },
        user: { id: 'U0TREXANA' },
        channel: { id: 'C1' },
        message: { ts: '7.3', thread_ts: '7.1', blocks },
        trigger_id: 't-1',
        response_url: 'http://slack.invalid/respond/1',
      });

    test('knows the branch from the message', async () => {
      bot.answers.why = () => ({ private: '#12 is about formats.' });
      const { blocks } = buildMessage(contents.approval, {
        context: { pictureMode: 'none' },
        key: 'k',
        pictureFileId: null,
      });
      await explain(blocks);
      expect(bot.called('why')).toEqual([{ campaignId: 'c-7f3a', node: 12, user: 'U0TREXANA' }]);
      expect(told()).toEqual(['#12 is about formats.']);
    });

    test('says what it can explain when the message is of something else', async () => {
      await explain(undefined);
      expect(told()[0]).toContain('show a node');
    });
  });

  test('App Home says so when the list cannot be read', async () => {
    bot.answers.campaigns = () => {
      throw new Error('no database');
    };
    await event({ type: 'app_home_opened', tab: 'home' });
    expect(api[0]).toMatchObject({ method: 'views.publish', body: { user_id: 'U0TREXANA' } });
    expect(api[0]?.body.view).toContain('Something broke on my side');
  });
});
