import { describe, expect, it } from 'vitest';
import { file, input, say } from '../rules/testing/intake-fixtures.ts';
import { context, node, recipe, root } from '../rules/testing/propose-fixtures.ts';
import { answerContext, threadInput } from '../rules/testing/thread-fixtures.ts';
import { groundFor } from '../steps/accept-proposal.ts';
import { answerPrompt } from './answer-prompt.ts';
import { diagnosePrompt } from './diagnose-prompt.ts';
import { intakePrompt } from './intake-prompt.ts';
import { listenPrompt } from './listen-prompt.ts';
import { proposePrompt } from './propose-prompt.ts';

const whole = ({ system, user }: { system: string; user: string }): string => `${system}\n=====\n${user}`;

/** Few rows and items, so that the snapshot can be read. */
const short = context();
const few = {
  ...short,
  sampleRows: short.sampleRows.slice(0, 3),
  failing: short.failing.slice(0, 3),
};

describe('the prompts', () => {
  it('for a round below a trained parent', () => {
    const at = {
      ...few,
      steering: {
        ...few.steering,
        focus: ['short answers'],
        pinnedNodes: [1],
        bannedNodes: [3, 5],
        weights: { construct_synthetic_data: 2 },
        sources: ['date/clean'],
      },
    };
    const ground = groundFor(at);
    expect(ground && whole(proposePrompt(at, ground, 6000))).toMatchSnapshot();
  });

  it('for a start below the untrained root', () => {
    const at = { ...few, parent: root, path: [root] };
    const ground = groundFor(at);
    expect(ground && whole(proposePrompt(at, ground, 6000))).toMatchSnapshot();
  });

  it('for a round that may run code, below one that does', () => {
    const code = 'def map_row(row):\n    return row';
    const coded = node(1, {
      recipe: recipe({ steps: [{ op: 'python_map', purpose: 'a secret of the trade', code }] }),
    });
    const sandbox = { approved: new Set<string>(), refused: new Set<string>(), takesNew: false };
    const at = { ...few, parent: coded, path: [root, coded], sandbox };
    const ground = groundFor(at);
    const text = ground === null ? '' : whole(proposePrompt(at, ground, 6000));
    const added = text.split('\n').filter((line) => /python_map|No new code/.test(line));
    expect(added).toMatchSnapshot();
    expect(text).not.toContain('def map_row(row):\n');
    const without = groundFor(few);
    expect(without && whole(proposePrompt(few, without, 6000))).not.toContain('python_map');
  });

  it('for the diagnosis of a round', () => {
    const item = { prompt: 'date: 5/3/2021', expected: '2021-03-05', prediction: '2021-05-03' };
    const prompt = diagnosePrompt(
      {
        node: node(8),
        parent: node(5),
        siblings: [node(6)],
        failing: [item, { ...item, prompt: 'date: 6/3/2021' }],
        fixed: [{ ...item, prompt: 'date: 7/3/2021' }],
        broken: [item],
        delta: null,
        score: { metric: 'exact_match', value: 0.87, low: 0.84, high: 0.9, n: 620 },
      },
      6000,
    );
    expect(whole(prompt)).toMatchSnapshot();
    expect(prompt.shown.failing).toHaveLength(2);
  });

  it('for reading a message', () => {
    const talk = input([say('hello'), say('teach this, budget 10 minutes', file())]);
    const before = {
      understood: { budget: '5 min' },
      question: { field: 'data' as const, text: '', options: [], default: null },
    };
    expect(whole(intakePrompt(talk, before, 6000))).toMatchSnapshot();
  });

  it('for reading a message in the thread of a campaign', () => {
    const earlier = { text: 'go deeper on one of them', askBack: 'Which one?' };
    expect(whole(listenPrompt(threadInput('the fourth', { earlier }), 6000))).toMatchSnapshot();
  });

  it('for a question about a campaign', () => {
    const { records, ...prompt } = answerPrompt(answerContext(), 6000);
    expect(whole(prompt)).toMatchSnapshot();
    expect(records).not.toContain('why is LoRA worse');
    expect(records).toContain('6 of 15 min');
  });
});
