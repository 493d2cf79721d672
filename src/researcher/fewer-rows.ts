import type { Proposal } from '../campaign/proposal.ts';
import { clipUnits, numberText } from '../lib/text.ts';

/**
 * The same idea on at most this many rows, drawn at the end of its recipe, in one trial: for a budget that covers no
 * more.
 */
export function onFewerRows(proposal: Proposal, rows: number): Proposal {
  const count = numberText(rows);
  return {
    ...proposal,
    title: clipUnits(`${proposal.title.replace(/ \(smaller\)$/, '')} (${count} rows)`, 60),
    hypothesis: `${proposal.hypothesis} On ${count} rows, for the budget holds no more.`,
    recipe: { ...proposal.recipe, steps: [...proposal.recipe.steps, { op: 'sample', rows }] },
    recipeChanges: [...proposal.recipeChanges, `${count} rows of all`],
    trials: proposal.trials.slice(0, 1),
    expectedGain: null,
  };
}
