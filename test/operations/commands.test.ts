import { describe, expect, test } from 'vitest';
import { changeBudget } from '../../src/operations/budget/change-budget.ts';
import { setPrice } from '../../src/operations/budget/set-price.ts';
import { pauseCampaign } from '../../src/operations/control/control-campaign.ts';
import { getCampaign, listCampaigns } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database);

const stateOf = async (id: string): Promise<string> => (await getCampaign(database.db, id)).state;
const capOf = async (id: string): Promise<number> =>
  (await getCampaign(database.db, id)).brief?.budget.computeSeconds as number;
const deliver = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await world.step(0);
};
const texts = (): string[] => world.chat.ofKind('text').map(({ text }) => text);
const questions = () => world.chat.ofKind('confirmation');
async function begin(): Promise<{ id: string; threadTs: string }> {
  const id = await world.begin();
  return { id, threadTs: (await getCampaign(database.db, id)).threadTs };
}

describe('what people say to each other in the thread of a campaign', () => {
  test('changes nothing, whatever the words, and is not answered', async () => {
    const { id, threadTs } = await begin();
    await deliver();
    const [before, said] = [await getCampaign(database.db, id), world.chat.messages.length];
    for (const text of [
      "don't raise the budget to 500 hours",
      'what if we raise the budget to 500 hours?',
      'raise the budget to 500 hours',
      'we spend 3 hours in this meeting',
      "I'll be late, 30 more minutes",
      'our department budget is $5000',
      "don't drop LoRA",
      'drop LoRA',
      'we should not use LoRA only',
      'enough',
      'stop',
      'quit',
      'approve',
      'wrap up',
      'any news?',
    ])
      await world.say(text, { threadTs, mentioned: false, user: 'U2' });
    await deliver();
    expect(await getCampaign(database.db, id)).toMatchObject({
      state: before.state,
      brief: before.brief,
      steering: before.steering,
      paused: false,
    });
    expect(world.chat.messages).toHaveLength(said);
  });

  test('only set words that look are answered', async () => {
    const { threadTs } = await begin();
    await world.say('status', { threadTs, mentioned: false, user: 'U2' });
    await deliver();
    expect(texts().at(-1)).toContain('of 10 min');
  });
});

describe('a raise', () => {
  test('waits for the one who said it, and is bound to the amount', async () => {
    const { id, threadTs } = await begin();
    await world.say('raise the budget to 20 min', { threadTs });
    await deliver();
    const [card] = questions();
    expect(card?.text).toBe('Raise the budget from 10 min to 20 min in all?');
    expect(await capOf(id)).toBe(600);
    const press = (user: string, choice: string) =>
      world.bot.confirm({ campaignId: id, confirmationId: card?.confirmationId ?? '', choice, user });
    expect((await press('U2', 'yes')).private).toBe(
      'Only Ana, who said it, can confirm that. If you want it, say it yourself.',
    );
    expect((await press('U1', 'everything')).private).toContain('I do not know that question any more');
    expect(await capOf(id)).toBe(600);
    expect((await press('U1', 'yes')).private).toBeNull();
    expect((await press('U1', 'yes')).private).toBeNull();
    expect((await press('U1', 'no')).private).toBe('That is answered already.');
    await deliver();
    expect(await capOf(id)).toBe(1200);
    expect(questions()[0]?.closed).toBe('Confirmed by Ana. Budget is now 20 min.');
    const changes = (await listEvents(database.db, id)).filter(({ name }) => name === 'budget.changed');
    expect(changes).toHaveLength(1);
  });

  test('that was cancelled, or is of a budget that is another by now, changes nothing', async () => {
    const { id, threadTs } = await begin();
    for (const text of ['add 10 min', 'add 20 min', 'double the budget']) await world.say(text, { threadTs });
    await deliver();
    const press = (at: number, choice: string) =>
      world.bot.confirm({
        campaignId: id,
        confirmationId: questions()[at]?.confirmationId ?? '',
        choice,
        user: 'U1',
      });
    await press(0, 'no');
    expect(await capOf(id)).toBe(600);
    await press(1, 'yes');
    await press(2, 'yes');
    await deliver();
    expect(await capOf(id)).toBe(1800);
    expect(questions().map(({ closed }) => closed)).toEqual([
      'Cancelled by Ana. The budget stays as it is.',
      'Confirmed by Ana. Budget is now 30 min.',
      expect.stringContaining('The budget is 30 min by now, so I have changed nothing.'),
    ]);
  });

  test('of nobody who may decide about money is refused at once', async () => {
    const { id, threadTs } = await begin();
    world.ctx.settings.approvers = ['U2'];
    await world.say('add 10 min', { threadTs });
    await deliver();
    expect(questions()).toEqual([]);
    expect(texts().at(-1)).toContain('The budget stays 10 min.');
    expect(await capOf(id)).toBe(600);
  });
});

describe('stop', () => {
  test.each(['stop', 'stop everything right now', 'abort!', 'kill it', 'shut it down please'])(
    '%j stops after one confirmation',
    async (text) => {
      const { id, threadTs } = await begin();
      await world.say(text, { threadTs });
      await deliver();
      const [card] = questions();
      expect(card?.text).toContain('`wrap up` instead confirms the best');
      expect(card?.choices.map(({ label }) => label)).toEqual(['Stop', 'Wrap up instead', 'Keep running']);
      expect(await stateOf(id)).toBe('searching');
      const input = { campaignId: id, confirmationId: card?.confirmationId ?? '', user: 'U1' };
      await world.bot.confirm({ ...input, choice: 'yes' });
      await deliver();
      expect(await stateOf(id)).toBe('stopped');
      expect(questions()[0]?.closed).toContain('Stopped by Ana.');
    },
  );

  test('is let be by Keep running, and beside words that are not understood nothing is done', async () => {
    const { id, threadTs } = await begin();
    await world.say('stop', { threadTs });
    await world.say('stop, or what do you think', { threadTs });
    await deliver();
    expect(questions()).toHaveLength(1);
    expect(texts().at(-1)).toContain('Nothing was changed.');
    const input = { campaignId: id, confirmationId: questions()[0]?.confirmationId ?? '', user: 'U1' };
    await world.bot.confirm({ ...input, choice: 'no' });
    await deliver();
    expect(questions()[0]?.closed).toBe('Ana lets it run.');
    expect(await stateOf(id)).toBe('searching');
  });

  test('at top level lists what runs here, each with a button, and all of it', async () => {
    const one = await world.begin('teach upper, exact match, budget 10 minutes, no need to ask, title: one');
    await world.say('teach upper, exact match, budget 9 minutes, no need to ask');
    await deliver();
    const card = world.chat.last('brief')?.content;
    const other = card?.kind === 'brief' ? card.campaignId : '';
    await world.bot.start({ campaignId: other, user: 'U1' });
    const ts = await world.say('stop everything', { user: 'U2' });
    await deliver();
    const list = world.chat.last('running');
    expect(list?.threadTs).toBe(ts);
    if (list?.content.kind !== 'running') throw new Error('no list');
    expect(list.content.campaigns).toMatchObject([
      { campaignId: other, isActive: true },
      { campaignId: one, isActive: true },
    ]);
    const shown = {
      list: list.content.list,
      ids: [other, one],
      channel: list.channel,
      threadTs: list.threadTs,
    };
    await world.bot.stopListed({ campaignIds: [one], user: 'U2', shown });
    await deliver();
    expect([await stateOf(one), await stateOf(other)]).toEqual(['stopped', 'searching']);
    expect(world.chat.ofKind('running')).toHaveLength(1);
    expect(world.chat.ofKind('running')[0]?.campaigns.map(({ isActive }) => isActive)).toEqual([true, false]);
    const all = await world.bot.stopListed({ campaignIds: [other, one], user: 'U2', shown });
    expect(all.private).toContain('Stopped: ');
    expect(await stateOf(other)).toBe('stopped');
    expect(await listCampaigns(database.db, {}, 10)).toHaveLength(2);
  });

  test('where nothing runs says so, and opens no campaign', async () => {
    for (const direct of [false, true]) {
      await world.say('stop', { direct, channel: direct ? 'D1' : 'C1' });
      await deliver();
      expect(texts().at(-1)).toBe('Nothing is running here, so there is nothing to stop.');
    }
    const place = { teamId: 'T1', channel: 'C1', user: 'U1' };
    expect((await world.bot.command({ ...place, text: 'stop' })).private).toContain('Nothing is running');
    expect(await listCampaigns(database.db, {}, 10)).toEqual([]);
  });

  test('by the slash command or in a direct message shows what the person may see', async () => {
    const id = await world.begin();
    const shown = (channel: string, user: string) =>
      world.bot.command({ teamId: 'T1', channel, user, text: 'stop' });
    const here = await shown('C1', 'U2');
    expect(here.content).toMatchObject({ kind: 'running', list: '', campaigns: [{ campaignId: id }] });
    expect((await shown('D1', 'U1')).content).toMatchObject({ campaigns: [{ campaignId: id }] });
    expect((await shown('D2', 'U2')).private).toContain('Nothing is running here');
    expect((await shown('C2', 'U1')).private).toContain('Nothing is running here');
  });
});

describe('small talk and questions', () => {
  test.each([
    ['thanks!', 'welcome'],
    ['hello', 'Tell me what a model should learn'],
    ['what can you do?', 'I fine-tune models'],
    ['list tasks', '`upper`: Upper-case words'],
    ['which models do you have?', 'I can fine-tune'],
    ['which metrics do you have', 'exact match, accuracy'],
    ['how much did we spend today?', 'Today, campaigns of this channel have spent nothing.'],
    ['what runs?', 'Nothing is running here'],
    ['where is my campaign?', 'You have no campaign yet'],
    ['pause', 'say it in its thread'],
  ])(
    '%j is answered at top level, to the bot alone and by the slash command, without a campaign',
    async (text, answer) => {
      await world.say(text);
      await deliver();
      expect(texts().at(-1)).toContain(answer);
      const said = await world.bot.command({ teamId: 'T1', channel: 'C1', user: 'U1', text });
      expect(said.private).toContain(answer);
      await world.say(text, { direct: true, channel: 'D1' });
      expect(await listCampaigns(database.db, {}, 10)).toEqual([]);
    },
  );

  test('spending is told from the ledger, of the channel and of a person', async () => {
    await world.begin();
    await world.until('some spending', async () => {
      const place = { teamId: 'T1', channel: 'C1', user: 'U1', text: 'how much did we spend this week?' };
      return (await world.bot.command(place)).private?.includes('of compute (1 campaign)') === true;
    });
    const ask = async (user: string, channel: string, text: string) =>
      (await world.bot.command({ teamId: 'T1', channel, user, text })).private;
    expect(await ask('U1', 'C1', 'how much have I spent today?')).toMatch(
      /^Today, your campaigns have spent \d/,
    );
    expect(await ask('U2', 'C1', 'how much have I spent today?')).toMatch(
      /^Today, your campaigns have spent nothing/,
    );
    expect(await ask('U2', 'C2', 'how much did we spend so far?')).toContain('have spent nothing');
    expect(await ask('U1', 'C1', 'how much did we spend yesterday?')).toContain(
      'Yesterday, campaigns of this channel have spent nothing',
    );
  });
});

describe('under an open brief', () => {
  const request = 'teach upper, exact match, budget 10 minutes, no need to ask, full only';
  const briefs = () => world.chat.messages.filter(({ content }) => content.kind === 'brief');
  const lastBrief = () => {
    const content = world.chat.last('brief')?.content;
    return content?.kind === 'brief' ? content : undefined;
  };

  test('what the requester says to others is not answered, and starts nothing', async () => {
    const threadTs = await world.say(request);
    await deliver();
    const said = world.chat.messages.length;
    for (const text of [
      'hmm looks good, Ben what do you think?',
      'looks good',
      'ok',
      'thanks',
      '@ben make it 20 minutes',
      'I have a meeting now',
      "don't raise the budget to 500 hours, Ben",
      "I'll be late, 30 minutes more",
      'I heard that a budget of 40 hours is usual',
      'we could double the budget next week',
      'our team has a budget of 50 hours a head',
    ])
      expect(await world.bot.message({ ...messageOf(text), threadTs, ts: `9.${text.length}` })).toBe(false);
    await deliver();
    expect(world.chat.messages).toHaveLength(said);
    expect(lastBrief()?.closed).toBeNull();
  });

  test('talk with an amount in it is no answer to the question for the budget', async () => {
    const threadTs = await world.say('teach upper, exact match, no need to ask, full only');
    await deliver();
    for (const text of ["I'll be late, 30 more minutes", 'Ben, our meeting takes 2 hours'])
      await world.say(text, { threadTs, mentioned: false });
    await deliver();
    expect(briefs()).toHaveLength(0);
    await world.say('10 minutes, please', { threadTs, mentioned: false });
    await deliver();
    expect(lastBrief()?.brief.budget.computeSeconds).toBe(600);
  });

  test.each([
    ['a third less', 400],
    ['ok, make the budget 20 minutes', 1200],
    ['double the budget please', 1200],
  ])('%j changes the card without a mention', async (text, seconds) => {
    const threadTs = await world.say(request);
    await deliver();
    await world.say(text, { threadTs, mentioned: false });
    await deliver();
    expect(lastBrief()?.brief.budget.computeSeconds).toBe(seconds);
  });

  test('what changes the brief is taken without a mention', async () => {
    const threadTs = await world.say(request);
    await deliver();
    await world.say('budget 20 minutes', { threadTs, mentioned: false });
    await deliver();
    expect(briefs()).toHaveLength(2);
    expect(lastBrief()?.brief.budget.computeSeconds).toBe(1200);
  });

  test('questions to the bot are answered, and the card is not posted again', async () => {
    const threadTs = await world.say(request);
    await deliver();
    for (const text of ['which models do you have?', 'thanks!', 'pause']) await world.say(text, { threadTs });
    await deliver();
    expect(briefs()).toHaveLength(1);
    expect(texts().slice(-3)).toEqual([
      expect.stringContaining('I can fine-tune'),
      'You are welcome.',
      expect.stringContaining('has not started'),
    ]);
  });

  test('an edited request changes the card, once for each edit; a deleted one closes it', async () => {
    const ts = await world.say(request);
    await deliver();
    const revise = (text: string | null, eventTs: string) =>
      world.bot.revise({ ...place, ts, threadTs: null, user: 'U1', text, files: [], eventTs });
    await revise(request.replace('10 minutes', '2 minutes'), '9.1');
    await revise(request.replace('10 minutes', '2 minutes'), '9.1');
    await deliver();
    expect(briefs()).toHaveLength(2);
    expect(lastBrief()?.brief.budget.computeSeconds).toBe(120);
    expect(lastBrief()?.notes[0]).toContain('You have edited your message');
    await revise(null, '9.2');
    await deliver();
    expect(lastBrief()?.closed).not.toBeNull();
    expect((await listCampaigns(database.db, {}, 1))[0]?.state).toBe('stopped');
  });

  test('files that only the second event of a message brings are added to it, once', async () => {
    const text = 'learn these rows, exact match, budget 10 minutes';
    const ts = await world.say(text);
    await deliver();
    expect(briefs()).toHaveLength(0);
    const lines = Array.from({ length: 60 }, (_, i) => `{"prompt":"word ${i}","completion":"WORD ${i}"}\n`);
    const bytes = new TextEncoder().encode(lines.join(''));
    const file = { id: 'F1', name: 'words.jsonl', bytes: bytes.length, download: async () => bytes };
    const withFile = { ...messageOf(text), ts, files: [file], mentioned: true };
    await world.bot.message(withFile);
    await world.bot.message(withFile);
    await world.bot.message({ ...withFile, files: [] });
    await deliver();
    expect(briefs()).toHaveLength(1);
    expect(lastBrief()?.brief.data).toMatchObject({ kind: 'attached', train: { name: 'words.jsonl' } });
  });

  test('after Start an edit changes nothing, and says so to the one who edited', async () => {
    const { id, threadTs } = await begin();
    const before = (await getCampaign(database.db, id)).brief;
    await world.bot.revise({
      ...{ ...place, ts: threadTs, threadTs: null, user: 'U1' },
      ...{ text: 'teach upper, budget 900 minutes', files: [], eventTs: '9.3' },
    });
    await deliver();
    expect((await getCampaign(database.db, id)).brief).toEqual(before);
    expect(JSON.stringify(world.chat.privates)).toContain('changes nothing any more');
  });
});

const place = { teamId: 'T1', channel: 'C1' };
const messageOf = (text: string) => ({
  ...{ ...place, ts: '9.1', threadTs: null, user: 'U1', text },
  ...{ files: [], mentioned: false, direct: false },
});

describe('same as last time', () => {
  test('takes the last request of that person in that channel with the change', async () => {
    const first = await world.begin(
      'teach upper, exact match, budget 10 minutes, no need to ask, full and lora, title: first',
    );
    await world.order('stop', { threadTs: (await getCampaign(database.db, first)).threadTs });
    await world.say('same as last time but LoRA only');
    await deliver();
    const card = world.chat.last('brief')?.content;
    if (card?.kind !== 'brief') throw new Error('no card');
    expect(card.campaignId).not.toBe(first);
    expect(card.brief).toMatchObject({ budget: { computeSeconds: 600 }, metric: 'exact_match' });
    expect(card.brief.scope.methods).toEqual(['lora']);
    expect(card.notes.join('\n')).toMatch(new RegExp(`From your earlier request \\*.+\\* \\(${first}\\)\\.`));
  });

  test('takes the budget as it stood at the end, not as it was first said', async () => {
    const first = await world.begin('teach upper, exact match, budget 10 hours, no need to ask, full only');
    const { threadTs } = await getCampaign(database.db, first);
    await world.say('lower the budget to 100 minutes', { threadTs });
    await world.order('stop', { threadTs });
    await world.say('same as last time');
    await deliver();
    const card = world.chat.last('brief')?.content;
    if (card?.kind !== 'brief') throw new Error('no card');
    expect(card.campaignId).not.toBe(first);
    expect(card.brief.budget.computeSeconds).toBe(6000);
    await world.say('budget 20 minutes', { threadTs: world.chat.last('brief')?.threadTs ?? '' });
    await deliver();
    const next = world.chat.last('brief')?.content;
    expect(next?.kind === 'brief' && next.brief.budget.computeSeconds).toBe(1200);
  });

  test.each([
    ['same as last time but LoRA', { methods: ['lora'], seconds: 600 }],
    ['again with LoRA', { methods: ['lora'], seconds: 600 }],
    ['repeat my last one with a budget of 20 minutes', { methods: ['full', 'lora'], seconds: 1200 }],
    ['the same as before, please, but full fine-tuning only', { methods: ['full'], seconds: 600 }],
    ['same again', { methods: ['full', 'lora'], seconds: 600 }],
  ])('%j is read as that', async (text, { methods, seconds }) => {
    await world.say('teach upper, exact match, budget 10 minutes, no need to ask, full and lora');
    await deliver();
    const first = world.chat.last('brief')?.key;
    await world.say(text);
    await deliver();
    expect(world.chat.last('brief')?.key).not.toBe(first);
    const card = world.chat.last('brief')?.content;
    if (card?.kind !== 'brief') throw new Error('no card');
    expect(card.brief.scope.methods).toEqual(methods);
    expect(card.brief.budget.computeSeconds).toBe(seconds);
  });

  test('says so where there is none, and opens nothing', async () => {
    await world.begin();
    await world.say('repeat my last one', { user: 'U2' });
    await deliver();
    expect(texts().at(-1)).toContain('I know no earlier request of yours');
    expect(await listCampaigns(database.db, {}, 10)).toHaveLength(1);
  });
});

test('what asks for no training opens no campaign', async () => {
  for (const text of [
    'the coffee machine is broken again',
    'what do you think of the weather?',
    'nice weather, isn’t it',
  ])
    await world.say(text);
  await deliver();
  expect(texts()).toHaveLength(3);
  for (const text of texts()) expect(text).toContain('so I have opened nothing');
  expect(await listCampaigns(database.db, {}, 10)).toEqual([]);
});

describe('a campaign that was cancelled before it had a brief', () => {
  test.each(['raise the budget to 20 min', 'what did it learn so far?', 'continue', 'status', 'why 3?'])(
    'answers %j with a sentence',
    async (text) => {
      const threadTs = await world.say('fine-tune the small model on my tickets');
      await deliver();
      await world.say('cancel', { threadTs });
      await deliver();
      const before = world.chat.messages.length;
      await world.say(text, { threadTs });
      await deliver();
      const said = world.chat.messages.slice(before).map(({ content }) => JSON.stringify(content));
      expect(said.join('\n')).not.toMatch(/went wrong|internal|no_brief/);
      expect(said.length).toBeGreaterThan(0);
    },
  );
});

test('a campaign that waits for Start is neither paused nor priced nor given a budget', async () => {
  await world.say('teach upper, exact match, budget 10 minutes');
  await deliver();
  const campaignId = (await listCampaigns(database.db, { states: ['ready'] }, 10))[0]?.id ?? '';
  const { ctx } = world;
  const who = { campaignId, user: 'U1' };
  const limit = { computeSeconds: 1200, usd: null };
  expect(await pauseCampaign({ ctx, input: who })).toBe('It has not started yet.');
  expect(await setPrice({ ctx, input: { ...who, usd: 2, perGpu: false, source: 'm1' } })).toBe(
    'It has not started yet.',
  );
  expect(await changeBudget({ ctx, input: { ...who, change: 'set', limit } })).toBe(
    'It has not started yet.',
  );
  expect(await getCampaign(database.db, campaignId)).toMatchObject({ state: 'ready', paused: false });
});
