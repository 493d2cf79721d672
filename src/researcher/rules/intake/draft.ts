import type { Brief, BriefField, CostLimit, Objective, TrainingMethod } from '../../../campaign/brief.ts';
import type { DatasetReport } from '../../../recipe/types.ts';
import type { MetricName } from '../../../scoring/types.ts';

export type FileRole = 'train' | 'evaluation' | 'unused';

export interface DraftFile {
  report: DatasetReport;
  /** Null until it is known. */
  role: FileRole | null;
}

export const numberFields = ['budget', 'askAbove', 'target', 'parallel', 'maxNodes'] as const;
export type NumberField = (typeof numberFields)[number];

/** What the conversation has settled so far; null means not said. */
export interface Draft {
  /** Messages that describe what is wanted, oldest first. */
  goal: string[];
  task: string | null;
  /** Several tasks fit what was said. */
  taskCandidates: string[];
  files: DraftFile[];
  /** Names of attached files that could not be used and were not replaced since. */
  unusable: string[];
  /** The text speaks of an attachment. */
  expectsFile: boolean;
  badRows: 'leave_out' | null;
  /** The list of bad rows has been asked for. */
  showBadRows: boolean;
  metric: MetricName | null;
  /** "Something else" was chosen. */
  metricOpen: boolean;
  budget: CostLimit | null;
  /** Dollars were named, but nobody knows the price of an hour. */
  dollarsRefused: boolean;
  /** Both null: never ask. */
  askAbove: CostLimit | null;
  /** What an hour on one slot costs, as a person said. */
  usdPerHour: number | null;
  priceSaidBy: string | null;
  /** Asked for the price, the person wants no dollars counted. */
  minutesOnly: boolean;
  baseModel: string | null;
  methods: TrainingMethod[] | null;
  objective: Objective | null;
  /** Rows that DPO cannot use, for want of a `rejected` answer. */
  unpaired: 'leave_out' | null;
  target: number | null;
  parallel: number | null;
  deadline: string | null;
  maxNodes: number | null;
  policy: Brief['policy'] | null;
  title: string | null;
  /** The number that was given last, for corrections such as "no, 20". */
  lastNumber: NumberField | null;
  /** Fields whose default was taken because the person said so. */
  defaulted: BriefField[];
  cancelled: boolean;
}

export const emptyDraft: Draft = {
  goal: [],
  task: null,
  taskCandidates: [],
  files: [],
  unusable: [],
  expectsFile: false,
  badRows: null,
  showBadRows: false,
  metric: null,
  metricOpen: false,
  budget: null,
  dollarsRefused: false,
  askAbove: null,
  usdPerHour: null,
  priceSaidBy: null,
  minutesOnly: false,
  baseModel: null,
  methods: null,
  objective: null,
  unpaired: null,
  target: null,
  parallel: null,
  deadline: null,
  maxNodes: null,
  policy: null,
  title: null,
  lastNumber: null,
  defaulted: [],
  cancelled: false,
};

/** What one piece of text changes. A field set to null is taken back. */
export interface Change {
  patch: Partial<Draft>;
  /** Sentences about what could not be used. */
  problems: string[];
}

export const noChange: Change = { patch: {}, problems: [] };

export const merge = (...changes: Change[]): Change => ({
  patch: Object.assign({}, ...changes.map((c) => c.patch)) as Partial<Draft>,
  problems: changes.flatMap((c) => c.problems),
});

export const trainFile = (draft: Draft): DatasetReport | null =>
  draft.files.find((f) => f.role === 'train')?.report ?? null;

export const evaluationFile = (draft: Draft): DatasetReport | null =>
  draft.files.find((f) => f.role === 'evaluation')?.report ?? null;

/** Files still without a role. */
export const openFiles = (draft: Draft): DraftFile[] => draft.files.filter((f) => f.role === null);

/** Data is settled: a task, or one file to train on and no file without a role. */
export const hasData = (draft: Draft): boolean =>
  draft.task !== null || (trainFile(draft) !== null && openFiles(draft).length === 0);

/** Bad rows of the files that will be used. */
export const badRowsOf = (draft: Draft): number =>
  draft.task !== null
    ? 0
    : draft.files
        .filter((f) => f.role === 'train' || f.role === 'evaluation')
        .reduce((sum, f) => sum + f.report.badRows, 0);
