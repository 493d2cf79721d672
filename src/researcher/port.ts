import type { Brief, BriefField, BriefReading } from '../campaign/brief.ts';
import type { Diagnosis } from '../campaign/diagnosis.ts';
import type { Findings } from '../campaign/findings.ts';
import type { IntakeEntry, MessageReading } from '../campaign/intake-entry.ts';
import type { Question } from '../campaign/messages.ts';
import type { Proposal } from '../campaign/proposal.ts';
import type { TrainingSettings } from '../campaign/run-spec.ts';
import type { Steering } from '../campaign/steering.ts';
import type { ThinkingCall, ThinkingPurpose, ThinkingTotals } from '../campaign/thinking.ts';
import type { ThreadReading } from '../campaign/thread-reading.ts';
import type { TrainingSupport } from '../campaign/training-support.ts';
import type { NodeView } from '../campaign/view.ts';
import type { Effect } from '../insight/types.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { CatalogTask, DataSource, Row } from '../recipe/types.ts';
import type { PairedDifference, Score } from '../scoring/types.ts';

export interface IntakeInput {
  /** Oldest first, the request itself included. */
  entries: IntakeEntry[];
  tasks: CatalogTask[];
  baseModels: { id: string; title: string; maxSequenceTokens: number }[];
  /** The methods and objectives that the engine can train. */
  supports: TrainingSupport;
  /**
   * Configured price of an hour on one slot; 0 is free. Null is unknown: a limit in dollars then needs a price from a
   * person.
   */
  usdPerHour: number | null;
  /** GPUs that an hour on one slot is an hour of; 1 where there are none. */
  gpusPerSlot: number;
  /** The kind of GPU that runs have, `H100`; unset or null where there is none. */
  gpu?: string | null;
  slots: number;
  now: Date;
  /** IANA zone of the person, for deadlines such as "by 9am". */
  timeZone: string;
  seed: number;
}

export interface IntakeTurn {
  /**
   * Everything understood so far, field by field, in the form shown to people: `budget: 15 min`. For Edit and tests.
   */
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
  /** The source of the values, the unused parts of the request, and a row of the data. */
  read: BriefReading;
  /** The person asked to forget it. */
  cancelled: boolean;
}

/** The facts of one node that the Researcher may see: no scores on select or test. */
export interface NodeMemory {
  view: NodeView;
  recipe: Recipe | null;
  /** Settings of the trial that gave the node's score. */
  training: TrainingSettings | null;
  factors: string[];
  /** Expected duration of its trials together; null when it was never estimated. */
  expectedSeconds: number | null;
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
  /** Published work of others on the task, in their words. Null when nothing was looked up, or not yet. */
  findings: Findings | null;
  sources: DataSource[];
  /** Up to 200 training rows, a fixed sample, to look at. */
  sampleRows: Row[];
  /** Failing items of the parent on search: at most 60, texts cut to 200 characters. */
  failing: { prompt: string; expected: string; prediction: string }[];
  /** Hashes of (recipe, training) already proposed in the tree: never twice. */
  tried: ReadonlySet<string>;
  /** Code that a node may run over its rows; null: none, there is no sandbox. The rules propose none. */
  sandbox: {
    /** Hashes of code that people of this campaign have approved. */
    approved: ReadonlySet<string>;
    /** Hashes of code that they rejected, or that failed. */
    refused: ReadonlySet<string>;
    /** False while other code awaits approval, and once people have rejected enough. */
    takesNew: boolean;
  } | null;
  steering: Steering;
  /** Settings that suit a first run of this engine; batch, rate and schedule at least. */
  defaultTraining: TrainingSettings;
  maxTrials: number;
  /** Compute seconds left of the budget; null when compute is not limited. */
  budgetLeftSeconds: number | null;
  seed: number;
}

export interface DiagnosisContext {
  node: NodeMemory;
  parent: NodeMemory | null;
  /** The parent's other children that have a score, at most 12. */
  siblings: NodeMemory[];
  failing: { prompt: string; expected: string; prediction: string }[];
  /** Items that the parent failed and that are right now, with the parent's answers; at most 60. */
  fixed: { prompt: string; expected: string; prediction: string }[];
  /** Items that the parent had right and that fail now; at most 60. */
  broken: { prompt: string; expected: string; prediction: string }[];
  delta: PairedDifference | null;
  score: Score;
}

/** A message to the bot in the thread of a started campaign that the rules could not read. */
export interface ThreadInput {
  text: string;
  /** The same person's message just before, and the bot's question about it; null when it asked nothing. */
  earlier: { text: string; askBack: string } | null;
  /** Numbers of the newest node and of the best; null while there is none. */
  lastNode: number | null;
  best: number | null;
  sources: DataSource[];
  steering: Steering;
}

/** The sources for an answer about a campaign; bounded whatever the size of the tree. */
export interface AnswerContext {
  question: string;
  brief: Pick<Brief, 'goal' | 'metric' | 'target' | 'scope'>;
  /** The bot's own statements about the campaign, a sentence or a line each, the most informative first. */
  facts: string[];
  /** Around the node that the question names, else the best; null before the first score. */
  memory: Pick<ProposalContext, 'parent' | 'path' | 'siblings' | 'keyNodes' | 'effects'> | null;
  /** Failing search items of that node: at most 60, cut. */
  failing: { prompt: string; expected: string; prediction: string }[];
}

/** Records paid model calls. The caller creates one per step. */
export interface Thinking {
  /** Total of the campaign's model calls so far. */
  spent(): Promise<ThinkingTotals>;
  record(call: ThinkingCall): Promise<void>;
  /** The rules did the step; `reason` is part of a sentence: `it took too long`. Announced once per streak. */
  fellBack(purpose: ThinkingPurpose, code: string, reason: string): Promise<void>;
}

/**
 * Reads the request, proposes nodes and explains results. It never acts, and it never fails because a language model
 * does: the rules take over. `thinking` null: without a language model from the start.
 */
export interface Researcher {
  readonly name: 'rules' | 'openai';
  /**
   * The meaning of the last entry, a message; null leaves it to the rules. Called once: the caller stores it in the
   * entry.
   */
  read(input: IntakeInput, thinking: Thinking | null): Promise<MessageReading | null>;
  /** Folds the conversation. The same entries give the same turn; it makes no model call. */
  intake(input: IntakeInput): Promise<IntakeTurn>;
  /** Null when it has nothing new to try below this parent. */
  propose(context: ProposalContext, thinking: Thinking | null): Promise<Proposal | null>;
  diagnose(context: DiagnosisContext, thinking: Thinking | null): Promise<Diagnosis>;
  /** The meaning of a message in the thread of a campaign; null without a language model. */
  listen(input: ThreadInput, thinking: Thinking | null): Promise<ThreadReading | null>;
  /** An answer of at most 900 characters, whose numbers all occur in the context; null without a language model. */
  answer(context: AnswerContext, thinking: Thinking | null): Promise<string | null>;
}
