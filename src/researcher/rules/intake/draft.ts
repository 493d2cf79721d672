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

/**
 * An ambiguous statement about a field, and its possible meanings: asked before anything goes on. Settled when the
 * field is.
 */
export interface Doubt {
  field: BriefField;
  text: string;
  options: { label: string; value: string }[];
}

/** A part of a message that nothing here takes, and why where that helps. */
export interface NotUsed {
  words: string;
  why: string | null;
}

/** The fields that the conversation has settled so far; null means not said. */
export interface Draft {
  /** Messages that describe what is wanted, oldest first. */
  goal: string[];
  /** The parts of them that no role took: the task in the person's words. */
  described: string[];
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
  /** The price of an hour on one slot, as a person gave it. */
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
  doubts: Doubt[];
  /** Of every message so far, oldest first. */
  notUsed: NotUsed[];
  /** The words that each field was read from. */
  words: Partial<Record<BriefField, string>>;
  /** Files that were named, and missing at that time. */
  namedFiles: string[];
  /** Addresses of data that cannot be read from here. */
  addresses: { text: string; store: string }[];
  /** Named data that is missing is left out: the person says so. */
  goOnWithout: boolean;
  /** Which columns of the files are meant. */
  columns: { prompt: string; completion: string } | null;
}

export const emptyDraft: Draft = {
  goal: [],
  described: [],
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
  doubts: [],
  notUsed: [],
  words: {},
  namedFiles: [],
  addresses: [],
  goOnWithout: false,
  columns: null,
};

/** The changes of one piece of text. A field set to null is taken back. */
export interface Change {
  patch: Partial<Draft>;
  /** Sentences about what could not be used. */
  problems: string[];
  doubts?: Doubt[];
  notUsed?: NotUsed[];
  /** The words that the fields of the patch were read from; unset: the whole text. */
  words?: Partial<Record<BriefField, string>>;
}

export const noChange: Change = { patch: {}, problems: [] };
export const setting = (patch: Partial<Draft>): Change => ({ patch, problems: [] });
export const problem = (text: string): Change => ({ patch: {}, problems: [text] });
export const doubting = (doubt: Doubt): Change => ({ patch: {}, problems: [], doubts: [doubt] });

export const merge = (...changes: Change[]): Change => ({
  patch: Object.assign({}, ...changes.map((c) => c.patch)) as Partial<Draft>,
  problems: [...new Set(changes.flatMap((c) => c.problems))],
  doubts: changes.flatMap((c) => c.doubts ?? []),
  notUsed: changes.flatMap((c) => c.notUsed ?? []),
  words: Object.assign({}, ...changes.map((c) => c.words ?? {})) as NonNullable<Change['words']>,
});

/** The fields that parts of a draft belong to. */
const fieldOf: Partial<Record<keyof Draft, BriefField>> = {
  task: 'data',
  files: 'data',
  badRows: 'badRows',
  metric: 'metric',
  budget: 'budget',
  askAbove: 'askAbove',
  usdPerHour: 'usdPerHour',
  baseModel: 'baseModel',
  methods: 'methods',
  objective: 'objective',
  target: 'target',
  parallel: 'parallel',
  deadline: 'deadline',
  maxNodes: 'maxNodes',
  policy: 'policy',
  title: 'title',
};

/** The parts of a draft that hold a field. */
export const keysOf = (field: BriefField): (keyof Draft)[] =>
  (Object.keys(fieldOf) as (keyof Draft)[]).filter((key) => fieldOf[key] === field);

/** The fields that a change settles or takes back. */
export const fieldsIn = (patch: Partial<Draft>): BriefField[] => [
  ...new Set((Object.keys(patch) as (keyof Draft)[]).flatMap((key) => fieldOf[key] ?? [])),
];

const maxNotUsed = 20;

/** The draft after a change; `text` is its source, for fields whose words the change does not give. */
export function applyChange(draft: Draft, change: Change, text: string): Draft {
  const fields = fieldsIn(change.patch);
  const words = { ...draft.words };
  const whole = text.replace(/\s+/g, ' ').trim();
  for (const field of fields) {
    const said = change.words?.[field] ?? (whole.length <= 120 ? whole : '');
    const isSet = Object.entries(change.patch).some(
      ([key, value]) => fieldOf[key as keyof Draft] === field && value != null,
    );
    if (said === '' || !isSet) delete words[field];
    else words[field] = said;
  }
  const standing = draft.doubts.filter((doubt) => !fields.includes(doubt.field));
  const fresh = (change.doubts ?? []).filter((doubt) => !fields.includes(doubt.field));
  const asked = standing.filter((doubt) => !fresh.some((other) => other.field === doubt.field));
  const notUsed = [...draft.notUsed, ...(change.notUsed ?? [])];
  return {
    ...draft,
    ...change.patch,
    words,
    doubts: [...asked, ...fresh],
    notUsed: notUsed
      .filter((one, i) => notUsed.findIndex((other) => other.words === one.words) === i)
      .slice(-maxNotUsed),
  };
}

export const trainFile = (draft: Draft): DatasetReport | null =>
  draft.files.find((f) => f.role === 'train')?.report ?? null;

/** Files that train beside the first. */
export const moreTrainFiles = (draft: Draft): DatasetReport[] =>
  draft.files
    .filter((f) => f.role === 'train')
    .slice(1)
    .map((f) => f.report);

export const evaluationFile = (draft: Draft): DatasetReport | null =>
  draft.files.find((f) => f.role === 'evaluation')?.report ?? null;

/** Files still without a role. */
export const openFiles = (draft: Draft): DraftFile[] => draft.files.filter((f) => f.role === null);

const stemOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\s?\(\d+\)/g, '')
    .replace(/\.(?:gz|zip|zst|bz2)$/, '');

/** `Dates.jsonl`, and `dates (1).jsonl` as a browser names it, are the same file. */
export const isSameFile = (a: string, b: string): boolean => stemOf(a) === stemOf(b);

/** Files that were named and have not come. */
export const missingFiles = (draft: Draft): string[] =>
  draft.namedFiles.filter(
    (name) =>
      ![...draft.files.map((f) => f.report.name), ...draft.unusable].some((other) => isSameFile(other, name)),
  );

const fold = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The file was read before its columns were named, so its rows are others. */
export function readOtherwise(draft: Draft): DatasetReport | null {
  const train = trainFile(draft);
  if (draft.columns === null || train === null || draft.goOnWithout) return null;
  const { prompt, completion } = draft.columns;
  const isRead =
    train.columns !== null &&
    fold(train.columns.prompt) === fold(prompt) &&
    fold(train.columns.completion) === fold(completion);
  return isRead ? null : train;
}

/** No data that was named is missing, or the person goes on without it. */
const isComplete = (draft: Draft): boolean =>
  draft.goOnWithout ||
  (readOtherwise(draft) === null &&
    missingFiles(draft).length === 0 &&
    (draft.addresses.length === 0 || trainFile(draft) !== null));

/** Data is settled: a task, or one file to train on and no file without a role. */
export const hasData = (draft: Draft): boolean =>
  isComplete(draft) && (draft.task !== null || (trainFile(draft) !== null && openFiles(draft).length === 0));

/** Bad rows of the files that will be used. */
export const badRowsOf = (draft: Draft): number =>
  draft.task !== null
    ? 0
    : draft.files
        .filter((f) => f.role === 'train' || f.role === 'evaluation')
        .reduce((sum, f) => sum + f.report.badRows, 0);
