import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntakeTurn } from '../../port.ts';
import { file, input, say } from '../testing/intake-fixtures.ts';
import { foldIntake } from './intake.ts';

const read = (text: string): IntakeTurn => foldIntake(input([say(text, file('tickets.csv'))]));
const notUsed = (text: string): string[] => read(text).read.notUsed.map(({ words }) => words);
const task = (text: string): string => read(text).read.task ?? '';

describe('every clause of a request', () => {
  const taken = fc.constantFrom(
    'accuracy',
    'budget 10 min',
    'spend at most $5',
    'ask me above 2 min',
    'at most 12 experiments',
    '2 at a time',
    '2 parallel',
    'target 0.9',
    'by Friday 17:00',
    'LoRA only',
    'metric: accuracy',
  );
  const instructions = fc.constantFrom(
    'use 100 long rows only',
    'keep general ability above 0.95',
    'use the smallest model',
    'deploy it to our vLLM afterwards',
    'email ben@example.com',
    "don't touch the embeddings",
    'make sure it still speaks German',
    'defrost the layers',
    'merge adapters afterwards',
    'no emojis',
    'never shuffle them',
    'log to MLflow',
    'notify the team of it',
  );
  const descriptions = fc.constantFrom(
    'turn messy dates into ISO',
    'support tickets from shops',
    'each ticket belongs to a queue',
    'we run a helpdesk',
    'the answers are short',
    'use my letters to predict the tone',
    'please teach it our style',
    'I want a model that writes commit messages',
  );
  const clauses = fc.array(
    fc.oneof(
      taken.map((text) => ({ kind: 'taken' as const, text })),
      instructions.map((text) => ({ kind: 'instruction' as const, text })),
      descriptions.map((text) => ({ kind: 'description' as const, text })),
    ),
    { minLength: 1, maxLength: 6 },
  );

  const separators = fc.constantFrom(
    '. ',
    '; ',
    ', ',
    '\n',
    '\n\n',
    ',\n',
    '\n- ',
    '\n* ',
    '\n• ',
    '\n1) ',
    ' and ',
  );
  /** Of two amounts of money, and of two metrics, the bot asks. */
  const role = (text: string): string =>
    /budget|spend|accuracy|at a time|parallel/
      .exec(text)?.[0]
      .replace('spend', 'budget')
      .replace('at a time', 'parallel') ?? text;

  it('is taken, said not to be used, or kept as the task: exactly one of them', () => {
    fc.assert(
      fc.property(clauses, separators, (list, separator) => {
        const unique = list.filter(
          (one, i) => list.findIndex(({ text }) => role(text) === role(one.text)) === i,
        );
        const mark = separator.startsWith('\n') ? separator.slice(1) : '';
        const turn = read(mark + unique.map(({ text }) => text).join(separator));
        const unused = turn.read.notUsed.map(({ words }) => words);
        const words = Object.values(turn.read.words);
        for (const { kind, text } of unique) {
          const places = [
            words.some((said) => said.includes(text.replace(/^metric: /, ''))) && 'taken',
            unused.includes(text) && 'instruction',
            (turn.read.task ?? '').includes(text) && 'description',
          ].filter(Boolean);
          // The card cuts a long description.
          if (kind === 'description' && (turn.read.task ?? '').endsWith('…')) continue;
          expect([text, places]).toEqual([text, [kind]]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each(['2 parallel', 'budget 10 min', 'accuracy'])(
    'is not lost beside a line that was taken: %s',
    (line) => {
      for (const text of [`${line}\nplease teach it our style`, `please teach it our style\n${line}`])
        expect(task(text)).toBe('please teach it our style');
    },
  );

  it('loses no number, name or address', () => {
    const things = fc.constantFrom(
      '512',
      '0.95',
      'ml-1234',
      'ben@example.com',
      'metric.py',
      '#ml-ops',
      '4fa95d0',
    );
    const words = fc.constantFrom('wobble', 'tokens', 'the', 'gently', 'of', 'purple');
    const clause = fc.tuple(words, words, things, words).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(fc.array(clause, { minLength: 1, maxLength: 5 }), (list) => {
        const unused = notUsed(`accuracy, ${list.join(', ')}`).join(' | ');
        for (const said of list) expect(unused).toContain(said.split(' ')[2]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the items of a list', () => {
  it.each([
    '- 2 at a time\n- accuracy\n- 10 min',
    '1. 10 min\n2. 2 at a time\n3. accuracy',
    '• accuracy • 2 at a time • 10 min',
  ])('are read as clauses, and a dash in front of a number is no sign: %j', (text) => {
    const turn = read(text);
    expect(turn.brief).toMatchObject({ parallel: 2, metric: 'accuracy', budget: { computeSeconds: 600 } });
    expect([turn.read.notUsed, turn.read.task]).toEqual([[], null]);
  });

  it.each(['accuracy - 10 min - 2 at a time', 'accuracy – budget 10 min – 2 at a time'])(
    'are divided by a dash, which is no minus of an amount either: %j',
    (text) => {
      const turn = read(text);
      expect(turn.brief).toMatchObject({ parallel: 2, metric: 'accuracy', budget: { computeSeconds: 600 } });
      expect([turn.read.notUsed, turn.read.task]).toEqual([[], null]);
    },
  );

  it.each(['metric: accuracy\nbudget: 10 min', 'Evaluation metric: accuracy; total budget: 10 min'])(
    'have labels, which are no task: %j',
    (text) => {
      const turn = read(text);
      expect(turn.brief).toMatchObject({ metric: 'accuracy', budget: { computeSeconds: 600 } });
      expect([turn.read.notUsed, turn.read.task]).toEqual([[], null]);
    },
  );

  it('keep a number that stands at the start of a line of prose', () => {
    expect(notUsed('accuracy, 10 min\n2. attempt, the first one failed')).toEqual(['2']);
  });
});

describe('words that ask', () => {
  it.each(['every run needs my approval', 'for each run ask me', 'ask me about every run'])(
    'are taken whole, and nothing of them is the task: %s',
    (text) => {
      const turn = read(`accuracy, 10 min, ${text}`);
      expect(turn.understood.askAbove).toBe('every time');
      expect(turn.read.words.askAbove).toContain(text.replace(/^for /, ''));
      expect(turn.read.task ?? null).toBeNull();
    },
  );
});

describe('signs between the labels of a task', () => {
  it.each([
    'sort mails into spam / no spam',
    'turn questions into yes / no',
    'route tickets to sales / support only',
    'classify reviews as positive | negative',
  ])('divide nothing: %s', (said) => {
    const turn = read(`${said}, accuracy, 10 min`);
    expect([turn.read.notUsed, turn.read.task]).toEqual([[], said]);
  });

  it('divide clauses beside what is taken', () => {
    const turn = read('accuracy | 10 min / 2 at a time');
    expect(turn.brief).toMatchObject({ parallel: 2, metric: 'accuracy', budget: { computeSeconds: 600 } });
    expect([turn.read.notUsed, turn.read.task]).toEqual([[], null]);
  });
});

describe('methods', () => {
  it.each(['full and lora', 'full or LoRA'])('are taken together: %s', (said) => {
    const turn = read(`teach it our style, accuracy, 10 min, ${said}`);
    expect([turn.brief?.scope.methods, turn.read.task]).toEqual([['full', 'lora'], 'teach it our style']);
  });
});

describe('dates of the data', () => {
  it.each(['use orders between 1 March 2026 and 5 March 2026', 'tickets from 2026-01-01 to 2026-03-01'])(
    'are not taken for hours to run in: %s',
    (text) => {
      const turn = read(`accuracy, 10 min, ${text}`);
      expect(turn.brief?.deadline).toBeNull();
      expect(turn.read.notUsed.map(({ why }) => why ?? '')).not.toContainEqual(
        expect.stringMatching(/no hours/),
      );
    },
  );
});

describe('what is wanted of the bot', () => {
  it.each([
    ['accuracy, 10 min, use 100 rows only', '100 rows'],
    ['accuracy, 10 min, max 512 tokens', 'max 512 tokens'],
    ['accuracy, 10 min, freeze the first 8 layers', 'freeze the first 8 layers'],
    ['accuracy, 10 min. What will it cost?', 'What will it cost'],
    ['accuracy, 10 min on a 3090', '3090'],
    ['accuracy, 10 min, my script is metric.py', 'metric.py'],
    ['accuracy, 10 min, task foo', 'task foo'],
    ['accuracy, 10 min, tickets older than 90 days are spam', '90 days'],
    ['accuracy, 10 min, we tried this with GPT-4', 'GPT-4'],
    ['accuracy, 10 min, push the weights to s3://acme/models', 'push the weights to s3://acme/models'],
    ['accuracy, 10 min, two seeds each', 'two seeds each'],
    ['accuracy, 10 min in all, 5 min cap per trial', '5 min cap per trial'],
    ['accuracy, 10 min, on cuda:1', 'on cuda:1'],
    ['accuracy, 10 min, open a PR in acme/serving afterwards', 'open a PR in acme/serving afterwards'],
    ['accuracy, 10 min, the base model must be Apache licensed', 'the base model must be Apache licensed'],
    ['exact match ignoring case, 10 min', 'ignoring case'],
    ['accuracy, 10 min, only run between 22:00 and 06:00', 'only run between 22:00 and 06:00'],
    ['accuracy, 10 min, from 10pm to 6am', 'from 10pm to 6am'],
    ['accuracy, 10 min, task foo: my tickets', 'task foo'],
  ])('and was not used is said: %s', (text, words) => {
    const turn = read(text);
    expect(turn.brief).not.toBeNull();
    expect(turn.read.notUsed.map((one) => one.words)).toContain(words);
  });

  it.each([
    'hi team, thanks a lot! accuracy, 10 min',
    'please, accuracy, 10 min max',
    'ok, accuracy, 10 min',
  ])('is nothing in %j', (text) => {
    expect([notUsed(text), task(text)]).toEqual([[], '']);
  });

  it('is not repeated from an answer that was taken', () => {
    const turn = foldIntake(input([say('10 min', file('tickets.csv')), say('accuracy'), say('no, 20')]));
    expect([turn.read.notUsed, turn.read.task, turn.brief?.budget.computeSeconds]).toEqual([[], null, 1200]);
  });

  it('is asked for where data of a hub is named', () => {
    const turn = foldIntake(input([say('accuracy, 10 min, my dataset acme/tickets on the hub')]));
    expect(turn.question?.text).toContain('`acme/tickets`');
  });
});
