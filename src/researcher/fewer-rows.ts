import type { Proposal } from '../campaign/proposal.ts';
import { cut } from '../lib/cut.ts';

/** The same idea on so many rows, drawn at the end of its recipe, in one trial: for a budget that holds no more. */
export function onFewerRows(proposal: Proposal, rows: number): Proposal {
  const count = rows.toLocaleString('en-US');
  return {
    ...proposal,
    title: cut(`${proposal.title.replace(/ \(smaller\)$/, '')} (${count} rows)`, 60),
    hypothesis: `${proposal.hypothesis} On ${count} rows, for the budget holds no more.`,
    recipe: { ...proposal.recipe, steps: [...proposal.recipe.steps, { op: 'sample', rows }] },
    recipeChanges: [...proposal.recipeChanges, `${count} rows of all`],
    trials: proposal.trials.slice(0, 1),
    expectedGain: null,
  };
}
