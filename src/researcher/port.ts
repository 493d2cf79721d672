import type { Brief, BriefField } from '../campaign/brief.ts';
import type { Question } from '../campaign/messages.ts';
import type { TrainingSettings } from '../campaign/run-spec.ts';
import type { Strategy } from '../campaign/states.ts';
import type { Steering } from '../campaign/steering.ts';
import type { NodeView } from '../campaign/view.ts';
import type { Effect } from '../insight/types.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { CatalogTask, DataSource, DatasetReport, Row } from '../recipe/types.ts';
import type { PairedDifference, Score } from '../scoring/types.ts';

/** What people said in the thread, in order. A click is an answer to the question it stood under. */
export type IntakeEntry =
  | {
      kind: 'message';
      text: string;
      files: { report: DatasetReport | null; name: string; problem: string | null }[];
    }
  | { kind: 'answer'; field: BriefField; value: string }
  | { kind: 'edit'; values: Partial<Record<BriefField, string>> };

export interface IntakeInput {
  /** Oldest first, the request itself included. */
  entries: IntakeEntry[];
  tasks: CatalogTask[];
  baseModels: { id: string; title: string; maxSequenceTokens: number }[];
  /** Price of an hour on one slot; 0 is free, null is unknown (then a budget in dollars cannot be kept). */
  usdPerHour: number | null;
  slots: number;
  now: Date;
  /** IANA zone of the person, for deadlines such as "by 9am". */
  timeZone: string;
  seed: number;
}

export interface IntakeTurn {
  /** Everything understood so far, field by field, as people would read it: `budget: 15 min`. For Edit and tests. */
  understood: Partial<Record<BriefField, string>>;
  /** Fields of the last `edit` entry whose value could not be used, each with a sentence. Empty otherwise. */
  rejected: Partial<Record<BriefField, string>>;
  /** Short sentences about what changed or could not be used, to be said before the question. */
  remarks: string[];
  /** The one thing to ask now; null when `brief` is complete or nothing can be done. */
  question: Question | null;
  brief: Brief | null;
  /** Notes for the brief card (defaults taken, suspicions about the data). */
  notes: string[];
  /** The person asked to forget it. */
  cancelled: boolean;
}

/** A proposed trial: hyperparameters without the parts that the system owns (memory cap, sequence length, seed). */
export interface TrialProposal {
  training: TrainingSettings;
  /** What it changes against the parent: `learning rate 1e-3 → 5e-4`. */
  changes: string[];
}

/** One round: a hypothesis, one data recipe, one to five training configurations. */
export interface Proposal {
  strategy: Strategy;
  /** At most 60 characters. */
  title: string;
  hypothesis: string;
  recipe: Recipe;
  /** What the recipe changes against the parent's, in words. */
  recipeChanges: string[];
  trials: TrialProposal[];
  expectedGain: { low: number; high: number } | null;
  refutedBy: string;
  /** Factors that differ from the parent (for insights): `recipe.filter_pattern=on`, `learningRate=0.0005`. */
  factors: string[];
}

/** What the Researcher may know of one node: no select, no test. */
export interface NodeMemory {
  view: NodeView;
  recipe: Recipe | null;
  /** Settings of the trial that gave the node's score. */
  training: TrainingSettings | null;
  factors: string[];
}

/** M(v) = condense(path, siblings, key nodes tree-wide, insights): bounded whatever the size of the tree. */
export interface ProposalContext {
  brief: Pick<Brief, 'goal' | 'metric' | 'target' | 'scope'>;
  parent: NodeMemory;
  /** Root first, parent last. At most 8 (root and the last 7). */
  path: NodeMemory[];
  /** Other children of the parent, also running ones. At most 12. */
  siblings: NodeMemory[];
  /** Best five and last five failures of the whole tree. */
  keyNodes: NodeMemory[];
  effects: Effect[];
  sources: DataSource[];
  /** Up to 200 training rows, a fixed sample, to look at. */
  sampleRows: Row[];
  /** Failing items of the parent on search: at most 60, texts cut to 200 characters. */
  failing: { prompt: string; expected: string; prediction: string }[];
  /** Hashes of (recipe, training) already proposed in the tree: never twice. */
  tried: ReadonlySet<string>;
  steering: Steering;
  maxTrials: number;
  /** Seconds one pass over 1,000 rows of this data takes, if measured; for cheap alternatives. */
  budgetLeftSeconds: number | null;
  seed: number;
}

export interface DiagnosisContext {
  node: NodeMemory;
  parent: NodeMemory | null;
  failing: { prompt: string; expected: string; prediction: string }[];
  /** Items that the parent failed and that are right now, and the other way round; at most 60 each. */
  fixed: { prompt: string; expected: string; prediction: string }[];
  broken: { prompt: string; expected: string; prediction: string }[];
  delta: PairedDifference | null;
  score: Score;
}

export interface Diagnosis {
  summary: string;
  mistakes: { kind: string; count: number; example: string }[];
  /** What this suggests next, at most three. */
  directions: { text: string; strategy: Strategy }[];
}

/** The mind that reads the request, plans rounds and explains results. It never acts. */
export interface Researcher {
  readonly name: string;
  intake(input: IntakeInput): Promise<IntakeTurn>;
  /** Null when it has nothing new to try below this parent. */
  propose(context: ProposalContext): Promise<Proposal | null>;
  diagnose(context: DiagnosisContext): Promise<Diagnosis>;
}

export type { Steering } from '../campaign/steering.ts';
