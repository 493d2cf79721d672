import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Brief } from '../../../campaign/brief.ts';
import type { IntakeEntry } from '../../../campaign/intake-entry.ts';
import type { IntakeInput, IntakeTurn } from '../../port.ts';
import { file, input, say } from '../testing/intake-fixtures.ts';
import { foldIntake } from './intake.ts';

const talk = (texts: (string | IntakeEntry)[], over: Partial<IntakeInput> = {}): IntakeTurn =>
  foldIntake(
    input(
      texts.map((t) => (typeof t === 'string' ? say(t) : t)),
      over,
    ),
  );

type Fields = IntakeTurn['understood'];

/** One message, and every field that should be understood from it, no more and no less. */
const phrasings: [string, Fields][] = [
  ['turn messy dates into ISO', {}],
  ['fine-tnue sentimant clasifier', {}],
  ['I need a sentiment model', {}],
  ['the built-in date task', { data: 'task date' }],
  ['fine-tune on the task date', { data: 'task date' }],
  ['teach date', { data: 'task date' }],
  ['use the route task', { data: 'task route' }],
  ['please train the tiket router', {}],
  ['support tickets, budget 15 minutes', { budget: '15 min' }],
  ['dates, budget: 15m', { data: 'task date', budget: '15 min' }],
  ['dates; a quarter of an hour', { data: 'task date', budget: '15 min' }],
  ['dates with half an hour of compute', { data: 'task date', budget: '30 min' }],
  ['dates, 2 GPU-hours', { data: 'task date', budget: '2 h' }],
  ['dates, 2 gpu hours', { data: 'task date', budget: '2 h' }],
  ['dates, 1.5h', { data: 'task date', budget: '1.5 h' }],
  ['dates, an hour and a half', { data: 'task date', budget: '1.5 h' }],
  ['dates, budget of 90s', { data: 'task date', budget: '90 s' }],
  ['dates, budget 20', { data: 'task date' }],
  ['dates, bugdet 20 minuts', { data: 'task date', budget: '20 min' }],
  ['dates, ten minutes', { data: 'task date', budget: '10 min' }],
  ['dates for $20', { data: 'task date', budget: '$20' }],
  ['dates for 20 dollars', { data: 'task date', budget: '$20' }],
  ['dates, max 20 usd', { data: 'task date', budget: '$20' }],
  ['dates, spend at most $7.50', { data: 'task date', budget: '$7.50' }],
  ['dates, not 15 minutes, 30 minutes', { data: 'task date', budget: '30 min' }],
  ['dates, 15 minutes, no wait, 30 minutes', { data: 'task date', budget: '30 min' }],
  ['dates, ask me above 2 minutes a branch', { data: 'task date', askAbove: '2 min' }],
  ['dates, ask before spending more than $5', { data: 'task date', askAbove: '$5' }],
  ['dates, anything above 3 min ask me first', { data: 'task date', askAbove: '3 min' }],
  ['dates, no need to ask', { data: 'task date', askAbove: 'never' }],
  ["dates, don't ask me", { data: 'task date', askAbove: 'never' }],
  ['dates, ask me every time', { data: 'task date', askAbove: 'every time' }],
  ['dates, always ask', { data: 'task date', askAbove: 'every time' }],
  ['dates, ask me about everything', { data: 'task date', askAbove: 'every time' }],
  ['dates, every run needs my approval', { data: 'task date', askAbove: 'every time' }],
  ['dates, I want to approve each run', { data: 'task date', askAbove: 'every time' }],
  ['dates, ask about any run above 2 min', { data: 'task date', askAbove: '2 min' }],
  ['dates, customers always ask about everything', { data: 'task date' }],
  ['dates, for every run ask me', { data: 'task date', askAbove: 'every time' }],
  ['dates, ask me before each one', { data: 'task date', askAbove: 'every time' }],
  ['dates, teach it to ask each customer for the order number', { data: 'task date' }],
  ['dates, tell me about all mistakes in the data', { data: 'task date' }],
  ['dates, all I ask is a model that works', { data: 'task date' }],
  ['dates, confirm each date is ISO', { data: 'task date' }],
  ['dates, 2 h, 10 min limit per run', { data: 'task date', budget: '2 h' }],
  ['dates, 2 h, a 30 min cap for each experiment', { data: 'task date', budget: '2 h' }],
  ['dates, 1h (hard limit), ask me from 15 min on', { data: 'task date', budget: '1 h', askAbove: '15 min' }],
  ['dates, 1 h, if accuracy is below 80% tell me', { data: 'task date', budget: '1 h', metric: 'accuracy' }],
  [
    'task=date metric=accuracy budget=45min ask_above=10min',
    { data: 'task date', metric: 'accuracy', budget: '45 min', askAbove: '10 min' },
  ],
  ['dates, cap the whole thing at 20 min', { data: 'task date', budget: '20 min' }],
  ['dates, 10 min, ask me above 2 min', { data: 'task date', budget: '10 min', askAbove: '2 min' }],
  ['dates, ask me above 2 min, 10 min in all', { data: 'task date', budget: '10 min', askAbove: '2 min' }],
  ['dates by 9am', { data: 'task date', deadline: 'Thu 09:00' }],
  ['dates until tomorrow 08:00', { data: 'task date', deadline: 'Thu 08:00' }],
  ['dates, tonight', { data: 'task date', deadline: 'Wed 23:59' }],
  ['dates in 3 hours', { data: 'task date', deadline: 'Wed 14:30' }],
  ['dates by Friday 17:00', { data: 'task date', deadline: 'Fri 17:00' }],
  ['dates by firday 17:00', { data: 'task date', deadline: 'Fri 17:00' }],
  ['dates, done by noon', { data: 'task date', deadline: 'Wed 12:00' }],
  ['dates, 2 at a time', { data: 'task date', parallel: '2' }],
  ['dates, run 4 in parallel', { data: 'task date', parallel: '4' }],
  ['dates, run four in paralel', { data: 'task date', parallel: '4' }],
  ['dates, one by one', { data: 'task date', parallel: '1' }],
  ['dates, LoRA only', { data: 'task date', methods: 'lora' }],
  ['dates, full fine-tuning only', { data: 'task date', methods: 'full' }],
  ['dates, no lora', { data: 'task date', methods: 'full' }],
  ['dates, full and lora', { data: 'task date', methods: 'full and lora' }],
  ['dates, greedy', { data: 'task date', policy: 'greedy' }],
  ['dates with MCTS', { data: 'task date', policy: 'uct' }],
  ['dates, sequential search', { data: 'task date', policy: 'sequential' }],
  ['dates, at most 12 nodes', { data: 'task date', maxNodes: '12' }],
  ['dates, max 12 experiments', { data: 'task date', maxNodes: '12' }],
  ['dates, no more than twelve rounds', { data: 'task date', maxNodes: '12' }],
  ['dates, at least 95%', { data: 'task date', target: '95%' }],
  ['dates, 0.9 or better', { data: 'task date', target: '90%' }],
  ['dates, reach 90 percent', { data: 'task date', target: '90%' }],
  ['dates, target 0.85', { data: 'task date', target: '85%' }],
  ['dates, until it reaches 97.5%', { data: 'task date', target: '97.5%' }],
  ['dates, get it to 95% accuracy', { data: 'task date', target: '95%', metric: 'accuracy' }],
  ['dates by exact match', { data: 'task date', metric: 'exact match' }],
  ['dates, metric EM', { data: 'task date', metric: 'exact match' }],
  ['dates, measure acc', { data: 'task date', metric: 'accuracy' }],
  ['dates, acuracy', { data: 'task date', metric: 'accuracy' }],
  ['dates, f1', { data: 'task date', metric: 'token F1' }],
  ['dates, rouge-l', { data: 'task date', metric: 'ROUGE-L' }],
  ['dates on nano-154k', { data: 'task date', baseModel: 'nano-154k' }],
  ['dates, call it "Calendar"', { data: 'task date', title: 'Calendar' }],
  ['actually 15 minutes for the sentiment one', { data: 'task sentiment', budget: '15 min' }],
  [
    'Fine-tune the task route: reach 90 percent, max 20 usd, ask me above $4, 2 at a time, LoRA only, at most 12 experiments, by Friday 17:00, greedy',
    {
      data: 'task route',
      target: '90%',
      budget: '$20',
      askAbove: '$4',
      parallel: '2',
      methods: 'lora',
      maxNodes: '12',
      deadline: 'Fri 17:00',
      policy: 'greedy',
    },
  ],
  ['dates, ask before anything over 90 seconds', { data: 'task date', askAbove: '90 s' }],
  ['dates, ask me if a branch needs more than two', { data: 'task date' }],
  ['dates, use accuracy instead of exact match', { data: 'task date', metric: 'accuracy' }],
  [
    'dates, budget=15min target=0.9 parallel=3',
    { data: 'task date', budget: '15 min', target: '90%', parallel: '3' },
  ],
  ['dates, methods: lora', { data: 'task date', methods: 'lora' }],
  ['train a model to add numbers', {}],
  ['fine tune on my csv for dates', {}],
  ['what is the weather like', {}],
  ['data attached, fine-tune it for dates please', {}],
];

describe('one message', () => {
  it.each(phrasings)('reads %j', (text, expected) => {
    expect(talk([text]).understood).toEqual(expected);
  });
});

describe('a conversation', () => {
  const request = say(
    'fine-tune the small model to turn messy dates into ISO. Data attached, budget 15 minutes, ask me above 2 minutes a branch.',
    file('dates.jsonl', {
      badRows: 14,
      badExamples: [{ line: 88, reason: 'missing `completion`', text: '{"prompt":"x"}' }],
    }),
  );

  it('goes as in the storyboard', () => {
    const first = talk([request]);
    expect(first.question?.field).toBe('badRows');
    expect(first.question?.text).toContain('6,214 rows, 14 unreadable (lines 88, … missing `completion`)');
    expect(first.question?.options.map((o) => o.label)).toEqual(['Leave out', 'Show them', 'Stop']);
    const second = talk([request, { kind: 'answer', field: 'badRows', value: 'leave_out' }]);
    expect(second.question).toMatchObject({ field: 'metric', default: 'exact_match' });
    const third = talk([
      request,
      { kind: 'answer', field: 'badRows', value: 'leave_out' },
      { kind: 'answer', field: 'metric', value: 'exact_match' },
    ]);
    expect(third.question).toBeNull();
    expect(Brief.parse(third.brief)).toMatchObject({
      title: 'Dates to ISO',
      metric: 'exact_match',
      budget: { computeSeconds: 900, usd: null },
      askAbove: { computeSeconds: 120, usd: null },
      data: { kind: 'attached', train: { name: 'dates.jsonl', rows: 6200, badRows: 14 }, evaluation: null },
      parallel: 2,
      policy: 'uct',
      seed: 7,
    });
  });

  it('lists the bad rows when asked, and asks again', () => {
    const turn = talk([request, 'show them']);
    expect(turn.remarks.join('\n')).toContain('line 88: missing `completion`');
    expect(turn.question?.field).toBe('badRows');
    expect(talk([request, 'show them', 'yes']).question?.field).toBe('metric');
    expect(talk([request, 'stop']).cancelled).toBe(true);
  });

  it('takes corrections one after the other', () => {
    const turn = talk([
      request,
      'leave them out',
      'exact match',
      'no, accuracy',
      'make it 20 minutes',
      'forget the target',
    ]);
    expect(turn.understood).toMatchObject({ metric: 'accuracy', budget: '20 min', askAbove: '2 min' });
    expect(talk([request, 'ok', 'ok', 'actually use the route task']).understood.data).toBe('task route');
    expect(talk(['dates, 15 min, at least 90%', 'forget the target']).brief?.target).toBeNull();
  });

  it('takes a bare correction for the number that was given last', () => {
    expect(talk(['dates', '15', 'no, 20 minutes', 'hm, rather 25']).understood.budget).toBe('25 min');
    const asked = talk(['dates, 15 min', 'ask above 3 min', 'make it 4 minutes']).understood;
    expect(asked).toMatchObject({ budget: '15 min', askAbove: '4 min' });
    expect(talk(['dates, 15 min, 2 at a time', 'run 3 in parallel', 'no, 4']).understood.parallel).toBe('4');
    expect(talk(['dates, 15 min', 'raise it from 15 minutes to 20 minutes']).understood.budget).toBe(
      '20 min',
    );
  });

  it('gathers a request spread over three messages with typos', () => {
    const turn = talk(['fine-tnue a model plese', 'the sentimant task', 'buget half an hour']);
    expect(turn.understood).toEqual({ data: 'task sentiment', budget: '30 min' });
    expect(turn.brief).toMatchObject({ metric: 'accuracy', title: 'Review sentiment' });
  });

  it('reads a bare answer with the question in mind', () => {
    expect(talk(['dates', '20']).understood.budget).toBe('20 min');
    expect(talk(['dates', 'twenty']).understood.budget).toBe('20 min');
    expect(talk(['dates', 'the second']).understood.budget).toBe('10 min');
    expect(talk(['dates', 'yes']).understood.budget).toBe('10 min');
    const labelled = say('learn this', file('t.csv', { labels: ['a', 'b'] }));
    expect(talk([labelled]).question?.default).toBe('accuracy');
    expect(talk([labelled, 'yes']).understood.metric).toBe('accuracy');
    expect(talk([labelled, 'something else']).question?.options).toHaveLength(5);
    expect(talk([labelled, 'something else', 'the first']).understood.metric).toBe('exact match');
    expect(talk(['hello', 'the third']).understood.data).toBe('task route');
  });

  it('takes the default when left the choice, and says so', () => {
    for (const words of ['you choose', 'default', 'whatever', 'up to you', 'idk']) {
      const turn = talk(['dates', words]);
      expect(turn.brief?.budget.computeSeconds).toBe(600);
      expect(turn.notes.join(' ')).toContain('budget 10 min');
    }
  });

  it('can be called off', () => {
    for (const words of ['cancel', 'never mind', 'nevermind', 'forget it', 'Cancel, please'])
      expect(talk(['dates', words])).toMatchObject({ cancelled: true, question: null, brief: null });
    expect(talk(['dates', 'forget the target']).cancelled).toBe(false);
  });

  it('says what it can do when greeted', () => {
    for (const words of ['hello', 'hi there!', '', 'help', '<@U1> hey']) {
      const turn = talk([words]);
      expect(turn.remarks[0]).toContain('I fine-tune');
      expect(turn.question?.field).toBe('data');
      expect(turn.question?.options).toHaveLength(5);
    }
  });

  it('says so when it did not understand', () => {
    expect(talk(['dates', 'purple elephants']).remarks.join(' ')).toMatch(/did not catch|could not read/i);
  });
});

describe('files', () => {
  it('decides by name which one is for evaluation', () => {
    const turn = talk([say('learn this', file('train.jsonl'), file('eval.jsonl'))]);
    expect(turn.understood.data).toBe('train.jsonl (6,200 rows), evaluation on eval.jsonl (6,200 rows)');
    const other = talk([say('learn this', file('dates-dev.csv'), file('dates.csv'))]);
    expect(other.understood.data).toContain('evaluation on dates-dev.csv');
  });

  it('asks when the names do not tell', () => {
    const entries = [say('learn this', file('a.jsonl'), file('b.jsonl'))];
    expect(talk(entries).question?.options.map((o) => o.value)).toEqual([
      'train=*',
      'train=a.jsonl',
      'train=b.jsonl',
    ]);
    expect(talk([...entries, 'b.jsonl']).understood.data).toContain('evaluation on a.jsonl');
    const clicked: IntakeEntry = { kind: 'answer', field: 'data', value: 'train=a.jsonl' };
    expect(talk([...entries, clicked]).understood.data).toContain('evaluation on b.jsonl');
  });

  it('trains on several, where the person says so or one alone is named for evaluation', () => {
    const files = [file('a.jsonl'), file('b.jsonl'), file('c.jsonl')];
    const entries = [say('learn this, exact match, 5 min', ...files)];
    const all: IntakeEntry = { kind: 'answer', field: 'data', value: 'train=*' };
    for (const answer of [all, 'all of them']) {
      const { brief } = talk([...entries, answer]);
      expect(brief?.data).toMatchObject({
        train: { name: 'a.jsonl' },
        alsoTrain: [{ name: 'b.jsonl' }, { name: 'c.jsonl' }],
        evaluation: null,
      });
    }
    const beside = talk([say('learn this, exact match, 5 min', ...files, file('test.jsonl'))]);
    expect(beside.brief?.data).toMatchObject({
      alsoTrain: [{ name: 'b.jsonl' }, { name: 'c.jsonl' }],
      evaluation: { name: 'test.jsonl' },
    });
    const named = talk([say('learn this, exact match, 5 min', file('train_1.jsonl'), file('train_2.jsonl'))]);
    expect(named.brief?.data).toMatchObject({ alsoTrain: [{ name: 'train_2.jsonl' }], evaluation: null });
  });

  it('asks again for one that cannot be read', () => {
    const broken = { name: 'train.xlsx', report: null, problem: 'I could not read `train.xlsx`.' };
    const first: IntakeEntry = { kind: 'message', text: 'learn this, 5 min', files: [broken] };
    expect(talk([first]).remarks).toContain('I could not read `train.xlsx`.');
    expect(talk([first]).question).toMatchObject({ field: 'data' });
    expect(talk([first, say('here', file('train.csv'))]).understood.data).toBe('train.csv (6,200 rows)');
  });

  it('notices when an announced file is missing, and does not guess', () => {
    const turn = talk(['fine-tune it for dates, data attached']);
    expect(turn.question?.text).toContain('no file arrived');
    expect(turn.understood.data).toBeUndefined();
    expect(talk(['fine-tune it for dates, data attached', 'the date task then']).understood.data).toBe(
      'task date',
    );
  });

  it('prefers an attached file to a task of the catalogue', () => {
    expect(talk([say('sentiment of reviews', file('r.csv'))]).understood.data).toBe('r.csv (6,200 rows)');
  });

  it('notes where the splits come from, long rows and suspicions', () => {
    const warning = '14 prompts appear with two different completions.';
    const turn = talk([
      say('learn', file('a.csv', { longestCharacters: 90, warnings: [warning] })),
      'em',
      '10 min',
    ]);
    const notes = turn.notes.join('\n');
    expect(notes).toContain('held-out rows come out of a.csv');
    expect(notes).toContain('64 tokens');
    expect(notes).toContain(warning);
  });
});

const gpu: Partial<IntakeInput> = {
  supports: {
    methods: ['full', 'lora', 'qlora'],
    objectives: ['sft', 'dpo', 'grpo'],
    rewards: ['exact_match', 'accuracy', 'contains'],
    needs: null,
  },
};
const scopeOf = (texts: (string | IntakeEntry)[], over: Partial<IntakeInput> = gpu) =>
  talk([...texts, '10 min'], over).brief?.scope;

describe('what is trained, and how', () => {
  it.each([
    ['dates, fine-tune with QLoRA', ['qlora']],
    ['dates, LoRA and QLoRA', ['lora', 'qlora']],
    ['dates, full, LoRA and QLoRA', ['full', 'lora', 'qlora']],
    ['dates, full and lora and qlora', ['full', 'lora', 'qlora']],
    ['dates, methods: qlora', ['qlora']],
    ['dates, no full fine-tuning', ['lora']],
    ['dates, 4-bit adapters only', ['qlora']],
    ['dates', ['full', 'lora']],
  ])('%s', (text, methods) => {
    expect(scopeOf([text])).toMatchObject({ methods });
  });

  it.each([
    ['dates, GRPO with exact match as reward', 'grpo'],
    ['dates, use reinforcement learning', 'grpo'],
    ['dates, SFT', undefined],
    ['dates, no GRPO', undefined],
    ['sort letters to the DPO from others, dates', undefined],
  ])('%s', (text, objective) => {
    expect(scopeOf([text])?.objective).toBe(objective);
  });

  it('says what the engine cannot do, and what the rest would need', () => {
    const nano = {
      ...gpu.supports!,
      methods: ['full' as const, 'lora' as const],
      objectives: ['sft' as const],
    };
    const over = { supports: { ...nano, needs: 'A GPU can.' } };
    const turn = talk(['dates with QLoRA and GRPO, 10 min'], over);
    expect(turn.brief).toBeNull();
    expect(turn.question).toMatchObject({ field: 'objective', options: [{ value: 'sft' }] });
    expect(turn.question?.text).toContain('I cannot train with GRPO here, only with SFT. A GPU can.');
    const next = talk(['dates with QLoRA and GRPO, 10 min', 'train with SFT'], over);
    expect(next.question).toMatchObject({
      field: 'methods',
      options: [{ value: 'full' }, { value: 'lora' }],
    });
    expect(next.question?.text).toContain(
      'I cannot train with QLoRA here, only with full fine-tuning and LoRA. A GPU can.',
    );
    const edited = talk(['dates, 10 min', { kind: 'edit', values: { methods: 'qlora' } }], over);
    expect(edited.rejected.methods).toContain('I cannot train with QLoRA here');
    expect(edited.brief?.scope.methods).toEqual(['full', 'lora']);
  });

  it('asks which of two ways is meant', () => {
    expect(talk(['dates, SFT then DPO, 10 min'], gpu).question).toMatchObject({
      field: 'objective',
      options: [{ value: 'dpo' }, { value: 'sft' }],
    });
  });

  it('asks when the metric is no reward, and takes another metric or SFT', () => {
    const start = ['dates, GRPO, measure ROUGE-L', '10 min'];
    const { question } = talk(start, gpu);
    expect(question?.text).toBe(
      'GRPO here has the rewards exact match, accuracy and contains the answer; your metric is ROUGE-L. What shall I do?',
    );
    const click = (value: string): IntakeEntry => ({ kind: 'answer', field: 'objective', value });
    expect(talk([...start, click('measure accuracy')], gpu).brief).toMatchObject({
      metric: 'accuracy',
      scope: { objective: 'grpo' },
    });
    expect(talk([...start, 'sft'], gpu).brief).toMatchObject({ metric: 'rouge_l' });
  });

  it('asks when rows have no pair for DPO, and leaves those out or trains with SFT', () => {
    const rows = (pairs: number) => say('learn with DPO', file('p.jsonl', { rows: 6000, pairs }));
    const some = talk([rows(5188), 'em', '10 min'], gpu);
    expect(some.question?.text).toBe('DPO needs a `rejected` answer in every row: 812 of 6,000 have none.');
    expect(talk([rows(5188), 'em', '10 min', 'leave them out'], gpu).brief?.scope.objective).toBe('dpo');
    const none = talk([rows(0), 'em', '10 min'], gpu);
    expect(none.question?.text).toContain('the 6,000 of `p.jsonl` have none. Attach a file that has them');
    expect(none.question?.options.map((o) => o.label)).toEqual(['Train with SFT']);
    expect(talk([rows(0), 'em', '10 min', 'train with sft'], gpu).brief?.scope.objective).toBeUndefined();
    expect(talk([rows(6000), 'em', '10 min'], gpu).brief?.scope.objective).toBe('dpo');
    expect(talk(['dates with DPO', '10 min'], gpu).question?.text).toContain(
      'the rows of my tasks have none',
    );
  });

  it('offers DPO where every row is a pair', () => {
    const pairs = say('learn', file('p.jsonl', { rows: 60, pairs: 60 }));
    expect(talk([pairs], gpu).notes.join(' ')).toContain('say `use DPO`');
    expect(talk([pairs]).notes.join(' ')).not.toContain('DPO');
  });
});

describe('a price that nobody knows', () => {
  const unknown = { usdPerHour: null };
  const answered = (text: string, over: Partial<IntakeInput> = {}): IntakeTurn =>
    talk(['dates, $20, never ask', text], { ...unknown, ...over });

  it('is asked for once, where a limit is in dollars', () => {
    const turn = talk(['dates, $20'], unknown);
    expect(turn.question).toMatchObject({
      field: 'usdPerHour',
      options: [{ label: 'Count minutes only', value: 'minutes' }],
    });
    expect(turn.question?.text).toMatch(
      /^What does an hour on one slot cost here\? I need it to keep a budget/,
    );
    expect(talk(['dates, 10 minutes, ask above $2'], unknown).question?.text).toContain('a limit for asking');
    expect(talk(['dates, 10 minutes'], unknown).question).toBeNull();
    expect(talk(['dates, $20'], { ...unknown, gpusPerSlot: 4 }).question?.text).toContain('all its 4 GPUs');
  });

  it.each([
    ['$2.50 an hour', 2.5],
    ['2.50', 2.5],
    ['about 3 dollars', 3],
    ['it costs us $4/h', 4],
    ['$1.99 per GPU-hour', 1.99],
    ['an hour costs 2 bucks', 2],
  ])('is taken from the answer %s, with who said it', (text, usdPerHour) => {
    const entries = [say('dates, $20, never ask'), { ...say(text), by: 'U2' }];
    const { brief, question } = talk(entries, unknown);
    expect(question).toBeNull();
    expect(brief?.price).toEqual({ usdPerHour, saidBy: 'U2' });
    expect(brief?.budget).toEqual({ computeSeconds: null, usd: 20 });
  });

  it('of a GPU is that of all GPUs of a slot', () => {
    expect(answered('$2 per GPU-hour', { gpusPerSlot: 4 }).brief?.price?.usdPerHour).toBe(8);
    expect(answered('$2 an hour', { gpusPerSlot: 4 }).brief?.price?.usdPerHour).toBe(2);
  });

  it('said in the request is no limit, and is not asked for again', () => {
    const { brief } = talk(['dates, budget $20 at $2.50 an hour, ask me above $4 a branch'], unknown);
    expect(brief).toMatchObject({ budget: { usd: 20 }, askAbove: { usd: 4 }, price: { usdPerHour: 2.5 } });
  });

  it.each(['count minutes only', 'minutes', 'no idea', "I don't know", 'you choose', 'it is free'])(
    '%s gives up on dollars, and minutes are asked for',
    (text) => {
      const turn = answered(text);
      expect(turn.question?.field).toBe('budget');
      expect(turn.question?.text).toContain('not in dollars');
      const brief = talk(['dates, $20, never ask', text, '10 min'], unknown).brief;
      expect([brief?.budget, brief?.price]).toEqual([{ computeSeconds: 600, usd: null }, undefined]);
    },
  );

  it('that is no price is said back, and the question stays', () => {
    for (const text of ['purple', '$50,000 an hour', '2 euros an hour'])
      expect([text, answered(text).question?.field]).toEqual([text, 'usdPerHour']);
    expect(answered('$50,000 an hour').remarks.join(' ')).toContain('looks like a slip');
    expect(answered('2 euros an hour').remarks.join(' ')).toContain('US dollars');
  });

  it('is the configuration where it has one, whatever people say', () => {
    const other = talk(['dates, $20 at $3 an hour']);
    expect(other.remarks.join(' ')).toContain('costs $2 by my configuration');
    expect(other.brief).toMatchObject({ budget: { usd: 20 } });
    expect(other.brief?.price).toBeUndefined();
    expect(talk(['dates, $20 at $2 an hour']).remarks.join(' ')).not.toContain('configuration');
  });
});

describe('limits', () => {
  it('asks for minutes when dollars cannot be kept', () => {
    expect(talk(['dates, $20'], { usdPerHour: 0 }).remarks.join(' ')).toContain('free');
    expect(talk(['dates', '20 euros']).remarks.join(' ')).toContain('US dollars');
  });

  it.each([
    'dates, 0 minutes',
    'dates, target 500%',
    'dates, -3 in parallel',
    'dates, -5 minutes',
    'dates, 0 nodes',
  ])('has a sentence for %j', (text) => {
    const turn = talk([text]);
    expect(turn.remarks.join(' ')).toMatch(/not possible|above zero/);
    expect(turn.understood).toEqual({ data: 'task date' });
  });

  it.each([
    "don't raise the budget to 500 hours",
    'please do not set the budget to 500 hours',
    'what if we raise the budget to 500 hours',
    'never double the budget',
    'we should not add 30 minutes more',
  ])('leaves the budget as it is after %j', (text) => {
    expect(talk(['dates, 15 min', text]).brief?.budget).toEqual({ computeSeconds: 900, usd: null });
  });

  it('says what it left out, and reads the rest of the sentence', () => {
    const turn = talk(['dates, 15 min', "don't raise the budget to 500 hours, set it to 20 min"]);
    expect(turn.brief?.budget.computeSeconds).toBe(1200);
    expect(turn.read.notUsed.map(({ words }) => words)).toContain("don't raise the budget to 500 hours");
  });

  it.each(['ok, make the budget 20 minutes', 'i approve, budget 20 minutes', 'okay then budget is 20 min'])(
    'takes the amount of %j as the budget, not as the line for asking',
    (text) => {
      const { brief } = talk(['dates, 15 min, ask me above 1 min', text]);
      expect(brief?.budget.computeSeconds).toBe(1200);
      expect(brief?.askAbove.computeSeconds).toBe(60);
    },
  );

  it('fills in defaults and names them', () => {
    const turn = talk(['dates, 15 min']);
    expect(turn.brief).toMatchObject({
      askAbove: { computeSeconds: 180, usd: null },
      parallel: 2,
      maxNodes: 30,
    });
    expect(turn.notes.join(' ')).toContain('ask above 3 min a node');
  });

  it('rejects edits that make no sense, field by field', () => {
    const edit: IntakeEntry = {
      kind: 'edit',
      values: { budget: 'soon', target: '95', parallel: '3', methods: 'lora' },
    };
    const turn = talk(['dates, 15 min', edit]);
    expect(Object.keys(turn.rejected)).toEqual(['budget']);
    expect(turn.brief).toMatchObject({ target: 0.95, parallel: 3, budget: { computeSeconds: 900 } });
    expect(turn.brief?.scope.methods).toEqual(['lora']);
    expect(turn.read.words).toEqual({ data: 'dates', budget: '15 min' });
  });
});

describe('any input', () => {
  const words = fc.constantFrom(
    ...phrasings.flatMap(([text]) => text.split(' ')),
    '⟦0⟧',
    '-1',
    '1e9',
    '99999999999 hours',
    '∞',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 20 }).map((w) => w.join(' ')),
  );
  const entries = fc.array(
    fc.oneof(
      texts.map((text): IntakeEntry => say(text)),
      texts.map((text): IntakeEntry => say(text, file(`${text.slice(0, 8)}.csv`))),
      fc
        .tuple(fc.constantFrom('data', 'badRows', 'metric', 'budget', 'deadline', 'title'), texts)
        .map(([field, value]): IntakeEntry => ({ kind: 'answer', field, value }) as IntakeEntry),
      texts.map(
        (text): IntakeEntry => ({ kind: 'edit', values: { budget: text, target: text, maxNodes: text } }),
      ),
    ),
    { maxLength: 4 },
  );

  it('never throws, is deterministic, and ends in a question, a valid brief, or the end', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const turn = foldIntake(input(list));
        expect(foldIntake(input(list))).toEqual(turn);
        if (turn.brief) Brief.parse(turn.brief);
        expect([turn.brief !== null, turn.question !== null, turn.cancelled].filter(Boolean)).toHaveLength(1);
        for (const option of turn.question?.options ?? [])
          expect(option.label.length).toBeLessThanOrEqual(75);
      }),
      { numRuns: 300 },
    );
  });
});
