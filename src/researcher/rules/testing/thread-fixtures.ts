import type { AnswerContext, ThreadInput } from '../../port.ts';
import { context, node, root, source } from './propose-fixtures.ts';

/** A message in the thread of a campaign with nine rounds, the best of them #7. */
export const threadInput = (text: string, over: Partial<ThreadInput> = {}): ThreadInput => ({
  text,
  earlier: null,
  lastNode: 8,
  best: 7,
  sources: [source('date/noisy', 6000, 'noisy'), source('date/clean', 800, 'clean')],
  steering: { bannedMethods: [], bannedStrategies: [], focus: [] },
  ...over,
});

export const answerContext = (over: Partial<AnswerContext> = {}): AnswerContext => {
  const { brief, failing } = context();
  const about = node(7, {}, { parent: 0, title: 'fewer rows, twice' });
  return {
    question: 'why is LoRA worse here?',
    brief: { ...brief, target: 0.95 },
    facts: ['full: 5 rounds with a score, the best #7 at 0.800 (0.770 to 0.830).', 'Spent 6 of 15 min.'],
    memory: { parent: about, path: [root, about], siblings: [], keyNodes: [node(3)], effects: [] },
    failing: failing.slice(0, 3),
    ...over,
  };
};
