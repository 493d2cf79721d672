import { afterEach, describe, expect, test } from 'vitest';
import type { IncomingMessage } from '../../src/operations/bot.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { listApprovals } from '../../src/store/approvals.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listEvents } from '../../src/store/events.ts';
import { listThinkingCalls } from '../../src/store/thinking-calls.ts';
import { type MockModel, type ModelRequest, startMockModel } from '../support/model/mock-model.ts';
import { researcherAt } from '../support/model/open-researcher.ts';
import {
  dataBlock,
  schemaName,
  scriptedAnswer,
  scriptedObject,
  wish,
} from '../support/model/scripted-model.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

const database = useDatabase();
const world = useWorld(database, { slots: 4, settings: { publicUrl: 'https://trex.example' } });
let mock: MockModel | null = null;

afterEach(async () => {
  await mock?.stop();
  mock = null;
});

/** The model plans by the rules, so that only the conversation asks it. */
async function useModel(answer: typeof scriptedAnswer = scriptedAnswer): Promise<void> {
  mock = await startMockModel(answer);
  const rules = world.ctx.researcher;
  const { listen, answer: answerQuestion } = researcherAt(
    mock.baseUrl,
    { retries: 0 },
    { clock: world.clock },
  );
  world.ctx.researcher = { ...rules, name: 'openai', listen, answer: answerQuestion };
}

const asked = (name: string): ModelRequest[] =>
  (mock?.requests ?? []).filter((request) => schemaName(request) === name);
const both = 'teach upper, exact match, budget 40 minutes, no need to ask, 4 at a time, full and lora';

async function begin(request = both, rounds = 2): Promise<string> {
  const id = await world.begin(request);
  await world.until('scored rounds', async () => {
    const { nodes } = await loadView({ ctx: world.ctx, campaignId: id });
    return nodes.filter((n) => n.state === 'scored' && n.number > 0).length >= rounds;
  });
  return id;
}

/** Says something to the bot in the thread and gives its answer; empty when it says nothing. */
async function ask(id: string, text: string, over: Partial<IncomingMessage> = {}): Promise<string> {
  const { threadTs } = await getCampaign(database.db, id);
  const ts = await world.say(text, { threadTs, user: 'U2', ...over });
  for (let i = 0; i < 5; i++) await world.step(0);
  const content = world.chat.messages.find(({ key }) => key.endsWith(`:reply:${ts}`))?.content;
  return content?.kind === 'text' ? content.text : '';
}

const steeringOf = async (id: string) => (await getCampaign(database.db, id)).steering;

describe('a wish in free words', () => {
  test('takes effect like one in set words: said back, audited with the words, once', async () => {
    const id = await begin();
    await useModel();
    const text = 'honestly I have had enough of adapters';
    const ts = '1772438400.900500';
    const said = await ask(id, text, { ts });
    expect(said).toBe('Understood: no more LoRA. From the next node on.');
    expect((await steeringOf(id)).bannedMethods).toEqual(['lora']);
    const events = (await listEvents(database.db, id)).filter(({ actor }) => actor === 'U2');
    expect(events.map(({ name }) => name)).toEqual(['message.read', 'campaign.steered']);
    expect(events[1]?.data).toMatchObject({ words: text, before: { bannedMethods: [] }, text: said });
    await ask(id, text, { ts });
    expect(asked('thread_reading')).toHaveLength(1);
    expect((await listEvents(database.db, id)).filter(({ actor }) => actor === 'U2')).toHaveLength(2);
  });

  test('means after a restart what it meant before, and no model is asked again', async () => {
    const id = await begin();
    await useModel();
    const ts = '1772438400.900501';
    world.ctx.researcher = {
      ...world.ctx.researcher,
      answer: () => Promise.reject(new Error('the process dies here')),
    };
    await expect(ask(id, 'which of these would you show to a friend?', { ts })).rejects.toThrow('dies here');
    await mock?.stop();
    await useModel(() => ({ content: JSON.stringify(wish({ pin: [1] })) }));
    await ask(id, 'which of these would you show to a friend?', { ts });
    expect(asked('thread_reading')).toHaveLength(0);
    expect(asked('question_answer').length).toBeGreaterThan(0);
    expect((await steeringOf(id)).pinnedNodes).toBeUndefined();
  });

  test('leaves a question that is open as it is', async () => {
    const id = await world.begin(
      'teach upper, exact match, budget 10 minutes, ask me every time, full and lora',
    );
    await world.until('a card', () => world.chat.last('approval') !== undefined);
    await useModel();
    const before = await listApprovals(database.db, id);
    expect(await ask(id, 'I have had enough of adapters')).toContain(
      'What waits for a yes or no still waits.',
    );
    expect(await listApprovals(database.db, id)).toEqual(before);
  });

  test('that can mean two things is asked back, and the answer is read with it', async () => {
    const id = await begin();
    await useModel((request, index) => {
      const answer = dataBlock(request, 'said before, asked back').includes('children of 1 or of 2')
        ? wish({ pin: [2] })
        : scriptedObject(request, index);
      return { content: JSON.stringify(answer) };
    });
    expect(await ask(id, 'I would like children of 1 or of 2')).toBe(
      'Which method do you mean? Nothing was changed.',
    );
    expect(await ask(id, 'the latter', { user: 'U1' })).toContain('Which method do you mean?');
    expect(await ask(id, 'the latter')).toContain('Understood: I grow from #2 first');
    expect((await steeringOf(id)).pinnedNodes).toEqual([2]);
  });
});

describe('a question in free words', () => {
  test('is answered from the records, with links to the rounds it names', async () => {
    const id = await begin(both, 2);
    await ask(id, 'no more full fine-tuning');
    await world.until('a round with LoRA', async () => {
      const { nodes } = await loadView({ ctx: world.ctx, campaignId: id });
      return nodes.some((n) => n.state === 'scored' && n.trials.some((t) => t.summary.startsWith('LoRA')));
    });
    await useModel();
    const text = await ask(id, 'why is LoRA worse here?');
    expect(text).toMatch(/^It rests on #0, which has \d\.\d{3}\.\nA language model wrote this/);
    const message = world.chat.messages.find(({ content }) => 'text' in content && content.text === text);
    expect(message?.content).toMatchObject({ page: `https://trex.example/campaigns/${id}` });
    const [request] = asked('question_answer');
    const records = dataBlock(request as ModelRequest, 'what is on record');
    expect(records).toMatch(/^Method full: \d+ nodes? with a score, the best #\d+ at \d\.\d{3}/m);
    expect(records).toMatch(/^Method lora: \d+ nodes? with a score, the best #\d+ at \d\.\d{3}/m);
    expect(records).toMatch(/^The best of each method: #\d+ (?:beats|cannot be told from) #\d+: /m);
    expect(records).toContain('Standing wishes: no full fine-tuning.');
    expect(dataBlock(request as ModelRequest, 'the question')).toBe('why is LoRA worse here?');
    expect((await listThinkingCalls(database.db, id)).map((call) => call.purpose)).toEqual([
      'listen',
      'answer',
    ]);
  });

  test('about two rounds gets them compared item by item first, and the tree around the first', async () => {
    const id = await begin();
    await useModel();
    await ask(id, 'say, do you trust 2 more than 1?');
    const [request] = asked('question_answer');
    expect(dataBlock(request as ModelRequest, 'what is on record')).toMatch(
      /^#2 (?:beats|is worse than|cannot be told from) #1: /,
    );
    expect(dataBlock(request as ModelRequest, 'the tree')).toMatch(/^The way from the untrained model to #2/);
  });

  test('is answered once more when a number is wrong, and never with it', async () => {
    const id = await begin();
    let answers = 0;
    await useModel((request, index) => {
      const isFirst = schemaName(request) === 'question_answer' && answers++ === 0;
      const answer = isFirst ? { answer: '#1 has 0.4242.' } : scriptedObject(request, index);
      return { content: JSON.stringify(answer) };
    });
    expect(await ask(id, 'which is it?')).toMatch(/^It rests on/);
    expect(String(asked('question_answer')[1]?.messages.at(-1)?.content)).toContain(
      'not in the records: 0.4242',
    );
  });

  test('shows nothing of select and test rows to the model', async () => {
    const id = await begin();
    await useModel();
    await ask(id, 'which rows still fail?');
    const sent = JSON.stringify(mock?.requests);
    const { splits } = await getCampaign(database.db, id);
    for (const split of ['select', 'test'] as const) {
      const bytes = await world.ctx.blobs.get(splits?.hashes[split] ?? '', split);
      const items = Buffer.from(bytes).toString().trim().split('\n');
      expect(items.length).toBeGreaterThan(1);
      for (const line of items) expect(sent).not.toContain(JSON.parse(line).prompt);
    }
  });
});

describe('an order in free words', () => {
  test('is not carried out; the person is told the words, and those do it', async () => {
    const id = await begin();
    await useModel();
    const answer = await ask(id, 'I think we have wrapped this up by now');
    expect(answer).toBe('Did you mean: `stop`? Say it in these words; until then nothing changes.');
    expect((await getCampaign(database.db, id)).state).toBe('searching');
    const [, words] = /`([^`]+)`/.exec(answer) ?? [];
    await world.order(words as string, { threadTs: (await getCampaign(database.db, id)).threadTs });
    expect((await getCampaign(database.db, id)).state).toBe('stopped');
  });
});

describe('a busy thread', () => {
  test('hears nothing that is not said to the bot: no answer, no model, no change', async () => {
    const id = await begin();
    await useModel();
    const before = JSON.stringify(await steeringOf(id));
    for (const text of [
      'I have had enough of adapters',
      'should we wrap this up?',
      'put your effort into 1, Ben',
      'which rows still fail?',
      'thanks, that was fast',
    ])
      expect(await ask(id, text, { mentioned: false })).toBe('');
    expect(mock?.requests).toEqual([]);
    expect(JSON.stringify(await steeringOf(id))).toBe(before);
    expect(await ask(id, 'thanks, that was fast')).toContain('nothing in that for me to do');
  });

  test('answers set words that only look by the rules, without a model', async () => {
    const id = await begin();
    await useModel();
    expect(await ask(id, 'no more LoRA', { mentioned: false })).toBe('');
    expect(await ask(id, 'status', { mentioned: false })).toContain('on search');
    expect(await ask(id, 'no more LoRA')).toContain('Understood: no more LoRA.');
    expect(mock?.requests).toEqual([]);
  });
});

describe('without a model that answers', () => {
  test('the rules say that they did not understand, and the thread learns why once', async () => {
    const id = await begin();
    await useModel(() => ({ error: { message: 'out of order', type: 'server_error' }, status: 500 }));
    for (const text of ['which rows still fail?', 'I have had enough of adapters'])
      expect(await ask(id, text)).toContain('I did not understand that; nothing was changed.');
    const told = world.chat.messages.filter(
      ({ content }) => 'text' in content && content.text.includes('the rules read this message'),
    );
    expect(told).toHaveLength(1);
  });

  test('a question that was understood is answered with how the campaign stands', async () => {
    const id = await begin();
    await useModel((request, index) =>
      schemaName(request) === 'question_answer' ? { content: '{}' } : scriptedAnswer(request, index),
    );
    expect(await ask(id, 'is it worth going on?')).toMatch(/^I have no words for that[^\n]*\n\*.*on search/);
  });
});
