import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { condense } from '../../src/researcher/memory/condense.ts';
import { estimateTokens } from '../../src/researcher/model/tokens.ts';
import type { ProposalContext } from '../../src/researcher/port.ts';
import { answerPrompt } from '../../src/researcher/prompts/answer-prompt.ts';
import { diagnosePrompt } from '../../src/researcher/prompts/diagnose-prompt.ts';
import { intakePrompt } from '../../src/researcher/prompts/intake-prompt.ts';
import { listenPrompt } from '../../src/researcher/prompts/listen-prompt.ts';
import { proposePrompt } from '../../src/researcher/prompts/propose-prompt.ts';
import { minPromptTokens } from '../../src/researcher/prompts/share-out.ts';
import { file, input, say } from '../../src/researcher/rules/testing/intake-fixtures.ts';
import { context, node, root } from '../../src/researcher/rules/testing/propose-fixtures.ts';
import { answerContext, threadInput } from '../../src/researcher/rules/testing/thread-fixtures.ts';
import { groundFor } from '../../src/researcher/steps/accept-proposal.ts';
import { diagnosisContext } from '../contracts/researcher.ts';
import { contextOf, growTree } from '../support/model/grown-tree.ts';

const tokensOf = (prompt: { system: string; user: string }): number =>
  estimateTokens(prompt.system) + estimateTokens(prompt.user);

const promptFor = (at: ProposalContext, maxTokens = 6000) =>
  proposePrompt(at, groundFor(at) as NonNullable<ReturnType<typeof groundFor>>, maxTokens);

describe('the memory of a node', () => {
  test('tells the way, the children, the best and the failures, each node once', () => {
    const tree = growTree(40, 3);
    const at = contextOf(tree, 39);
    const text = condense(at, 4000);
    expect(text.indexOf('The way from the untrained model to #39')).toBe(0);
    expect(text).toContain('Best nodes of the rest of the tree:');
    expect(text).toContain('Latest failures of the rest of the tree:');
    const shown = [...text.matchAll(/^#(\d+)/gm)].map((m) => m[1]);
    expect(new Set(shown).size).toBe(shown.length);
    for (const { view } of [...at.path, ...at.keyNodes]) expect(shown).toContain(String(view.number));
  });

  test('gives up detail before it gives up nodes, and the node itself last of all', () => {
    const at = contextOf(growTree(200, 5), 199);
    const [small, large] = [condense(at, 400), condense(at, 3000)];
    expect(large).toContain('Idea: ');
    expect(small).toContain('#199 from');
    expect((small.match(/^#/gm) ?? []).length).toBeGreaterThan(3);
    expect((small.match(/Idea: /g) ?? []).length).toBeLessThan((large.match(/Idea: /g) ?? []).length);
  });

  test('is never above its limit, and the same for the same tree', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: 0, max: 2000 }),
        (size, seed, most) => {
          const at = contextOf(growTree(size, seed), size - 1);
          const text = condense(at, most);
          expect(estimateTokens(text)).toBeLessThanOrEqual(most);
          expect(condense(at, most)).toBe(text);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the prompt for a round', () => {
  test('at node 10,000 has at most 1.1 times the tokens of that at node 10', () => {
    const big = [11, 12].map((seed) => growTree(10_000, seed));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 0, max: 1 }),
        fc.integer({ min: 9000, max: 9999 }),
        (seed, which, parent) => {
          const small = tokensOf(promptFor(contextOf(growTree(10, seed), 9)));
          const large = tokensOf(promptFor(contextOf(big[which] as ReturnType<typeof growTree>, parent)));
          expect(large).toBeLessThanOrEqual(1.1 * small);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is within its limit whatever people, files and models write', () => {
    const wild = fc.string({ unit: 'grapheme', maxLength: 3000 });
    fc.assert(
      fc.property(wild, wild, fc.integer({ min: minPromptTokens, max: 20_000 }), (one, other, most) => {
        const long = (text: string): string => text.repeat(1 + Math.floor(4000 / Math.max(1, text.length)));
        const wordy = node(1, {}, { title: long(one), hypothesis: long(other) });
        const at = context({
          brief: { ...context().brief, goal: long(other) },
          parent: wordy,
          path: [root, wordy],
          sources: Array.from({ length: 300 }, (_, i) => ({ id: `s${i}`, title: one, note: other, rows: 5 })),
          sampleRows: Array.from({ length: 200 }, () => ({ prompt: one, completion: other })),
          failing: Array.from({ length: 60 }, () => ({ prompt: one, expected: other, prediction: one })),
          steering: {
            bannedMethods: [],
            bannedStrategies: [],
            focus: [long(one)],
            sources: [one],
            pinnedNodes: Array.from({ length: 300 }, (_, i) => i),
            bannedNodes: Array.from({ length: 300 }, (_, i) => 90_000 + i),
          },
        });
        expect(tokensOf(promptFor(at, most))).toBeLessThanOrEqual(most);
      }),
      { numRuns: 60 },
    );
  });
});

test('the other prompts are within their limits as well, also the least', () => {
  const talk = input([
    ...Array.from({ length: 80 }, (_, i) => say(`and another thing ${i} `.repeat(40))),
    say('teach this '.repeat(3000), ...Array.from({ length: 30 }, (_, i) => file(`f${i}.jsonl`))),
  ]);
  const items = Array.from({ length: 60 }, (_, i) => ({
    prompt: `p${i} `.repeat(90),
    expected: 'e',
    prediction: 'x'.repeat(200),
  }));
  for (const most of [minPromptTokens, 6000, 20_000]) {
    expect(tokensOf(intakePrompt(talk, { understood: {}, question: null }, most))).toBeLessThanOrEqual(most);
    const diagnosis = diagnosePrompt(diagnosisContext({ failing: items, fixed: items, broken: items }), most);
    expect(tokensOf(diagnosis)).toBeLessThanOrEqual(most);
    expect(diagnosis.shown.failing.length).toBeGreaterThan(1);
    const long = 'and another thing 7 '.repeat(2000);
    const sources = Array.from({ length: 300 }, (_, i) => ({ id: `s${i}`, title: long, note: '', rows: 5 }));
    const heard = threadInput(long, { earlier: { text: long, askBack: long }, sources });
    expect(tokensOf(listenPrompt(heard, most))).toBeLessThanOrEqual(most);
    const facts = Array.from({ length: 200 }, () => long);
    const asked = answerContext({ question: long, facts, failing: items });
    expect(tokensOf(answerPrompt(asked, most))).toBeLessThanOrEqual(most);
  }
});

test('a question is answered from as much at node 10,000 as at node 10', () => {
  const promptAt = (size: number): number => {
    const { parent, path, siblings, keyNodes, effects } = contextOf(growTree(size, 4), size - 1);
    const memory = { parent, path, siblings, keyNodes, effects };
    return tokensOf(answerPrompt(answerContext({ memory }), 6000));
  };
  expect(promptAt(10_000)).toBeLessThanOrEqual(1.1 * promptAt(10));
});
