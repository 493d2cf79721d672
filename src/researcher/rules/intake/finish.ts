import {
  Brief,
  type BriefField,
  type BriefReading,
  type CostLimit,
  type DatasetRef,
} from '../../../campaign/brief.ts';
import { methodNames, objectiveNames, usualMethods } from '../../../campaign/training-support.ts';
import { formatDeadline } from '../../../lib/parse/zoned-time.ts';
import { clipLine, countText, listText, numberText, percentText } from '../../../lib/text.ts';
import type { DatasetReport } from '../../../recipe/types.ts';
import type { IntakeInput } from '../../port.ts';
import { badRowsOf, type Draft, evaluationFile, hasData, moreTrainFiles, trainFile } from './draft.ts';
import { formatLimit, formatThreshold } from './limits.ts';
import { metricTitles } from './metric.ts';
import { formatPrice, knownPrice } from './price.ts';
import { nextQuestion, proposedMetric } from './questions.ts';
import { titleOf } from './title.ts';

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

const fifth = (limit: CostLimit): CostLimit => ({
  computeSeconds: limit.computeSeconds === null ? null : Math.max(1, Math.round(limit.computeSeconds / 5)),
  usd: limit.usd === null ? null : Math.max(0.01, Math.round(limit.usd * 20) / 100),
});

/** Two nodes a minute of budget, between 8 and 60: a node of the small model takes about half a minute. */
function defaultMaxNodes(budget: CostLimit, usdPerHour: number | null): number {
  const seconds =
    budget.computeSeconds ?? (budget.usd !== null && usdPerHour ? (budget.usd / usdPerHour) * 3600 : 600);
  return clamp(Math.round(seconds / 30), 8, 60);
}

const refOf = (report: DatasetReport): DatasetRef => ({
  name: report.name,
  sha256: report.sha256,
  rows: report.rows,
  badRows: report.badRows,
});

/** One token is about a character for the small models that read bytes, about three for others. */
const tokensOf = (characters: number, maxSequenceTokens: number): number =>
  maxSequenceTokens <= 256 ? characters : Math.round(characters / 3);

function baseModelOf(draft: Draft, input: IntakeInput): IntakeInput['baseModels'][number] | undefined {
  return input.baseModels.find((m) => m.id === draft.baseModel) ?? input.baseModels[0];
}

const withRows = ({ name, rows }: DatasetReport): string => `${name} (${countText(rows, 'row')})`;

/** Everything understood so far, in the form shown to people. */
export function describeDraft(draft: Draft, input: IntakeInput): Partial<Record<BriefField, string>> {
  const train = trainFile(draft);
  const evaluation = evaluationFile(draft);
  const files = [
    ...(train === null ? [] : [train, ...moreTrainFiles(draft)].map(withRows)),
    ...(evaluation === null ? [] : [`evaluation on ${withRows(evaluation)}`]),
  ];
  const all: Record<BriefField, string | null> = {
    data: draft.task !== null ? `task ${draft.task}` : files.length > 0 ? files.join(', ') : null,
    badRows: draft.badRows === 'leave_out' && badRowsOf(draft) > 0 ? 'leave out' : null,
    metric: draft.metric === null ? null : metricTitles[draft.metric],
    budget: draft.budget === null ? null : formatLimit(draft.budget),
    askAbove: draft.askAbove === null ? null : formatThreshold(draft.askAbove),
    usdPerHour: draft.usdPerHour === null ? null : formatPrice(draft.usdPerHour),
    baseModel: draft.baseModel,
    methods: draft.methods === null ? null : listText(draft.methods),
    objective: draft.objective === null ? null : objectiveNames[draft.objective],
    target: draft.target === null ? null : percentText(draft.target, 1),
    parallel: draft.parallel === null ? null : String(draft.parallel),
    deadline:
      draft.deadline === null ? null : formatDeadline(new Date(draft.deadline), input.now, input.timeZone),
    maxNodes: draft.maxNodes === null ? null : String(draft.maxNodes),
    policy: draft.policy,
    title: draft.title,
  };
  return Object.fromEntries(Object.entries(all).filter(([, text]) => text !== null)) as Partial<
    Record<BriefField, string>
  >;
}

/** Cut between words. */
function cutWords(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length).replace(/\s+\S*$/, '')} …`;
}

/** The sources of the draft. */
export function describeReading(draft: Draft): BriefReading {
  const train = draft.task === null ? trainFile(draft) : null;
  const [row] = train?.examples ?? [];
  const columns = train?.columns ? `${train.columns.prompt} → ${train.columns.completion}` : '';
  return {
    words: draft.words,
    notUsed: draft.notUsed,
    task: draft.described.length === 0 ? null : cutWords(draft.described.join('; '), 240),
    example:
      train === null || row === undefined
        ? null
        : {
            file: train.name,
            columns,
            prompt: clipLine(row.prompt, 120),
            completion: clipLine(row.completion, 80),
          },
  };
}

/** Suspicions about the data, worth a line on the brief card whatever else is missing. */
function dataNotes(draft: Draft, input: IntakeInput): string[] {
  if (draft.task !== null) return [];
  const notes: string[] = [];
  const train = trainFile(draft);
  const evaluation = evaluationFile(draft);
  const model = baseModelOf(draft, input);
  if (
    train !== null &&
    train.pairs === train.rows &&
    draft.objective === null &&
    input.supports.objectives.includes('dpo')
  )
    notes.push('Every row has a `rejected` answer: say `use DPO` to learn from the pairs.');
  if (train && !evaluation) notes.push(`No evaluation file: the held-out rows come out of ${train.name}.`);
  for (const report of [train, evaluation]) {
    if (!report) continue;
    const tokens = model ? tokensOf(report.longestCharacters, model.maxSequenceTokens) : 0;
    if (model && tokens > model.maxSequenceTokens)
      notes.push(
        `The longest row of ${report.name} has ${numberText(report.longestCharacters)} characters, more than the ${numberText(model.maxSequenceTokens)} tokens ${model.id} reads at once; rows that do not fit are left out.`,
      );
    notes.push(
      ...report.warnings.map((warning) => (report === train ? warning : `${report.name}: ${warning}`)),
    );
  }
  return notes;
}

/** The brief with its defaults, and notes that name every default taken; null while something is missing. */
export function finishBrief(draft: Draft, input: IntakeInput): { brief: Brief | null; notes: string[] } {
  const notes = dataNotes(draft, input);
  const model = baseModelOf(draft, input);
  const train = trainFile(draft);
  if (nextQuestion(draft, input) !== null || !hasData(draft) || !draft.budget) return { brief: null, notes };
  if (!model)
    return { brief: null, notes: [...notes, 'No base model is set up here, so nothing can be trained.'] };
  const metric = draft.metric ?? proposedMetric(draft, input);
  const askAbove = draft.askAbove ?? fifth(draft.budget);
  const parallel = draft.parallel ?? clamp(input.slots, 1, 64);
  const maxNodes = draft.maxNodes ?? defaultMaxNodes(draft.budget, knownPrice({ input, draft }));
  const title = titleOf(draft, input);
  const taken: string[] = [];
  if (draft.metric === null)
    taken.push(`metric ${metricTitles[metric]}${draft.task !== null ? ' (usual for this task)' : ''}`);
  if (draft.defaulted.includes('budget')) taken.push(`budget ${formatLimit(draft.budget)}`);
  if (draft.askAbove === null)
    taken.push(`ask above ${formatLimit(askAbove)} a node (a fifth of the budget)`);
  if (draft.baseModel === null && input.baseModels.length > 1) taken.push(`model ${model.id}`);
  const methods = draft.methods ?? usualMethods(input.supports);
  if (draft.methods === null) taken.push(listText(methods.map((method) => methodNames[method])));
  if (draft.parallel === null) taken.push(`${parallel} at a time`);
  if (draft.maxNodes === null) taken.push(`at most ${maxNodes} nodes`);
  if (draft.policy === null) taken.push('tree search (UCT)');
  if (taken.length > 0) notes.push(`Defaults taken: ${taken.join(', ')}.`);
  if (parallel > input.slots)
    notes.push(`The cluster has ${countText(input.slots, 'slot')}; more trials than that wait in the queue.`);
  const more = moreTrainFiles(draft);
  const parsed = Brief.safeParse({
    title,
    goal: (draft.goal.join('\n') || title).slice(0, 2000),
    data:
      draft.task !== null || !train
        ? { kind: 'task', task: draft.task ?? '' }
        : {
            kind: 'attached',
            train: refOf(train),
            ...(more.length === 0 ? {} : { alsoTrain: more.map(refOf) }),
            evaluation: evaluationFile(draft) ? refOf(evaluationFile(draft) as DatasetReport) : null,
          },
    metric,
    target: draft.target,
    budget: draft.budget,
    askAbove,
    ...(draft.usdPerHour === null
      ? {}
      : { price: { usdPerHour: draft.usdPerHour, saidBy: draft.priceSaidBy ?? 'somebody' } }),
    parallel,
    deadline: draft.deadline,
    policy: draft.policy ?? 'uct',
    maxNodes,
    scope: {
      baseModel: model.id,
      methods,
      ...(draft.objective === null || draft.objective === 'sft' ? {} : { objective: draft.objective }),
      maxSequenceTokens: model.maxSequenceTokens,
    },
    seed: input.seed,
  } satisfies Brief);
  if (parsed.success) return { brief: parsed.data, notes };
  const where = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  return { brief: null, notes: [...notes, `These parts of the request do not fit together yet: ${where}.`] };
}
