import type { Brief } from '../../campaign/brief.ts';
import type { RunSpec, TrainingSettings } from '../../campaign/run-spec.ts';
import { answerLimit } from '../../executor/answer-limit.ts';
import type { Asked } from '../../executor/engine.ts';
import type { StoredSplits } from '../../store/schema.ts';

/** The part of a campaign that goes into all of its run specs. */
export interface SpecGround {
  engine: string;
  brief: Brief;
  splits: StoredSplits;
}

export const makeSpec = (
  { engine, brief, splits }: SpecGround,
  parts: Pick<RunSpec, 'training' | 'recipeHash' | 'rowsHash'>,
): RunSpec => ({
  v: 1,
  engine,
  baseModel: brief.scope.baseModel,
  ...parts,
  seed: brief.seed,
  splitHashes: { search: splits.hashes.search, select: splits.hashes.select, test: splits.hashes.test },
  metric: brief.metric,
  maxNewTokens: answerLimit(splits.lengths, brief.scope.maxSequenceTokens),
});

/** The untrained base model, which everything is compared with. */
export const baselineSpec = (ground: SpecGround): RunSpec =>
  makeSpec(ground, { training: null, recipeHash: null, rowsHash: null });

/** Owned by the system: no proposal can change them. */
export const ownedSettings = (
  training: TrainingSettings,
  brief: Brief,
  memoryLimitBytes: number,
): TrainingSettings => ({ ...training, memoryLimitBytes, maxSequenceTokens: brief.scope.maxSequenceTokens });

/** The answers that a run of the search gives. */
export const askedWhileSearching = ({ counts, lengths }: StoredSplits): Asked => ({
  prompts: counts.search,
  ...(lengths === undefined ? {} : { promptTokens: lengths.meanPrompt }),
});
