import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BadInputError } from '../../src/lib/errors.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { IncomingMessage } from '../../src/operations/bot.ts';
import type { Chat } from '../../src/operations/chat.ts';
import { createChat } from '../../src/slack/chat.ts';
import { createSlack, type Slack } from '../../src/slack/create-slack.ts';
import { type LocalWorkspace, startLocalWorkspace } from '../../src/slack/local-workspace.ts';
import { contents } from './contents.ts';
import { createFakeBot, type FakeBot, until } from './fake-bot.ts';
import { createMemoryInbox } from './memory-inbox.ts';

const channel = 'C0TRAINING';
const [ana, ben, trex] = ['U0TREXANA', 'U0TREXBEN', 'U0TREXBOT'];
const context = { pictureMode: 'url' } as const;

describe('the bot in a real local workspace, over Socket Mode', () => {
  let dir: string;
  let workspace: LocalWorkspace;
  let bot: FakeBot;
  let slack: Slack;
  let chat: Chat;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'trex-slack-'));
    workspace = await startLocalWorkspace({ dir, port: 0 });
    bot = createFakeBot();
    const { apiUrl, botToken, appToken } = workspace;
    chat = createChat({ apiUrl, botToken, log: silentLog });
    slack = createSlack({
      connection: { mode: 'socket', appToken },
      apiUrl,
      botToken,
      bot,
      log: silentLog,
      onEvent: createMemoryInbox((payload) => slack.handleEvent(payload)),
    });
    await slack.start();
  });

  afterAll(async () => {
    await slack?.stop();
    await workspace?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(() => {
    bot.calls.length = 0;
    Object.assign(bot.answers, createFakeBot().answers);
  });

  const post = (kind: keyof typeof contents, key: string, threadTs: string | null = null) =>
    chat.post({ channel, threadTs, key, content: contents[kind], context });
  const privateMessage = (user: string, text: string) =>
    workspace.control.waitForMessage(channel, (m) => m.ephemeral_to === user && m.text.includes(text), 5000);

  test('files are shown in the thread as one message, found by their ids, and can be had', async () => {
    const root = await post('text', 'files-root');
    const content = {
      kind: 'files' as const,
      campaignId: 'c-1',
      text: 'The files of *Dates to ISO*: report.md.',
    };
    const bytes = new TextEncoder().encode('# Report');
    const uploaded = [];
    for (const name of ['report.md', 'tree.png'])
      uploaded.push({ id: await chat.upload({ name, bytes, altText: name }), name });
    const since = new Date(Date.now() - 1000);
    const where = { channel, threadTs: root.ts, since, fileId: uploaded[0]?.id ?? '' };
    expect(await chat.findShared(where)).toBeNull();
    await chat.share({ channel, threadTs: root.ts, key: 'files', content, uploaded });
    const found = await chat.findShared(where);
    const shown = (await workspace.control.messages(channel)).filter(({ files = [] }) => files.length > 0);
    expect(shown.map(({ ts }) => ts)).toEqual([found?.ts]);
    expect(shown[0]).toMatchObject({ thread_ts: root.ts, text: content.text });
    expect(shown[0]?.files?.map(({ name, size }) => [name, size])).toEqual([
      ['report.md', 8],
      ['tree.png', 8],
    ]);
  });

  test('a mention reaches the bot once, without the mention, and gets eyes', async () => {
    const said = await workspace.control.say({
      channel,
      user: ana,
      text: `<@${trex}> fine-tune &lt;this&gt;`,
    });
    await until(() => bot.called('message').length > 0, 'the message');
    const seen = await workspace.control.waitForMessage(
      channel,
      (m) => m.ts === said.ts && JSON.stringify(m.reactions ?? []).includes('eyes'),
      5000,
    );
    expect(seen.user).toBe(ana);
    expect(bot.called('message')).toMatchObject([
      {
        text: 'fine-tune <this>',
        channel,
        ts: said.ts,
        threadTs: null,
        user: ana,
        mentioned: true,
        direct: false,
      },
    ]);
  });

  test('a reply in a thread reaches the bot, other talk in the channel does not', async () => {
    const root = await post('text', 'root-1');
    await workspace.control.say({ channel, user: ben, text: 'lunch?' });
    await workspace.control.say({ channel, user: ben, text: 'why 8?', threadTs: root.ts });
    await until(() => bot.called('message').length > 0, 'the reply');
    expect(bot.called('message')).toMatchObject([{ text: 'why 8?', threadTs: root.ts, mentioned: false }]);
  });

  test('a file can be read, byte for byte', async () => {
    const bytes = new TextEncoder().encode('{"prompt":"3 May 2021","completion":"2021-05-03"}\n');
    await workspace.control.upload({
      channel,
      user: ana,
      text: `<@${trex}> data attached`,
      files: [{ name: 'dates.jsonl', bytes }],
    });
    await until(() => bot.called('message').length > 0, 'the message');
    const [message] = bot.called('message') as unknown as IncomingMessage[];
    expect(message?.files).toMatchObject([{ name: 'dates.jsonl', bytes: bytes.length }]);
    expect(new Uint8Array((await message?.files[0]?.download()) ?? [])).toEqual(bytes);
    expect(bot.called('message')).toHaveLength(1);
  });

  test('a message in a direct conversation reaches the bot once, even with a mention in it', async () => {
    await workspace.control.say({ channel: trex, user: ana, text: `<@${trex}> hello` });
    await until(() => bot.called('message').length > 0, 'the message');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(bot.called('message')).toMatchObject([{ text: 'hello', direct: true, mentioned: true }]);
  });

  test('posts, finds what it posted by its key, and edits it', async () => {
    const since = new Date();
    const root = await post('text', 'root-2');
    const reply = await post('progress', 'progress-1', root.ts);
    expect(await chat.find({ channel, threadTs: root.ts, key: 'progress-1', since })).toEqual({
      ts: reply.ts,
    });
    expect(await chat.find({ channel, threadTs: null, key: 'root-2', since })).toEqual({ ts: root.ts });
    expect(await chat.find({ channel, threadTs: root.ts, key: 'never', since })).toBeNull();
    await chat.update({ channel, ts: reply.ts, key: 'progress-1', content: contents.text, context });
    const edited = (await workspace.control.messages(channel)).find((m) => m.ts === reply.ts);
    expect(edited?.blocks?.[0]?.text?.text).toContain('no more LoRA');
    expect(await chat.find({ channel, threadTs: root.ts, key: 'progress-1', since })).toEqual({
      ts: reply.ts,
    });
  });

  test('the picture is drawn from its address', async () => {
    const { ts } = await post('progress', 'progress-2');
    const message = (await workspace.control.messages(channel)).find((m) => m.ts === ts);
    const image = message?.blocks?.find((b) => b.type === 'image');
    expect(image?.image_url).toBe('http://127.0.0.1:8080/c/c-7f3a/tree.png?at=1795356360000');
  });

  test('an uploaded picture is shown by its file', async () => {
    const { ts } = await chat.post({
      channel,
      threadTs: null,
      key: 'progress-3',
      content: { ...contents.progress, picture: Buffer.from('not really a PNG') } as typeof contents.progress,
      context: { pictureMode: 'upload' },
    });
    const message = (await workspace.control.messages(channel)).find((m) => m.ts === ts);
    const image = message?.blocks?.find((b) => b.type === 'image') as
      | { slack_file?: { id: string } }
      | undefined;
    expect(image?.slack_file?.id).toMatch(/^F/);
  });

  test('reacts, also twice, links, and knows names and time zones', async () => {
    const { ts } = await post('text', 'root-3');
    await chat.react({ channel, ts, name: 'white_check_mark' });
    await chat.react({ channel, ts, name: 'white_check_mark' });
    await chat.react({ channel, ts: '1.000001', name: 'eyes' });
    expect(await chat.permalink({ channel, ts })).toContain(`/archives/${channel}/p${ts.replace('.', '')}`);
    expect(await chat.permalink({ channel, ts: '1.000001' })).toBeNull();
    expect(await chat.userName(ana)).toBe('Ana');
    expect(await chat.timeZoneOf(ana)).toBe('Europe/Madrid');
    expect(await chat.userName('U0NOBODY')).toBe('U0NOBODY');
  });

  test('says that a channel that is not there waits for an invitation', async () => {
    const lost = chat.post({ channel: 'C0GONE', threadTs: null, key: 'k', content: contents.text, context });
    await expect(lost).rejects.toMatchObject({ permanent: false, repair: { scope: 'channel' } });
  });

  test('a click on Approve decides, and what is private stays private', async () => {
    bot.answers.decide = () => ({ private: 'Only Ana decides about <money> here.' });
    const root = await post('text', 'root-4');
    const card = await post('approval', 'approval-1', root.ts);
    await workspace.control.click({ channel, messageTs: card.ts, user: ben, action: 'approve' });
    await until(() => bot.called('decide').length > 0, 'the decision');
    expect(bot.called('decide')).toEqual([{ approvalId: 'a-12', decision: 'approve', user: ben }]);
    const said = await privateMessage(ben, 'Only Ana decides');
    expect(said.thread_ts).toBe(root.ts);
    expect(said.text).toContain('&lt;money&gt;');
  });

  test('the answer to a question carries the value behind the button', async () => {
    const card = await post('question', 'question-1');
    await workspace.control.click({
      channel,
      messageTs: card.ts,
      user: ana,
      action: 'answer:c-7f3a:badRows:0',
    });
    await until(() => bot.called('answerQuestion').length > 0, 'the answer');
    expect(bot.called('answerQuestion')).toEqual([
      { campaignId: 'c-7f3a', field: 'badRows', value: 'drop', user: ana, messageTs: card.ts },
    ]);
  });

  test('Edit opens a form, errors stay in it, and what was not touched stays as it was', async () => {
    bot.answers.editValues = () => [
      { field: 'budget', label: 'Budget', value: '15 min', hint: 'minutes or dollars' },
      { field: 'target', label: 'Target', value: '', hint: '' },
      {
        field: 'metric',
        label: 'Metric',
        value: 'exact_match',
        hint: '',
        options: [
          { label: 'Exact match', value: 'exact_match' },
          { label: 'Accuracy', value: 'accuracy' },
        ],
      },
    ];
    bot.answers.edit = ({ values }: { values: Record<string, string> }) =>
      values.budget === 'a lot' ? { errors: { budget: 'Say minutes or dollars.' } } : { private: 'Changed.' };
    const card = await post('brief', 'brief-1');
    await workspace.control.click({ channel, messageTs: card.ts, user: ana, action: 'edit' });
    await until(async () => (await workspace.control.modal()) !== null, 'the form');
    const errors = await workspace.control.submitModal({ user: ana, values: { budget: 'a lot' } });
    expect(errors).toEqual({ budget: 'Say minutes or dollars.' });
    expect(await workspace.control.modal()).not.toBeNull();
    expect(
      await workspace.control.submitModal({ user: ana, values: { budget: '20 min', metric: 'accuracy' } }),
    ).toBeNull();
    expect(bot.called('edit').at(-1)).toEqual({
      campaignId: 'c-7f3a',
      user: ana,
      values: { budget: '20 min', target: '', metric: 'accuracy' },
    });
    expect(bot.called('edit')[0]).toMatchObject({ values: { budget: 'a lot', metric: 'exact_match' } });
    await privateMessage(ana, 'Changed.');
  });

  test('a failure on the way is a sentence for the person who asked', async () => {
    bot.answers.start = () => {
      throw new BadInputError('no_budget', 'There is no budget yet.');
    };
    bot.answers.cancel = () => {
      throw new Error('connection string with a password');
    };
    const card = await post('brief', 'brief-2');
    await workspace.control.click({ channel, messageTs: card.ts, user: ana, action: 'start' });
    await privateMessage(ana, 'There is no budget yet.');
    await workspace.control.click({ channel, messageTs: card.ts, user: ben, action: 'cancel' });
    const said = await privateMessage(ben, 'Something broke on my side');
    expect(said.text).toMatch(/reference [0-9a-f]{8}/);
    expect(said.text).not.toContain('password');
  });

  test('the command answers privately, and App Home lists campaigns', async () => {
    bot.answers.command = () => ({ private: 'Nothing runs.' });
    bot.answers.campaigns = () => [{ id: 'c-7f3a', line: 'Dates to ISO, done', link: 'http://127.0.0.1/x' }];
    await workspace.control.command({ channel, user: ben, command: '/trex', text: ' status ' });
    await privateMessage(ben, 'Nothing runs.');
    expect(bot.called('command')).toMatchObject([
      { text: 'status', channel, user: ben, teamId: 'T0TREXLAB' },
    ]);
    await workspace.control.openHome(ana);
    await until(async () => (await workspace.control.home(ana)) !== null, 'App Home');
    expect(JSON.stringify(await workspace.control.home(ana))).toContain('Dates to ISO, done');
  });

  test('Open in the daily summary answers with the link to the thread', async () => {
    bot.answers.campaigns = () => [
      { id: 'c-11aa', line: 'Ticket router', link: 'https://slack.example/archives/1' },
    ];
    const card = await post('summary', 'summary-1');
    await workspace.control.click({ channel, messageTs: card.ts, user: ana, action: 'open:c-11aa' });
    await privateMessage(ana, 'https://slack.example/archives/1');
  });

  test('a button of an older version is answered', async () => {
    const card = await post('text', 'root-5');
    const { ts } = card;
    await fetch(`${workspace.pageUrl}/_control/interact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        channel,
        messageTs: ts,
        user: ben,
        action: { type: 'button', action_id: 'retired:1' },
      }),
    });
    await privateMessage(ben, 'older version');
  });

  test('a workspace left behind by a crash is taken over with its messages', async () => {
    const before = await workspace.control.messages(channel);
    const again = await startLocalWorkspace({ dir, port: 0 });
    expect(again).toMatchObject({ reused: true, pid: workspace.pid });
    expect((await again.control.messages(channel)).length).toBe(before.length);
  });
});

describe('starting the local workspace', () => {
  test('says what is missing and how to get it', async () => {
    const started = startLocalWorkspace({ dir: tmpdir(), port: 0, binary: '/nowhere/local-slack' });
    await expect(started).rejects.toThrow(/local-slack.*LOCAL_SLACK/s);
  });
});
