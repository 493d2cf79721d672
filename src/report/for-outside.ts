import type { CampaignView, FinalResult } from '../campaign/view.ts';

/**
 * A campaign redacted for people who see nothing else of it: without quoted rows (examples of mistakes and their
 * reading, lines of logs), names of people, and paths of our machines.
 */
export function forOutside(view: CampaignView, weightsFile: string): CampaignView {
  const { weights: _place, ...final } = view.final ?? {};
  return {
    ...view,
    heldBecause: null,
    endedBecause: null,
    kept: null,
    nodes: view.nodes.map((node) => ({
      ...node,
      approval: null,
      failure: node.failure && { ...node.failure, log: [] },
      trials: node.trials.map((trial) => ({
        ...trial,
        failure: trial.failure && { ...trial.failure, log: [] },
      })),
      diagnosis: node.diagnosis && {
        summary: 'left out here, since it may quote rows',
        mistakes: node.diagnosis.mistakes.map((mistake) => ({ ...mistake, example: '' })),
      },
    })),
    final: view.final && ({ ...final, weightsPath: weightsFile } as FinalResult),
    pictureUrl: null,
    pageUrl: null,
    threadLink: null,
  };
}
