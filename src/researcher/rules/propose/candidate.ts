import type { TrainingSettings } from '../../../campaign/run-spec.ts';
import type { Strategy } from '../../../campaign/states.ts';
import { listText } from '../../../lib/text.ts';
import type { Recipe } from '../../../recipe/recipe.ts';
import type { ProposalContext } from '../../port.ts';
import type { Evidence } from './evidence.ts';
import type { Lessons } from './lessons.ts';
import type { JudgedSource } from './sources.ts';

/** One thing that could be tried next, before it is weighed. */
export interface Candidate {
  /** Kind of change; the same for all sizes of it. */
  kind: string;
  strategy: Strategy;
  /** A function where the title names the trials: it is made from those that are left. */
  title: string | ((trainings: TrainingSettings[]) => string);
  /** The evidence and the expected result, one or two sentences. */
  hypothesis: string;
  refutedBy: string;
  recipe: Recipe;
  trainings: TrainingSettings[];
  /** How promising the evidence makes it, about 0 to 1. */
  prior: number;
  /** Words that "focus on …" may name. */
  tags: string[];
}

/** The input of all generators. `recipe` and `training` are the starting point of the node. */
export interface Ground {
  context: ProposalContext;
  evidence: Evidence;
  lessons: Lessons;
  sources: JudgedSource[];
  recipe: Recipe;
  training: TrainingSettings;
  /** Rows that `recipe` gives, about. */
  rows: number;
  /** `"the 9 of Aa 9999"`: the form of prompt that fails most; null when nothing fails. */
  worstForm: string | null;
  /** Share of the failing items that have it. */
  worstShare: number;
}

/** How a data node would be refuted: where most mistakes are now. */
export const noGain = (ground: Ground): string =>
  ground.worstForm === null
    ? `no gain over #${ground.context.parent.view.number} on the same items`
    : `no gain on prompts of the form "${ground.worstForm}"`;

export const titleOf = ({ title }: Candidate, trainings: TrainingSettings[]): string =>
  typeof title === 'string' ? title : title(trainings);

/** `a, b and c`, each once. */
export const distinctText = (parts: (string | number)[]): string => listText([...new Set(parts.map(String))]);
