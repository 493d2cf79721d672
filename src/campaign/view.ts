import type { StandardChange } from '../scoring/standard-tasks.ts';
import type { PairedDifference, Score } from '../scoring/types.ts';
import type { Brief, Cost, CostLimit, CostRange, DatasetRef } from './brief.ts';
import type { Direction, Mistake } from './diagnosis.ts';
import type { Failure } from './failure.ts';
import type { ApprovalState, CampaignState, NodeState, Strategy, TrialState } from './states.ts';
import type { ThinkingTotals } from './thinking.ts';

/** A run that the cluster has not begun. */
export interface WaitView {
  /** ISO 8601. */
  since: string;
  /** The cluster's own reason, in one or two sentences; empty where it gives none. */
  why: string;
  /** The wait does not end by itself. */
  needsPeople: boolean;
}

export interface TrialView {
  index: number;
  state: TrialState;
  specHash: string;
  /** Differences to the parent's best trial, short: `learning rate 1e-3 → 5e-4`. */
  changes: string[];
  /** Training settings in a line: `full, lr 5e-4, batch 8, 1 epoch`. */
  summary: string;
  score: Score | null;
  /** Loss on general text after training; base model's own beside it. Null until measured. */
  generalLoss: number | null;
  baseGeneralLoss: number | null;
  trainLoss: number | null;
  /** The program that wrote the answers; unset where there is only one. */
  answeredBy?: string;
  failure: Failure | null;
  cost: Cost;
  /** Share of training done, in [0, 1]; null when unknown. */
  progress: number | null;
  /** Unset unless it waits to run. */
  waiting?: WaitView;
}

/** Code that needs an approval, as people see it. */
export interface CodeQuestion {
  purpose: string;
  code: string;
  /** The sentences on the sandbox: permissions of the code, and limits. */
  terms: string;
}

export interface ApprovalView {
  id: string;
  nodeNumber: number;
  state: ApprovalState;
  expected: Cost;
  /** Unset where an older version asked. */
  likely?: CostRange;
  /** Maximum cost; the approval is bound to this. */
  ceiling: Cost;
  /** Left of the campaign's budget when the question was asked. */
  budgetLeft: CostLimit;
  why: string;
  /** Expected gain on the metric, low and high; null when there is no basis for one. */
  expectedGain: { low: number; high: number } | null;
  refutedBy: string;
  changes: string[];
  cheaper: { text: string; expected: Cost; likely?: CostRange } | null;
  /** Null when the approval is about money. Else the costs are those of the node without the code. */
  code: CodeQuestion | null;
  /** Names of those who approved, oldest first; once it is decided, those whose approval decided it. */
  yeses: { by: string; cheaper: boolean }[];
  /** Number of approvals needed. */
  yesesNeeded: 1 | 2;
  /** Name of the person who decided it. */
  decidedBy: string | null;
  decidedAt: string | null;
}

export interface NodeView {
  number: number;
  /** Number of the parent; null for the root. */
  parent: number | null;
  state: NodeState;
  strategy: Strategy;
  /** The change of this node, at most 60 characters: `drop rows that break the pattern`. */
  title: string;
  hypothesis: string;
  /** Best trial's score on search. */
  score: Score | null;
  /** Paired against the parent on the same search items. */
  delta: PairedDifference | null;
  trials: TrialView[];
  /** Index of the trial that gave `score`. */
  bestTrial: number | null;
  cost: Cost;
  failure: Failure | null;
  /** Set while its jobs wait on the cluster and none runs: trials, repeats of a finalist, the test answers. */
  waiting?: WaitView;
  /** The latest question about its money. */
  approval: ApprovalView | null;
  /** The question about code of its recipe; null when no approval was needed. */
  codeApproval: ApprovalView | null;
  /** `directions` are unset in nodes that older versions stored. */
  diagnosis: { summary: string; mistakes: Mistake[]; directions?: Direction[] } | null;
  /** Seconds since the campaign started; null when not yet. */
  startedAfterSeconds: number | null;
  finishedAfterSeconds: number | null;
}

export interface InsightView {
  /** Sentence: `Dropping rows that break the pattern helps`. */
  text: string;
  effect: number;
  low: number;
  high: number;
  /** Parent and child numbers the evidence came from. */
  pairs: { parent: number; child: number }[];
}

/** Where the winner's weights are, and whether they are the ones that the run reported. */
export interface WeightsPlace {
  /** As for scp; null: on the bot's machine. */
  host: string | null;
  path: string;
  /** Null while the size could not be read. */
  bytes: number | null;
  /** By the SHA-256 of the bytes there. `unchecked`: the cluster did not answer, or the run reported none. */
  check: 'verified' | 'mismatch' | 'missing' | 'unchecked';
}

export interface FinalResult {
  winner: number;
  winnerTrial: number;
  /** Baseline (untrained base model) and winner on the test split. */
  baselineTest: Score;
  bestTest: Score;
  testDifference: PairedDifference;
  /** Fresh-seed repeats on select. */
  confirmations: { seed: number; score: Score }[];
  /** Standard tasks before and after training; unset where none are configured. */
  standardTasks?: StandardChange[];
  /** Number of times that the test split had been opened by then; unset is once. */
  openings?: number;
  /** Standard deviation over repeats of the same spec with other seeds; null when fewer than two. */
  seedNoise: number | null;
  weightsPath: string;
  /** As the run reported it. */
  weightsSha256: string;
  /** Unset in campaigns that an older version finished. */
  weights?: WeightsPlace;
  reportPath: string;
  modelCardPath: string;
  treePath: string;
  reproduce: string;
}

/** Result of a campaign that ended without a winner that answered the test rows: stopped, or wrapped up too early. */
export interface KeptResult {
  /** The best trained node on search, of those whose weights are present; null when there is none. */
  best: {
    node: number;
    /** Index of the trial that gave its score. */
    trial: number;
    /** Fresh-seed repeats on select that had ended by then. */
    confirmations: { seed: number; score: Score }[];
    /** As the run reported it; null when it reported none. */
    weightsSha256: string | null;
    weights: WeightsPlace;
  } | null;
  /** Absolute path of the folder of its files. */
  dir: string;
}

/** Everything that the thread, the page, the picture and the report show of a campaign: one read model. */
export interface CampaignView {
  id: string;
  title: string;
  state: CampaignState;
  paused: boolean;
  /** People asked to finish early: no new node is planned. */
  isWrappingUp: boolean;
  /** Why the campaign does not advance: `budget reached`, `paused by Ana`; null otherwise. */
  heldBecause: string | null;
  brief: Brief | null;
  /** Rows per split once they are fixed. */
  splits: { train: number; search: number; select: number; test: number } | null;
  /** Files of rows that people added in the thread while it ran. */
  addedData: DatasetRef[];
  nodes: NodeView[];
  /** Number of the node with the best search score; null before the baseline. */
  best: number | null;
  budget: { limit: CostLimit; spent: Cost; reserved: Cost };
  /** Calls to the Researcher's language model; apart from the budget, which is compute. */
  thinking: ThinkingTotals;
  insights: InsightView[];
  /** Nodes whose weights are still in their run directory, and the files removed of other runs. */
  weights: { kept: number[]; removedRuns: number; removedBytes: number };
  final: FinalResult | null;
  /** Result of an end without `final`; null while the campaign runs. */
  kept: KeptResult | null;
  /** Results of the ends before people continued it, oldest first. */
  earlier: FinalResult[];
  /** Number of times that the campaign has ended. */
  ends: number;
  /** Number of times that the test split has been opened. */
  openings: number;
  /** Why it ended without `final`, as a sentence; null otherwise. */
  endedBecause: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  /** The moment this view was taken. */
  takenAt: string;
  /** Where the picture of the tree can be fetched, if the bot serves one. */
  pictureUrl: string | null;
  /** Where the campaign's page is, if the bot serves one. */
  pageUrl: string | null;
  threadLink: string | null;
}
