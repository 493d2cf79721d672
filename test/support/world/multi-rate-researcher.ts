import type { Researcher } from '../../../src/researcher/port.ts';

/** Makes each proposal a node of three trials that differ only in their rate, and in the `change` of each. */
export function multiRateResearcher(
  researcher: Researcher,
  change: (index: number) => { batchSize?: number } = () => ({}),
): Researcher {
  return {
    ...researcher,
    propose: async (...input) => {
      const proposal = await researcher.propose(...input);
      const first = proposal?.trials[0];
      if (proposal === null || first === undefined) return proposal;
      const trials = [1, 0.5, 0.25].map((share, index) => ({
        training: { ...first.training, learningRate: first.training.learningRate * share, ...change(index) },
        changes: [`rate times ${share}`],
      }));
      return { ...proposal, trials };
    },
  };
}
