import { expect, test } from 'vitest';
import { methodOf, TrainingSettings } from '../../src/campaign/run-spec.ts';
import { strategies } from '../../src/campaign/states.ts';
import { Recipe } from '../../src/recipe/recipe.ts';
import type { DiagnosisContext, ProposalContext, Researcher } from '../../src/researcher/port.ts';
import { proposalKey } from '../../src/researcher/proposal-key.ts';
import { file, input, say } from '../../src/researcher/rules/testing/intake-fixtures.ts';
import { context, node, root } from '../../src/researcher/rules/testing/propose-fixtures.ts';
import { answerContext, threadInput } from '../../src/researcher/rules/testing/thread-fixtures.ts';
import { unknownNumbers } from '../../src/researcher/steps/unknown-numbers.ts';
import { createAccount } from '../support/model/mock-model.ts';

const items = (count: number, from = 0): DiagnosisContext['failing'] =>
  Array.from({ length: count }, (_, i) => ({
    prompt: `date: ${from + i + 1}/3/2021`,
    expected: `2021-03-${10 + i}`,
    prediction: `2021-${10 + i}-03`,
  }));

export const diagnosisContext = (over: Partial<DiagnosisContext> = {}): DiagnosisContext => ({
  node: node(8),
  parent: node(5),
  siblings: [node(6), node(7)],
  failing: items(9),
  fixed: items(4, 100),
  broken: items(2),
  delta: { difference: 0.033, low: 0.012, high: 0.055, pValue: 0.004, wins: 31, losses: 11, n: 620 },
  score: { metric: 'exact_match', value: 0.87, low: 0.84, high: 0.9, n: 620 },
  ...over,
});

/** What every Researcher keeps to; `open` gives one whose language model, if it has one, answers sensibly. */
export function describeResearcher(open: () => Promise<Researcher>): void {
  const propose = async (over: Partial<ProposalContext> = {}) =>
    (await open()).propose(context(over), createAccount());

  const isValid = (proposal: NonNullable<Awaited<ReturnType<typeof propose>>>, at: ProposalContext): void => {
    Recipe.parse(proposal.recipe);
    const known = at.sources.map((s) => s.id);
    expect(proposal.recipe.inputs.every((i) => known.includes(i.source))).toBe(true);
    expect(strategies).toContain(proposal.strategy);
    expect(proposal.title.length).toBeGreaterThan(0);
    expect(proposal.title.length).toBeLessThanOrEqual(60);
    expect(proposal.hypothesis).not.toBe('');
    expect(proposal.refutedBy).not.toBe('');
    expect(proposal.trials.length).toBeGreaterThan(0);
    expect(proposal.trials.length).toBeLessThanOrEqual(at.maxTrials);
    for (const { training } of proposal.trials) {
      TrainingSettings.parse(training);
      expect(at.brief.scope.methods).toContain(methodOf(training));
      expect(at.steering.bannedMethods).not.toContain(methodOf(training));
      expect(training.maxSequenceTokens).toBe(at.brief.scope.maxSequenceTokens);
      expect(at.tried.has(proposalKey(proposal.recipe, training))).toBe(false);
    }
    expect(at.steering.bannedStrategies).not.toContain(proposal.strategy);
    if (proposal.expectedGain !== null) {
      expect(proposal.expectedGain.low).toBeLessThanOrEqual(proposal.expectedGain.high);
      expect(Math.abs(proposal.expectedGain.low)).toBeLessThanOrEqual(1);
      expect(Math.abs(proposal.expectedGain.high)).toBeLessThanOrEqual(1);
    }
  };

  test('plans a valid round below a trained parent and below the root', async () => {
    for (const over of [{}, { parent: root, path: [root] }]) {
      const proposal = await propose(over);
      expect(proposal).not.toBeNull();
      if (proposal !== null) isValid(proposal, context(over));
    }
  });

  test('never plans what was tried', async () => {
    const researcher = await open();
    const tried = new Set<string>();
    for (let seed = 0; seed < 12; seed++) {
      const at = context({ tried, seed });
      const proposal = await researcher.propose(at, createAccount());
      if (proposal === null) return;
      isValid(proposal, at);
      for (const { training } of proposal.trials) tried.add(proposalKey(proposal.recipe, training));
    }
  });

  test('keeps to bans of methods and strategies', async () => {
    const bans: Partial<ProposalContext>[] = [
      { steering: { ...context().steering, bannedMethods: ['full'] } },
      { steering: { ...context().steering, bannedMethods: ['lora'] } },
      { steering: { ...context().steering, bannedStrategies: ['adjust_training_scheme'] } },
      {
        steering: {
          ...context().steering,
          bannedStrategies: ['refine_data_pipeline', 'construct_synthetic_data'],
        },
      },
    ];
    for (const over of bans) {
      const proposal = await propose(over);
      if (proposal !== null) isValid(proposal, context(over));
    }
  });

  test('stays below what has diverged', async () => {
    const failed = node(
      3,
      {},
      {
        state: 'failed',
        score: null,
        failure: { code: 'diverged', fault: 'config', message: 'loss rose', log: [] },
      },
    );
    const rate = failed.training?.learningRate as number;
    const proposal = await propose({ keyNodes: [failed] });
    expect(
      proposal?.trials
        .filter((t) => t.training.method === 'full')
        .every((t) => t.training.learningRate < rate),
    ).toBe(true);
  });

  test('has nothing below a root with three starts, nor without a method or data', async () => {
    const starts = { parent: root, path: [root], siblings: [node(1), node(2), node(3)] };
    expect(await propose(starts)).toBeNull();
    expect(await propose({ sources: [] })).toBeNull();
    expect(
      await propose({ steering: { ...context().steering, bannedMethods: ['full', 'lora'] } }),
    ).toBeNull();
  });

  test('diagnoses with counts that add up and at most three directions', async () => {
    const at = diagnosisContext();
    const { summary, mistakes, directions } = await (await open()).diagnose(at, createAccount());
    expect(summary).toContain('#5');
    expect(mistakes.length).toBeGreaterThan(0);
    expect(mistakes.reduce((sum, m) => sum + m.count, 0)).toBeLessThanOrEqual(at.failing.length);
    expect(mistakes.map((m) => m.count)).toEqual(mistakes.map((m) => m.count).toSorted((a, b) => b - a));
    const [first] = mistakes;
    expect(first?.example).toContain('date: ');
    expect(first?.moved).toEqual({ fixed: 4, broken: 2 });
    expect(directions.length).toBeGreaterThan(0);
    expect(directions.length).toBeLessThanOrEqual(3);
    for (const direction of directions) {
      expect(strategies).toContain(direction.strategy);
      expect(direction.refutedBy).not.toBe('');
    }
  });

  test('diagnoses a root, and a round without mistakes', async () => {
    const researcher = await open();
    const ofRoot = await researcher.diagnose(
      diagnosisContext({ node: root, parent: null, siblings: [], fixed: [], broken: [], delta: null }),
      createAccount(),
    );
    expect(ofRoot.mistakes.every((m) => m.moved === undefined)).toBe(true);
    const perfect = await researcher.diagnose(
      diagnosisContext({ failing: [], fixed: [], broken: [] }),
      createAccount(),
    );
    expect(perfect.summary).not.toBe('');
    expect(perfect.mistakes).toEqual([]);
  });

  test('reads a request; folding it with the reading rejects nothing, and gives the same turn every time', async () => {
    const researcher = await open();
    const talk = input([say('teach date, budget 10 minutes, no need to ask')]);
    const reading = await researcher.read(talk, createAccount());
    const [first] = talk.entries;
    const read =
      reading === null || first?.kind !== 'message' ? talk : { ...talk, entries: [{ ...first, reading }] };
    const turn = await researcher.intake(read);
    expect(turn.rejected).toEqual({});
    expect(turn.understood).toMatchObject({ data: 'task date', budget: '10 min', askAbove: 'never' });
    expect(turn.brief?.budget).toEqual({ computeSeconds: 600, usd: null });
    expect(await researcher.intake(read)).toEqual(turn);
  });

  test('asks for what is missing, one thing at a time', async () => {
    const researcher = await open();
    const entry = say('turn these into ISO dates', file());
    const reading = await researcher.read(input([entry]), createAccount());
    const turn = await researcher.intake(
      input([reading === null || entry.kind !== 'message' ? entry : { ...entry, reading }]),
    );
    expect(turn.brief).toBeNull();
    expect(turn.question?.field).toBe('metric');
  });

  test('reads words of the thread as no order that takes effect, or leaves them to the rules', async () => {
    const researcher = await open();
    for (const text of ['I have had enough of adapters', 'wrap this up for today', 'why so slow?']) {
      const reading = await researcher.listen(threadInput(text), createAccount());
      if (reading?.kind === 'command') expect(['steer', 'why', 'status']).toContain(reading.command.kind);
    }
  });

  test('answers a question with numbers of the records alone, or not at all', async () => {
    const at = answerContext();
    const answer = await (await open()).answer(at, createAccount());
    if (answer === null) return;
    expect(answer.length).toBeLessThanOrEqual(900);
    expect(unknownNumbers(answer, `${at.facts.join('\n')} #0 #3 #7 0.800 0.770 0.830 0.95`)).toEqual([]);
  });

  test('asks no model where none is wanted', async () => {
    const researcher = await open();
    expect(await researcher.propose(context(), null)).not.toBeNull();
    expect((await researcher.diagnose(diagnosisContext(), null)).mistakes[0]?.kind).toBe(
      'day and month are swapped',
    );
    expect(await researcher.read(input([say('teach date')]), null)).toBeNull();
    expect(await researcher.listen(threadInput('I have had enough of adapters'), null)).toBeNull();
    expect(await researcher.answer(answerContext(), null)).toBeNull();
  });
}
