import type { Proposal } from '../../src/campaign/proposal.ts';
import { codeHash, type PythonMap } from '../../src/recipe/recipe.ts';
import type { ProposalContext, Researcher } from '../../src/researcher/port.ts';
import { createRulesResearcher } from '../../src/researcher/rules/rules-researcher.ts';
import type { Sandbox, SandboxJob } from '../../src/sandbox/port.ts';

export interface CodingResearcher extends Researcher {
  /** The context of each proposal, oldest first. */
  shown: ProposalContext[];
}

/** The rules, with this code in their next nodes where code is taken: one piece a node, in order. */
export function codingResearcher(codes: string[]): CodingResearcher {
  const rules = createRulesResearcher();
  const shown: ProposalContext[] = [];
  return {
    ...rules,
    shown,
    propose: async (context, thinking) => {
      shown.push(context);
      const proposal = await rules.propose(context, thinking);
      const [code] = codes;
      if (proposal === null || code === undefined || context.sandbox?.takesNew !== true) return proposal;
      if (context.sandbox.refused.has(codeHash(code)) || context.parent.recipe === null) return proposal;
      codes.shift();
      return withCode(proposal, code);
    },
  };
}

function withCode(proposal: Proposal, code: string): Proposal {
  const step: PythonMap = { op: 'python_map', purpose: 'drop rows that teach nothing', code };
  return {
    ...proposal,
    title: 'rows through code',
    recipe: { ...proposal.recipe, steps: [...proposal.recipe.steps, step] },
    recipeChanges: ['run code: drop rows that teach nothing'],
  };
}

export interface FakeSandbox extends Sandbox {
  /** All jobs that ran. */
  ran: SandboxJob[];
  /** The answer of `problem` from now on. */
  closed: string | null;
}

/** A sandbox without processes: `act` is the effect of the code on a row. */
export function fakeSandbox(
  act: (row: { prompt: string; completion: string }) => object[] = (row) =>
    row.prompt.length % 3 === 0 ? [] : [row],
): FakeSandbox {
  const sandbox: FakeSandbox = {
    terms: 'It runs where it has no network.',
    ran: [],
    closed: null,
    problem: async () => sandbox.closed,
    run: async (job) => {
      sandbox.ran.push(job);
      return job.rows
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => `${JSON.stringify(act(JSON.parse(line)))}\n`)
        .join('');
    },
  };
  return sandbox;
}
