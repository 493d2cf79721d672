import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Strategy } from '../states.ts';
import { noWish, type Wish } from '../steering.ts';
import { type Command, changesSomething } from './command.ts';
import { readCommands, readSetWord } from './read-commands.ts';

const minutes = (m: number) => ({ computeSeconds: m * 60, usd: null });
const dollars = (usd: number) => ({ computeSeconds: null, usd });
const why = (node: number | null, against: number | null = null): Command => ({
  kind: 'why',
  node,
  against,
});
type Part<T> = { [K in keyof T]?: T[K] extends unknown[] ? T[K] : Partial<T[K]> };
const steer = (part: Part<Wish>): Command => ({
  kind: 'steer',
  wish: {
    ...noWish,
    ...part,
    ban: { ...noWish.ban, ...part.ban },
    allow: { ...noWish.allow, ...part.allow },
  } as Wish,
});
const weigh = (strategy: Strategy, weight: number): Command => steer({ weights: [{ strategy, weight }] });
const forecast = (more: { computeSeconds: number | null; usd: number | null }): Command => ({
  kind: 'forecast',
  more,
});
const hours = (h: number) => minutes(h * 60);

const phrasings: [string, Command][] = [
  ['status', { kind: 'status' }],
  ['Status?', { kind: 'status' }],
  ['statsu', { kind: 'status' }],
  ['<@U123> how is it going?', { kind: 'status' }],
  ["how's it going", { kind: 'status' }],
  ['any news?', { kind: 'status' }],
  ['are we there yet', { kind: 'status' }],
  ['pause', { kind: 'pause' }],
  ['please pause the campaign', { kind: 'pause' }],
  ['puase', { kind: 'pause' }],
  ['hold on', { kind: 'pause' }],
  ['resume', { kind: 'continue', more: null }],
  ['continue', { kind: 'continue', more: null }],
  ['contineu', { kind: 'continue', more: null }],
  ['carry on please', { kind: 'continue', more: null }],
  ['ship it', { kind: 'ship', node: null, target: null }],
  ['Ship it!', { kind: 'ship', node: null, target: null }],
  ['export', { kind: 'ship', node: null, target: null }],
  ['please export the model', { kind: 'ship', node: null, target: null }],
  ['ship to hub', { kind: 'ship', node: null, target: 'hub' }],
  ['push it to the hub', { kind: 'ship', node: null, target: 'hub' }],
  ['upload to hugging face', { kind: 'ship', node: null, target: 'hub' }],
  ['ship #8', { kind: 'ship', node: 8, target: null }],
  ['ship round 8 to the folder', { kind: 'ship', node: 8, target: 'folder' }],
  ['skip 8', { kind: 'reject', node: 8 }],
  ['stop', { kind: 'stop' }],
  ['Stop it!', { kind: 'stop' }],
  ['cancel everything', { kind: 'stop' }],
  ['thanks, looks good', { kind: 'thanks' }],
  ['nice, that looks promising', { kind: 'thanks' }],
  ['how much will it cost?', { kind: 'status' }],
  ['how much budget is left?', { kind: 'status' }],
  ['when will it be done?', { kind: 'status' }],
  ['why did you drop LoRA?', { kind: 'steering' }],
  ['why are you skipping synthetic data?', { kind: 'steering' }],
  ['keep running', { kind: 'continue', more: null }],
  ['help', { kind: 'help' }],
  ['hlep', { kind: 'help' }],
  ['what can you do?', { kind: 'help' }],
  ['summary', { kind: 'summary' }],
  ['give me a summary', { kind: 'summary' }],
  ['sumary please', { kind: 'summary' }],
  ['why 8?', why(8)],
  ['why #8', why(8)],
  ['why did 9 beat 4?', why(9, 4)],
  ['Why is node 12 better than #3?', why(12, 3)],
  ['why is the best one best?', why(null)],
  ['compare 7 and 5', why(7, 5)],
  ['show 5', { kind: 'show', node: 5 }],
  ['show me node #5', { kind: 'show', node: 5 }],
  ['shwo 5', { kind: 'show', node: 5 }],
  ['show the best', { kind: 'show', node: null }],
  ['what is 7?', { kind: 'show', node: 7 }],
  ['#14', { kind: 'show', node: 14 }],
  ['raise the budget to 30 min', { kind: 'budget', change: 'set', limit: minutes(30) }],
  ['budget 30 minutes', { kind: 'budget', change: 'set', limit: minutes(30) }],
  ['raise the bugdet by half an hour', { kind: 'budget', change: 'add', limit: minutes(30) }],
  ['add 10 min', { kind: 'budget', change: 'add', limit: minutes(10) }],
  ['add another 10 minutes', { kind: 'budget', change: 'add', limit: minutes(10) }],
  ['10 more minutes', { kind: 'budget', change: 'add', limit: minutes(10) }],
  ['$20 more for this one', { kind: 'budget', change: 'add', limit: dollars(20) }],
  ['increase the budget to $40', { kind: 'budget', change: 'set', limit: dollars(40) }],
  ['price $2.50', { kind: 'price', usd: 2.5, perGpu: false }],
  ['price is $2.50 an hour', { kind: 'price', usd: 2.5, perGpu: false }],
  ['price 3', { kind: 'price', usd: 3, perGpu: false }],
  ['$2 per GPU-hour', { kind: 'price', usd: 2, perGpu: true }],
  ['an hour here costs $4', { kind: 'price', usd: 4, perGpu: false }],
  [
    'drop LoRA, full fine-tuning only',
    steer({ ban: { methods: ['lora', 'qlora'] }, allow: { methods: ['full'] } }),
  ],
  ['drop QLoRA', steer({ ban: { methods: ['qlora'] } })],
  ['QLoRA only', steer({ ban: { methods: ['full', 'lora'] }, allow: { methods: ['qlora'] } })],
  ['no more adapters', steer({ ban: { methods: ['lora', 'qlora'] } })],
  ['qlora is ok again', steer({ allow: { methods: ['qlora'] } })],
  ['no more full', steer({ ban: { methods: ['full'] } })],
  ['no lora please', steer({ ban: { methods: ['lora'] } })],
  ['lora only', steer({ ban: { methods: ['full', 'qlora'] }, allow: { methods: ['lora'] } })],
  ['LoRA is fine again', steer({ allow: { methods: ['lora'] } })],
  ['no more synthetic data', steer({ ban: { strategies: ['construct_synthetic_data'] } })],
  ['stop using filters', steer({ ban: { strategies: ['refine_data_pipeline'] } })],
  ['focus on short answers', steer({ focus: 'short answers' })],
  ['please focus on the two-digit years', steer({ focus: 'two-digit years' })],
  ['pin 9', steer({ pin: [9] })],
  ['please pin #9 and #12', steer({ pin: [9, 12] })],
  ['grow from 9 first', steer({ pin: [9] })],
  ['build on node 9', steer({ pin: [9] })],
  ['focus on #9', steer({ pin: [9] })],
  ['continue with 9', steer({ pin: [9] })],
  ['unpin 9', steer({ unpin: [9] })],
  ['ban 7', steer({ ban: { nodes: [7] } })],
  ["don't build on 7", steer({ ban: { nodes: [7] } })],
  ['stop growing from #7', steer({ ban: { nodes: [7] } })],
  ['nothing more below 7, please', steer({ ban: { nodes: [7] } })],
  ['leave 7, 8 and 11 alone', steer({ ban: { nodes: [7, 8, 11] } })],
  ['unban 7', steer({ allow: { nodes: [7] } })],
  ['allow 7 again', steer({ allow: { nodes: [7] } })],
  ['more synthetic data', weigh('construct_synthetic_data', 2)],
  ['much less filtering', weigh('refine_data_pipeline', 0.25)],
  ['fewer training tweaks', weigh('adjust_training_scheme', 0.5)],
  ['double the weight of filters', weigh('refine_data_pipeline', 2)],
  ['weigh synthetic data 3x', weigh('construct_synthetic_data', 3)],
  ['reweigh filters to 99', weigh('refine_data_pipeline', 4)],
  ['synthetic data as usual', weigh('construct_synthetic_data', 1)],
  ['try date/noisy next', steer({ source: 'date/noisy' })],
  ['use the noisy pool', steer({ source: 'noisy' })],
  ['train on dataset lab/dates', steer({ source: 'lab/dates' })],
  ['try this dataset next', steer({ source: 'this' })],
  ['what would 10 more GPU-hours buy?', forecast(hours(10))],
  ['what would another 30 minutes bring?', forecast(minutes(30))],
  ['How much would $20 more buy', forecast(dollars(20))],
  ['is it worth 2 more hours?', forecast(hours(2))],
  ['should I add 10 more minutes?', forecast(minutes(10))],
  ['would more budget help?', forecast({ computeSeconds: null, usd: null })],
  ['steering', { kind: 'steering' }],
  ['what is banned?', { kind: 'steering' }],
  ['findings', { kind: 'findings' }],
  ['what did you find?', { kind: 'findings' }],
  ['any papers?', { kind: 'findings' }],
  ['approve 12', { kind: 'approve', node: 12, cheaper: false }],
  ['approve #12', { kind: 'approve', node: 12, cheaper: false }],
  ['aprove 12', { kind: 'approve', node: 12, cheaper: false }],
  ['approve', { kind: 'approve', node: null, cheaper: false }],
  ['approve the cheaper one for 12', { kind: 'approve', node: 12, cheaper: true }],
  ['reject 12', { kind: 'reject', node: 12 }],
  ['rejct 12', { kind: 'reject', node: 12 }],
  ['decline #3', { kind: 'reject', node: 3 }],
  ['drop 12', { kind: 'reject', node: 12 }],
];

const other = [
  'push it',
  'the price is 2.50 an hour',
  'price of eggs is $3 these days',
  'we pay $3 an hour for coffee',
  'reweigh filters to 100',
  'more synthetic data would have been nice, Ben',
  'try harder',
  'what a nice day',
  'stop talking about pausing the other one',
  'I think the data is fine',
  'show must go on',
  '',
  'enough of this meeting',
  'our department budget is $5000',
  'we spend 3 hours in this meeting',
  'this takes longer than 5 minutes',
  'we should not use LoRA only',
  'we finish at five',
];

describe('a message to the bot', () => {
  it.each(phrasings)('%j is heard', (text, expected) => {
    expect(readCommands(text)).toEqual({ commands: [expected], unheard: [], problem: null });
  });

  it.each(['ask me above 30 s', 'never ask me again', 'only ask me above $5 a node'])(
    '%j is answered with why it changes nothing',
    (text) => {
      const { commands, problem } = readCommands(text);
      expect(commands).toEqual([]);
      expect(problem).toContain('agreed at Start');
    },
  );

  it('says nothing about the best where a question is about something else', () => {
    expect(readCommands('why is it so slow?').commands).toEqual([]);
    expect(readCommands('why is it better?').commands).toEqual([{ kind: 'why', node: null, against: null }]);
  });

  it('hears an order beside thanks', () => {
    expect(readCommands('thanks, stop').commands).toEqual([{ kind: 'thanks' }, { kind: 'stop' }]);
  });

  it.each(other)('%j is no command', (text) => {
    expect(readCommands(text).commands).toEqual([]);
  });

  it.each([
    'stop everything',
    'Stop everything right now!!',
    'please stop now',
    'cancel everything',
    'halt',
    'abort the run',
    'kill it',
    'kill all runs',
    'shut it down',
    'shut everything down',
    'stop all campaigns',
    'OK, stop it, please',
    'could you stop the training?',
    'no, stop',
    '`stop`',
    'call it off',
    "that's enough",
    'enough',
    'quit',
  ])('%j stops', (text) => {
    expect(readCommands(text).commands).toEqual([{ kind: 'stop' }]);
  });

  it.each([
    'wrap up',
    'wrap it up',
    'finish up please',
    'end early with a report',
    'stop and write the report',
  ])('%j wraps up and does not stop', (text) => {
    expect(readCommands(text).commands).toEqual([{ kind: 'wrap_up' }]);
  });

  it.each<[string, Command]>([
    ['continue with 30 min more', { kind: 'continue', more: minutes(30) }],
    ['go on for another hour', { kind: 'continue', more: minutes(60) }],
    ['carry on with $5 more', { kind: 'continue', more: dollars(5) }],
    ['continue until tomorrow 9:00', { kind: 'continue', more: null, until: 'tomorrow 9:00' }],
    ['raise the budget to $1 000', { kind: 'budget', change: 'set', limit: dollars(1000) }],
    ['raise the budget by 50 cents', { kind: 'budget', change: 'add', limit: dollars(0.5) }],
    ['lower the budget by 5 minutes', { kind: 'budget', change: 'subtract', limit: minutes(5) }],
    ['double the budget', { kind: 'budget', change: 'scale', factor: 2 }],
    ['cut our budget in half', { kind: 'budget', change: 'scale', factor: 0.5 }],
    ['thanks!', { kind: 'thanks' }],
    ['hello there', { kind: 'hello' }],
    ['list tasks', { kind: 'tasks' }],
    ['which models do you have?', { kind: 'models' }],
    ['what metrics can you measure?', { kind: 'metrics' }],
    ['how much did we spend today?', { kind: 'spend', mine: false, period: 'today' }],
    ['how much have I spent this month', { kind: 'spend', mine: true, period: 'month' }],
    ['what did it cost so far?', { kind: 'spend', mine: false, period: 'ever' }],
    ['where is my campaign?', { kind: 'mine' }],
    ['what is running?', { kind: 'status' }],
    ['allow LoRA', steer({ allow: { methods: ['lora'] } })],
    [
      'only synthetic data',
      steer({
        ban: { strategies: ['refine_data_pipeline', 'adjust_training_scheme'] },
        allow: { strategies: ['construct_synthetic_data'] },
      }),
    ],
  ])('%j is heard', (text, expected) => {
    expect(readCommands(text).commands).toEqual([expected]);
  });

  it.each([
    ['raise the budget to 45', 'how much'],
    ['budget to 45', 'how much'],
    ['raise the budget', 'By how much?'],
    ['raise the budget to 500 rupees', 'dollars or in time'],
    ['raise the budget to €20', 'dollars or in time'],
    ['raise the budget to $1.000', 'two ways'],
    ['raise the budget to 8 A100-hours', 'not of one kind'],
    ['raise the budget to 0 minutes', 'no amount'],
    ['stop?', 'a question'],
    ['raise the budget to 20 min?', 'a question'],
    ['stop, or should we wait for Ben', 'only what I understand wholly'],
    ["I'll be late, 30 more minutes", 'only what I understand wholly'],
  ])('%j changes nothing, and the answer says why', (text, why) => {
    const { commands, problem } = readCommands(text);
    expect(commands).toEqual([]);
    expect(problem).toContain(why);
  });

  test('may hold several commands, each of them whole', () => {
    expect(readCommands('drop LoRA, then raise the budget to 20 min and show 3').commands).toEqual([
      steer({ ban: { methods: ['lora'] } }),
      { kind: 'budget', change: 'set', limit: minutes(20) },
      { kind: 'show', node: 3 },
    ]);
    expect(readCommands('focus on years and stop').commands.map(({ kind }) => kind)).toEqual([
      'steer',
      'stop',
    ]);
    expect(readCommands('focus on years and months').commands).toEqual([
      steer({ focus: 'years and months' }),
    ]);
  });

  const acting = phrasings.filter(([, command]) => changesSomething(command)).map(([text]) => text);
  const wrappers: [string, (said: string) => string][] = [
    ['negated', (said) => `please never ever ${said}`],
    ["don't", (said) => `don't ${said}`],
    ['do not', (said) => `I do not want to ${said}`],
    ['asked', (said) => `should we ${said}?`],
    ['asked of Ben', (said) => `what if we ${said}?`],
    ['quoted', (said) => `"${said}" said Ben`],
    ['told', (said) => `Ben said ${said}`],
    ['told after', (said) => `${said}, said Ben`],
    ['on a condition', (said) => `if it fails, ${said}`],
    ['on a condition after', (said) => `${said} if it fails`],
    ['wished', (said) => `I would ${said}`],
    ['remembered', (said) => `yesterday we had to ${said}`],
    ['to others', (said) => `Ben and I think that they ${said} over there`],
  ];
  /** `don't use LoRA` and `don't build on 9` are wishes in themselves. */
  const isOwn = (text: string): boolean => /^don't (?:use|try|do|build|grow|expand|continue)\b/.test(text);

  test.each(wrappers)('that holds a command %s is not heard', (_, wrap) => {
    for (const said of acting) {
      const text = wrap(said);
      if (!isOwn(text))
        expect([text, readCommands(text).commands.filter(changesSomething)]).toEqual([text, []]);
    }
  });

  test('with any other words around a command is not heard', () => {
    const strange = fc.stringMatching(/^[b-df-hj-np-tv-xz]{5,9}$/);
    fc.assert(
      fc.property(fc.constantFrom(...acting), strange, fc.boolean(), (said, word, isBefore) => {
        const text = isBefore ? `${word} ${said}` : `${said} ${word}`;
        const heard = readCommands(text).commands.filter(
          (command) =>
            changesSomething(command) && !(command.kind === 'steer' && command.wish.focus !== null),
        );
        expect([text, heard]).toEqual([text, []]);
      }),
    );
  });

  test('never throws, always means the same, and takes no time', () => {
    const pieces = fc.constantFrom(
      ...phrasings.map(([text]) => text),
      '#',
      '0',
      '-',
      '$',
      'why',
      'budget',
      '⟦0⟧',
      '🦖',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((p) => p.join(' ')),
      fc.array(pieces, { minLength: 200, maxLength: 400 }).map((p) => p.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(readCommands(text)).toEqual(readCommands(text));
      }),
    );
  });
});

describe('a message to nobody in particular', () => {
  it.each(['status', 'Status?', 'show 3', 'why 3?', 'why did 9 beat 4?', 'help', 'summary'])(
    '%j is answered',
    (text) => {
      expect(readSetWord(text)).not.toBeNull();
    },
  );

  it.each([
    'stop',
    'pause',
    'approve 3',
    'add 10 min',
    'drop LoRA',
    'any news?',
    'how is it going?',
    '#3',
    'thanks',
  ])('%j is not heard', (text) => {
    expect(readSetWord(text)).toBeNull();
  });

  test('never changes anything', () => {
    for (const [text, command] of phrasings)
      if (changesSomething(command)) expect([text, readSetWord(text)]).toEqual([text, null]);
  });
});
