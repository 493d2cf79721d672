import { describe, expect, test } from 'vitest';
import { codeHash, codeName, type PythonMap } from '../../recipe/recipe.ts';
import type { ProposalContext } from '../port.ts';
import { context, node, recipe } from '../rules/testing/propose-fixtures.ts';
import { acceptProposal, groundFor, type ProposalAnswer, proposalAnswer } from './accept-proposal.ts';

const code = 'def map_row(row):\n    return None if row["completion"] in row["prompt"] else row';
const step = (over: Partial<PythonMap> = {}): PythonMap => ({
  op: 'python_map',
  purpose: 'drop rows whose answer stands in the question',
  code,
  ...over,
});
const sandbox = (over: Partial<NonNullable<ProposalContext['sandbox']>> = {}) => ({
  approved: new Set<string>(),
  refused: new Set<string>(),
  takesNew: true,
  ...over,
});

/** The problems of a node with these steps. */
function accept(steps: ProposalAnswer['recipe']['steps'], over: Partial<ProposalContext> = {}) {
  const at = context({ sandbox: sandbox(), ...over });
  const ground = groundFor(at) as NonNullable<ReturnType<typeof groundFor>>;
  const { method, learningRate, schedule, warmupRatio, weightDecay, batchSize, epochs, order } =
    ground.training;
  const trial = {
    method,
    loraRank: null,
    beta: null,
    generations: null,
    learningRate,
    schedule,
    warmupRatio,
    weightDecay,
    batchSize,
    epochs,
    order,
  };
  const answer: ProposalAnswer = {
    hypothesis: 'The failing items quote the prompt.',
    strategy: 'refine_data_pipeline',
    title: 'drop quotes',
    recipe: { inputs: ground.recipe.inputs, steps },
    trials: [trial],
    expectedGain: null,
    refutedBy: 'no gain',
  };
  const parsed = proposalAnswer(at).safeParse(answer);
  if (!parsed.success) return { problems: ['not of this form'] };
  return acceptProposal(parsed.data, at, ground);
}
const problemsOf = (result: ReturnType<typeof accept>): string[] =>
  'problems' in result ? result.problems : [];
const stepsOf = (result: ReturnType<typeof accept>) => ('value' in result ? result.value.recipe.steps : []);

describe('code in a node of a language model', () => {
  test('is taken where there is a sandbox, with its purpose cleaned', () => {
    const taken = accept([step({ purpose: 'drop\n\u202equotes <!channel>' })]);
    expect(stepsOf(taken)).toEqual([step({ purpose: expect.not.stringMatching(/[\n\u202e]/) })]);
    expect('value' in taken && taken.value.recipeChanges).toEqual([expect.stringMatching(/^run code: drop/)]);
  });

  test('is refused where there is none', () => {
    expect(problemsOf(accept([step()], { sandbox: null }))).toEqual(['not of this form']);
  });

  test('is refused when people said no to it or it failed', () => {
    const refused = new Set([codeHash(code)]);
    expect(problemsOf(accept([step()], { sandbox: sandbox({ refused }) }))[0]).toContain('do without it');
  });

  test('waits while people are asked about other code, unless they approved it', () => {
    const busy = sandbox({ takesNew: false });
    expect(problemsOf(accept([step()], { sandbox: busy }))).toEqual(['recipe.steps: no new code now']);
    const approved = new Set([codeHash(code)]);
    expect(stepsOf(accept([step()], { sandbox: { ...busy, approved } }))).toEqual([step()]);
  });

  test('of the parent goes by its name', () => {
    const approved = new Set([codeHash(code)]);
    const parent = node(1, { recipe: recipe({ steps: [step()] }) });
    const keep = { ...step(), purpose: 'kept', code: codeName(code) };
    const more = { op: 'dedup_exact' as const };
    const over = { parent, path: [parent], sandbox: sandbox({ approved, takesNew: false }) };
    expect(stepsOf(accept([keep, more], over))).toEqual([step(), more]);
    expect(problemsOf(accept([{ ...keep, code: '#00000000' }], over))[0]).toContain('map_row');
  });

  test('comes one new piece at a time', () => {
    const other = step({ code: `${code}\n# another` });
    expect(problemsOf(accept([step(), other]))[0]).toContain('one piece of new code');
  });

  test('holds no secret and nothing that people cannot see', () => {
    const key = 'sk-live-abcdefghijklmnop1234567890';
    expect(problemsOf(accept([step({ code: `${code}\n# ${key}` })]))[0]).toContain('secret');
    expect(problemsOf(accept([step({ code: `${code}\n# \u202e` })]))[0]).toContain('printable ASCII');
  });
});
