import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../../test/support/cpu-ms.ts';
import type { IntakeInput, IntakeTurn } from '../../port.ts';
import { file, input, say } from '../testing/intake-fixtures.ts';
import { foldIntake } from './intake.ts';

const models = [
  { id: 'Llama-3.1-8B-Instruct', title: 'Llama 3.1 8B Instruct', maxSequenceTokens: 4096 },
  { id: 'gemma-2-2b-it', title: 'Gemma 2 2B', maxSequenceTokens: 4096 },
  { id: 'Qwen3-1.7B', title: 'Qwen3 1.7B', maxSequenceTokens: 4096 },
];
/** One or more messages about a built-in task, on an installation with three models and an H100. */
const read = (texts: string | string[], over: Partial<IntakeInput> = {}): IntakeTurn =>
  foldIntake(
    input(
      [texts].flat().map((text) => say(text)),
      { baseModels: models, gpu: 'H100', ...over },
    ),
  );
const budgetOf = (said: string): object | undefined => read(`task date, ${said}`).brief?.budget;
const time = (computeSeconds: number): object => ({ computeSeconds, usd: null });
const money = (usd: number): object => ({ computeSeconds: null, usd });
const never = { computeSeconds: null, usd: null };
const notUsed = (turn: IntakeTurn): string[] => turn.read.notUsed.map(({ words }) => words);

describe('a budget', () => {
  it.each([
    ['budget 50 cents', money(0.5)],
    ['budget half a dollar', money(0.5)],
    ['budget twenty-five dollars', money(25)],
    ['budget $1 000', money(1000)],
    ["budget 1'000 USD", money(1000)],
    ['budget $20k', money(20_000)],
    ['budget $20-30', money(20)],
    ['budget 1:30 h', time(5400)],
    ['budget 2:30h', time(9000)],
    ['budget 02:30:00', time(9000)],
    ['budget 1-02:00:00', time(93_600)],
    ['budget two and a half hours', time(9000)],
    ['budget between 1 and 2 hours', time(3600)],
    ['budget 3h 20m', time(12_000)],
    ['budget 8 H100-hours', time(28_800)],
    ['you have 3 GPU hours on this', time(10_800)],
    ['budget 2 hours or $20', { computeSeconds: 7200, usd: 20 }],
    ['budget $5 or 10 min, whichever comes first', { computeSeconds: 600, usd: 5 }],
    ['for up to 90 min on this', time(5400)],
    ["don't spend more than 40 dollars", money(40)],
    ['keep it under $10', money(10)],
    ['cap it at 6 GPU-hours', time(21_600)],
    ['half an hour tops', time(1800)],
    ['spend whatever you need up to 4 hours', time(14_400)],
    ['up to $5 per run, $50 overall', money(50)],
    ['customers with a budget of $5000 want to know the price; spend 30 min', time(1800)],
    ['travellers with budgets of $300 write to us; spend up to 20 min', time(1200)],
    ["our team's yearly budget is $50k, spend at most $5 here", money(5)],
    ['customers ask for refunds above $500, budget 10 min', time(600)],
    ['turn dates into ISO with a budget of 10 min', time(600)],
    ['total compute budget $3', money(3)],
    ['it may take up to 20 min', time(1200)],
  ])('is read from "%s"', (said, limit) => {
    expect(budgetOf(said)).toEqual(limit);
  });

  it.each([
    'budget 2 GPUs',
    'budget 20 epochs',
    'budget 5 runs',
    'budget 2 nights',
    'budget 10k tokens',
    'budget 90',
    'budget $1.5M',
    'budget $1.000',
    'budget 100 USD/day',
    'budget two hours per node',
    'budget 10 minutes, not more than 5 minutes total',
    'budget 8 A100-hours',
    'budget 40 RTX-4090 hours',
    'we have about $300 left this quarter',
    'our department budget is $5000',
    'the marketing budget of $2000 is in the tickets',
    'customers with a budget of $5000 want to know the price',
    'orders may cost up to $500',
    "budget 10 min, don't spend more than 5",
    'budget $20, never use more than 10',
    "don't spend more than 5",
    '$25/day',
    'budget infinite',
    'budget 500 INR',
    'budget 20 CAD',
    'budget 300 SEK',
    'budget £50',
  ])('is asked for after "%s", with buttons and nothing guessed', (said) => {
    const turn = read(`task date, ${said}`);
    expect(turn.understood.budget).toBeUndefined();
    expect(turn.question?.field).toBe('budget');
    expect(turn.question?.options.length).toBeGreaterThan(0);
  });

  it.each([
    ['flag orders of at most $500, accuracy, budget $5', money(5)],
    ['tickets answered within 24 hours or not, budget 10 min', time(600)],
    ['prices from $5 to $500, budget 30 min', time(1800)],
    ['tickets older than 90 days are spam. spend 30 minutes', time(1800)],
    ['we spend 3 hours a day on this by hand. Budget 2h', time(7200)],
    ['customers pay $12 a month; budget 45 minutes', time(2700)],
  ])('is not what a sentence about the data says: "%s"', (said, limit) => {
    expect(budgetOf(said)).toEqual(limit);
  });

  it('is asked for where only the data has a time', () => {
    const turn = read('task date, rows of the last 30 days, exact match');
    expect(turn.question?.field).toBe('budget');
    expect(notUsed(turn)).toContain('30 days');
  });

  it.each([
    ['double the budget', time(1200)],
    ['half the budget', time(300)],
    ['a third less', time(400)],
    ['50% more', time(900)],
    ['10 minutes more', time(1200)],
    ['raise it by 5 minutes', time(900)],
    ['make it 3 times the budget', time(1800)],
  ])('changes by "%s"', (said, limit) => {
    expect(read(['task date, budget 10 min', said]).brief?.budget).toEqual(limit);
  });

  it('is offered as it was said', () => {
    const offered = (said: string): string[] | undefined =>
      read(`task date, ${said}`).question?.options.map((option) => option.label);
    expect(offered('$25/day')?.[0]).toBe('$25 in all');
    expect(offered("budget 10 min, don't spend more than 5")).toEqual(['5 min', '10 min']);
    expect(offered("don't spend more than 5")).toEqual(['5 min', '5 h', '$5']);
  });

  it('of a click on one of two readings counts', () => {
    const request = 'task date, budget 10 minutes, not more than 5 minutes total';
    const turn = read(request);
    expect(turn.question?.options.map((option) => option.label)).toEqual(['5 minutes', '10 minutes']);
    const entries = [say(request), { kind: 'answer' as const, field: 'budget' as const, value: '5 minutes' }];
    expect(foldIntake(input(entries)).brief?.budget).toEqual(time(300));
  });
});

describe('asking', () => {
  it.each([
    ['ask me above 20 cents', money(0.2)],
    ['ask above half a dollar', money(0.5)],
    ['shout if a branch wants over 2 minutes', time(120)],
    ['check with me before anything over $3', money(3)],
    ["don't go over $10 for any single run without asking me", money(10)],
    ['nothing above $5 without my ok', money(5)],
    ["don't start anything over 2 minutes without asking", time(120)],
    ['never start branches above $2 before asking me', money(2)],
    ['do not launch anything costing over $2 unless I approve', money(2)],
    ['nothing above $5 unless I say so', money(5)],
    ['only go above $2 if I approve', money(2)],
    ['no need to ask below 2 minutes', time(120)],
    ["you don't have to ask for anything under $1", money(1)],
    ['start anything under 2 min without asking', time(120)],
    ['runs up to $2 are fine without asking', money(2)],
    ["don't ask me unless it is above 1 h", time(3600)],
    ["don't ask me, unless it's above 1 h", time(3600)],
    ['ask me before you spend more than $3', money(3)],
    ['only ask if it costs more than $4', money(4)],
    ['runs above 2 min need approval', time(120)],
    ['anything above $5 requires approval', money(5)],
    ['branches over 3 minutes need my approval', time(180)],
    ['without asking', never],
    ['no approvals', never],
  ])('%s', (said, limit) => {
    expect(read(`task date, budget 10 min, ${said}`).brief?.askAbove).toEqual(limit);
  });

  it.each([
    "don't ask me above $5",
    'ask me below 2 min',
    'feel free to go over 5 min without asking',
    'no need to ask every time',
  ])('is asked about where the words could mean their opposite: %s', (said) => {
    const turn = read(`task date, budget 1 h, ${said}`);
    expect(turn.question?.field).toBe('askAbove');
    expect(turn.understood.askAbove).toBeUndefined();
    expect(turn.question?.options.map((option) => option.value)).toContain('every time');
  });

  it('sets one limit, however the negations are put', () => {
    const amounts = fc.constantFrom('2 min', '$3', '90 s', '1 h', '50 cents');
    const forms = fc.constantFrom<(x: string) => string>(
      (x) => `ask me above ${x}`,
      (x) => `nothing above ${x} without asking`,
      (x) => `don't start a run over ${x} unless I approve`,
      (x) => `no need to ask below ${x}`,
      (x) => `never ask for less than ${x}`,
      (x) => `don't ask me except above ${x}`,
      (x) => `you may start anything up to ${x} without asking`,
    );
    fc.assert(
      fc.property(amounts, forms, (amount, form) => {
        const asked = read(`task date, budget 10 h, ${form(amount)}`).brief?.askAbove;
        expect(asked).toEqual(read(`task date, budget 10 h, ask me above ${amount}`).brief?.askAbove);
        expect(asked).not.toEqual(never);
      }),
    );
  });

  it.each([
    'customers ask for approval above $500',
    'refunds above $500 need approval by a manager',
    'loans over $500 require permission of the bank',
    'orders beyond $500 wait for confirmation',
  ])('is not what other people ask: %s', (said) => {
    const turn = read(`task date, budget 10 min; ${said}`);
    expect(turn.understood.askAbove).toBeUndefined();
    expect(notUsed(turn)).toContain('$500');
  });

  it('needs a unit', () => {
    const turn = read('task date, budget 10 minutes, shout if a branch wants over 2');
    expect(turn.question).toMatchObject({ field: 'askAbove' });
    expect(turn.question?.options.map((option) => option.value)).toEqual(['2 min', '2 h', '$2']);
  });
});

describe('a target', () => {
  it.each([
    ['we are at 82.3% accuracy, want > 90', 0.9],
    ['target accuracy >= 0.92', 0.92],
    ['f1 > 90', 0.9],
    ['beat 0.9 exact match', 0.9],
    ['target .9', 0.9],
    ['we want at least 85 percent accuracy', 0.85],
    ['goal: 95%+ accuracy', 0.95],
  ])('is read from "%s"', (said, target) => {
    expect(read(`task date, budget 5 min, ${said}`).brief?.target).toBe(target);
  });

  it.each([
    'hold out 10% of the rows',
    'use 20% for validation',
    'about 15% of the rows are noise',
    'the baseline gets 70%',
    '5% of the data are duplicates',
  ])('is none in "%s"', (said) => {
    const turn = read(`task date, budget 5 min; ${said}`);
    expect(turn.brief?.target).toBeNull();
    expect(notUsed(turn).join(' ')).toMatch(/\d+%/);
  });
});

describe('a metric', () => {
  it.each([
    'metric macro F1',
    'weighted f1',
    'F1 (macro)',
    'entity-level F1',
    'micro-F1',
    'rouge-1',
    'rouge-2',
    'balanced accuracy',
    'top-5 accuracy',
    'minimise perplexity',
    'measure BLEU',
    'MCC',
    'metric: business value',
    'optimise for recall',
    'pass@1',
  ])('that cannot be measured is asked about: %s', (said) => {
    const turn = read(`task date, budget 5 min, ${said}`);
    expect(turn.question?.field).toBe('metric');
    expect(turn.question?.text).toContain('I cannot measure');
    expect(turn.understood.metric).toBeUndefined();
    expect(read([`task date, budget 5 min, ${said}`, 'accuracy']).brief?.metric).toBe('accuracy');
  });

  it('that is one of two is asked about', () => {
    const turn = read('task date, budget 5 min, accuracy or f1');
    expect(turn.question?.options.map((option) => option.value)).toEqual(['accuracy', 'token_f1']);
  });

  it('that is taken back is not taken', () => {
    expect(read(['task date, accuracy, budget 5 min', 'forget the accuracy, use f1']).brief?.metric).toBe(
      'token_f1',
    );
  });

  it('is not found in prose', () => {
    for (const prose of ['each row contains a ticket', 'recall notices of cars', 'loss of luggage'])
      expect(read(`task date, budget 5 min; ${prose}`).brief?.metric).toBe('exact_match');
  });
});

describe('a model', () => {
  it.each([
    ['Qwen3-1.7B', 'Qwen3-1.7B'],
    ['Qwen/Qwen3-1.7B', 'Qwen3-1.7B'],
    ['qwen3 1.7b', 'Qwen3-1.7B'],
    ['gemma 2 2b', 'gemma-2-2b-it'],
    ['llama 8b', 'Llama-3.1-8B-Instruct'],
    ['meta-llama/Llama-3.1-8B-Instruct', 'Llama-3.1-8B-Instruct'],
  ])('%s', (said, id) => {
    expect(read(`fine-tune ${said} on task date, budget 5 min`).brief?.scope.baseModel).toBe(id);
  });

  it.each(['meta-llama/Llama-3.3-70B-Instruct', 'Llama 3.2 3B', 'mistral-7b', 'gpt-4o-mini', 'Mistral'])(
    'that is not here is said, with the nearest as buttons: %s',
    (said) => {
      const turn = read(`fine-tune ${said} on task date, budget 5 min`);
      expect(turn.question?.text).toContain(`I do not have the model ${said}`);
      expect(turn.question?.options.length).toBeGreaterThan(0);
      expect(turn.brief).toBeNull();
    },
  );

  it.each(['rows about meta tags', 'google reviews', 'llama farms', 'the answers were written by gpt-4o'])(
    'is none in "%s"',
    (said) => {
      const turn = read(`task date, budget 5 min; ${said}`);
      expect(turn.understood.baseModel).toBeUndefined();
      expect(turn.brief).not.toBeNull();
    },
  );
});

describe('what is refused', () => {
  it('is not done', () => {
    const turn = read('do not use gemma 2 2b, task date, budget 5 min');
    expect(turn.question?.options.map((option) => option.value)).toEqual([
      'Llama-3.1-8B-Instruct',
      'Qwen3-1.7B',
    ]);
    expect(read("task date, budget 5 min, don't stop before 6pm").brief?.deadline).toBeNull();
    expect(read("task date, budget 5 min, don't start anything without asking me").understood.askAbove).toBe(
      'every time',
    );
  });
});

describe('what is not there', () => {
  it.each([
    ['I put 4k examples in dates.jsonl', 'I do not see `dates.jsonl`'],
    ['task date, also train.csv', 'I do not see `train.csv`'],
    ['fine-tune on hf:tatsu-lab/alpaca', '`hf:tatsu-lab/alpaca`'],
    ['use tatsu-lab/alpaca', '`tatsu-lab/alpaca`'],
    ['fine-tune on s3://acme/tickets/', '`s3://acme/tickets/`'],
    ['data at https://example.com/x.jsonl', '`https://example.com/x.jsonl`'],
    ['train on /data/tickets/train', '`/data/tickets/train`'],
  ])('is said, and nothing starts: %s', (said, words) => {
    const turn = read(`${said}, budget 5 min`);
    expect(turn.question).toMatchObject({ field: 'data' });
    expect(turn.question?.text).toContain(words);
    expect(turn.brief).toBeNull();
  });

  it('comes, and the request goes on', () => {
    const request = say('I put 4k examples in dates.jsonl, exact match, budget 5 min');
    const turn = foldIntake(input([request, say('here', file('dates.jsonl'))]));
    expect(turn.brief?.data).toMatchObject({ kind: 'attached', train: { name: 'dates.jsonl' } });
  });

  it('beside a file is told on the card', () => {
    const turn = foldIntake(input([say('accuracy, 30 min, mix in s3://acme/extra', file('tickets.csv'))]));
    expect(turn.brief).not.toBeNull();
    expect(turn.read.notUsed).toEqual([{ words: 's3://acme/extra', why: 'I cannot read s3 addresses' }]);
  });

  it('is no task of the catalogue, whatever the words', () => {
    for (const said of [
      'turn messy dates into ISO',
      'classify the sentiment of reviews',
      'route support tickets',
    ])
      expect(read(`${said}, budget 5 min`)).toMatchObject({ brief: null, question: { field: 'data' } });
  });
});

describe('columns', () => {
  const attached = (text: string, columns: { prompt: string; completion: string }): IntakeTurn =>
    foldIntake(input([say(text, file('r.csv', { columns }))]));

  it('as asked are taken, others are asked about', () => {
    const wish = 'use review as prompt and sentiment as completion, accuracy, budget 5 min';
    expect(attached(wish, { prompt: 'review', completion: 'sentiment' }).brief).not.toBeNull();
    const other = attached(wish, { prompt: 'text', completion: 'label' });
    expect(other.brief).toBeNull();
    expect(other.question?.text).toContain('Attach it again');
  });
});

describe('what was not used', () => {
  it('is listed: hyperparameters, machines, ways of training', () => {
    const turn = read(
      'task date, budget 5 min, learning rate 2e-4, 3 epochs, batch 16, LoRA r=16 alpha=32, seed 42, use 2 nodes with 8 GPUs each',
    );
    expect(notUsed(turn)).toEqual([
      'learning rate 2e-4',
      '3 epochs',
      'batch 16',
      'r=16',
      'alpha=32',
      'seed 42',
      '2 nodes with 8 GPUs each',
    ]);
    expect(turn.brief?.maxNodes).not.toBe(2);
    expect(turn.brief?.scope.methods).toEqual(['lora']);
  });

  it('is asked about where something else would be done', () => {
    const turn = read('task date, budget 5 min, with KTO');
    expect(turn.question).toMatchObject({ field: 'objective', options: [{ value: 'sft' }] });
    expect(turn.question?.text).toContain('I cannot train with KTO');
  });

  it('is empty when everything was used, and each value has its words', () => {
    const turn = read('task date, budget 15 minutes, ask me above 2 minutes a branch, target .9');
    expect(turn.read.notUsed).toEqual([]);
    expect(turn.read.words).toEqual({
      data: 'task date',
      budget: 'budget 15 minutes',
      askAbove: 'ask me above 2 minutes a branch',
      target: 'target .9',
    });
  });
});

describe('what a language model reads', () => {
  const withReading = (text: string, values: object): IntakeTurn => {
    const reading = { saysGoal: true, values, reply: null, cancelled: false };
    return foldIntake(input([{ kind: 'message', text, files: [], reading }], { baseModels: models }));
  };

  it('counts where it stands in the person’s words', () => {
    const { understood } = withReading(
      'task date, budget 5 min; I would be happy with nineteen in twenty, say 95',
      {
        target: '95%',
      },
    );
    expect(understood.target).toBe('95%');
  });

  it.each([
    ['target', '95%'],
    ['baseModel', 'gemma-2-2b-it'],
    ['metric', 'rouge_l'],
    ['deadline', '9am'],
    ['parallel', '3'],
    ['methods', 'lora'],
  ])('does not count where it stands in none: %s', (field, value) => {
    const turn = withReading('task date, budget 5 min, please be quick', { [field]: value });
    expect(turn.understood[field as 'target']).toBeUndefined();
    expect(turn.remarks.join(' ')).toContain('I find no words for');
  });

  it('never answers what the rules ask the person', () => {
    const turn = withReading('task date, budget 5 min, metric macro F1', { metric: 'token_f1' });
    expect(turn.question?.field).toBe('metric');
  });
});

describe('a deadline', () => {
  it.each([
    ['until 2026-12-24T18:00Z', '2026-12-24T18:00:00.000Z'],
    ['run until Monday 9am PT', '2026-03-09T16:00:00.000Z'],
    ['by 5 p.m.', '2026-03-04T16:00:00.000Z'],
    ['finish within 3 hours', '2026-03-04T13:30:00.000Z'],
    ['by 17h', '2026-03-04T16:00:00.000Z'],
    ['until 9h30', '2026-03-05T08:30:00.000Z'],
    ['ready for the meeting on Thursday at 3pm EST', '2026-03-05T20:00:00.000Z'],
    ['by end of day', '2026-03-04T17:00:00.000Z'],
  ])('%s', (said, when) => {
    expect(read(`task date, budget 5 min, ${said}`).brief?.deadline).toBe(when);
  });

  it('in figures is asked about, and one that is past is said', () => {
    const asked = read('task date, budget 5 min, by 03/05/2026');
    expect(asked.question).toMatchObject({ field: 'deadline' });
    expect(asked.question?.options).toHaveLength(3);
    for (const said of ['by 9', 'by Thursday or Friday'])
      expect(read(`task date, budget 5 min, ${said}`).question).toMatchObject({
        field: 'deadline',
        options: [{}, {}, { value: 'none' }],
      });
    const late = { now: new Date('2026-03-04T18:10:00Z') };
    expect(read('task date, budget 5 min, by end of day', late)).toMatchObject({
      brief: { deadline: '2026-03-04T22:59:00.000Z' },
      read: { words: { deadline: 'by end of day' } },
    });
    const past = read('task date, budget 5 min, deadline yesterday');
    expect(past.read.notUsed).toEqual([{ words: 'yesterday', why: 'that is past' }]);
    expect(past.brief?.deadline).toBeNull();
  });
});

describe('methods', () => {
  it('that are taken back leave the others', () => {
    expect(read(['task date, budget 5 min, LoRA only', 'no lora']).brief?.scope.methods).toEqual(['full']);
  });
});

describe('hostile text', () => {
  it.each([
    '1',
    '1:',
    '1h',
    '9am ',
    'monday,',
    '1 000 ',
    'a ',
    'budget 5 ',
    '$5 ',
    '5% ',
    'x.jsonl ',
    'a/b-1/',
    'llama-3',
    'a-',
    'http://a ',
    '⟦0⟧',
    '>= 1 ',
    'ask me above ',
    'use a as prompt and ',
  ])('of %j over and over is read in little time', (piece) => {
    const entries = Array.from({ length: 3 }, () => say(piece.repeat(Math.ceil(39_000 / piece.length))));
    foldIntake(input([say('task date')]));
    expect(cpuMs(() => foldIntake(input(entries)))).toBeLessThan(1500);
  });

  it('of earlier messages costs little at the next turn', () => {
    const entries = Array.from({ length: 3 }, (_, i) => say(`${i} ${'$5 1h '.repeat(6000)}`));
    const first = cpuMs(() => foldIntake(input(entries)));
    expect(cpuMs(() => foldIntake(input([...entries, say('ok')])))).toBeLessThan(first / 2);
  });

  it('longer than what is read is said to be', () => {
    const long = read(`task date, budget 5 min. ${'so '.repeat(4000)}`);
    expect(long.remarks.join(' ')).toContain('I read its first 8,000 characters');
    expect(read('task date, budget 5 min').remarks.join(' ')).not.toContain('characters');
  });

  it('gives every amount back with the words it came from', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.constantFrom('minutes', 'min', 'h', 'hours', 'dollars', 'USD', 'cents'),
        fc.constantFrom('budget', 'budget:', 'spend at most', 'max', 'you have'),
        (value, unit, cue) => {
          const turn = read(`task date, ${cue} ${value} ${unit}`);
          const seconds = { minutes: 60, min: 60, h: 3600, hours: 3600 }[unit as 'h'];
          const limit =
            seconds === undefined ? money(unit === 'cents' ? value / 100 : value) : time(value * seconds);
          expect(turn.brief?.budget).toEqual(limit);
          expect(turn.read.words.budget).toContain(`${value} ${unit}`);
        },
      ),
      { numRuns: 60 },
    );
  });
});
