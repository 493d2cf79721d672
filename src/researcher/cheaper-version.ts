import type { Proposal } from '../campaign/proposal.ts';
import { clipUnits, numberText } from '../lib/text.ts';

/** A source is cut to this many rows at most. */
const rowsOfCheaper = 1500;
/**
 * The same idea for less, for approval cards: passes cut to a third, sources cut to 1,500 rows, one trial. Null when
 * there is nothing left to save.
 */
export function cheaperVersion(proposal: Proposal): Proposal | null {
  const first = proposal.trials[0];
  if (!first) return null;
  const { training } = first;
  const epochs = training.epochs > 1 ? Math.max(1, Math.floor(training.epochs / 3)) : training.epochs;
  const inputs = proposal.recipe.inputs.map((input) => {
    const most = input.maxRows === null ? rowsOfCheaper : Math.ceil(input.maxRows / 2);
    return {
      ...input,
      maxRows: input.maxRows !== null && input.maxRows <= 200 ? input.maxRows : Math.min(most, rowsOfCheaper),
    };
  });
  const fewerRows = inputs.some((input, i) => input.maxRows !== proposal.recipe.inputs[i]?.maxRows);
  const fewerEpochs = epochs < training.epochs;
  // Fewer passes alone already save enough; rows are cut when the passes cannot be.
  const cutRows = fewerRows && !fewerEpochs;
  if (!cutRows && !fewerEpochs && proposal.trials.length <= 1) return null;
  const savings = [
    fewerEpochs ? `epochs ${training.epochs} → ${epochs}` : null,
    cutRows ? `at most ${numberText(rowsOfCheaper)} rows a source` : null,
    proposal.trials.length > 1 ? `trials ${proposal.trials.length} → 1` : null,
  ].filter((part) => part !== null);
  return {
    ...proposal,
    title: clipUnits(`${proposal.title} (smaller)`, 60),
    hypothesis: `${proposal.hypothesis} A smaller node first: ${savings.join(', ')}.`,
    recipe: cutRows ? { ...proposal.recipe, inputs } : proposal.recipe,
    recipeChanges: cutRows
      ? [...proposal.recipeChanges, `at most ${numberText(rowsOfCheaper)} rows a source`]
      : proposal.recipeChanges,
    trials: [
      {
        training: { ...training, epochs },
        changes: fewerEpochs
          ? [
              ...first.changes.filter((c) => !c.startsWith('epochs ')),
              `epochs ${training.epochs} → ${epochs}`,
            ]
          : first.changes,
      },
    ],
    expectedGain: null,
    factors: proposal.factors.filter((f) => !f.startsWith('epochs ')),
  };
}
