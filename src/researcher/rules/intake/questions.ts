import type { BriefField } from '../../../campaign/brief.ts';
import type { Question } from '../../../campaign/messages.ts';
import { capitalise, clipUnits, countText, listText, numberText } from '../../../lib/text.ts';
import type { MetricName } from '../../../scoring/types.ts';
import type { IntakeInput } from '../../port.ts';
import { allFiles } from './data.ts';
import {
  badRowsOf,
  type Draft,
  hasData,
  missingFiles,
  openFiles,
  readOtherwise,
  trainFile,
} from './draft.ts';
import { metricTitles } from './metric.ts';
import { knownPrice, needsPrice } from './price.ts';

/** The usual metric for the data: the task's own, accuracy for labels, exact match otherwise. */
export function proposedMetric(draft: Draft, input: IntakeInput): MetricName {
  const task = input.tasks.find((t) => t.name === draft.task);
  if (task) return task.metric;
  return trainFile(draft)?.labels ? 'accuracy' : 'exact_match';
}

function askData(draft: Draft, input: IntakeInput): Question {
  const open = openFiles(draft);
  if (open.length > 0) {
    const files = draft.files.filter((f) => f.role !== 'unused').slice(0, 5);
    const names = files.map((f) => `\`${f.report.name}\` (${countText(f.report.rows, 'row')})`).join(' and ');
    const rest = files.length === 2 ? ' If only one trains, the other is for evaluation.' : '';
    const all = files.length === 2 ? 'Train on both' : 'Train on all of them';
    return {
      field: 'data',
      text: `You attached ${names}. What shall I train on?${rest}`,
      options: [
        { label: all, value: `train=${allFiles}` },
        ...files.map((f) => ({
          label: clipUnits(`Train on ${f.report.name}`, 75),
          value: `train=${f.report.name}`,
        })),
      ],
      default: null,
    };
  }
  const missing = askMissing(draft);
  if (missing !== null) return missing;
  const among = input.tasks.filter((t) => draft.taskCandidates.includes(t.name));
  const tasks = [...among, ...(among.length > 1 ? [] : input.tasks.filter((t) => !among.includes(t)))];
  const options = tasks.slice(0, 10).map((t) => ({ label: clipUnits(t.title, 75), value: t.name }));
  const attach =
    'attach a JSONL or CSV file with a prompt and a completion column (a second file with "eval" in its name is used for evaluation)';
  let text: string;
  if (among.length > 1) text = `Which of these do you mean? You can also ${attach}.`;
  else if (draft.unusable.length > 0)
    text = `I could not use ${draft.unusable.map((n) => `\`${clipUnits(n, 60)}\``).join(', ')}. Please ${attach}${tasks.length > 0 ? ', or pick one of the tasks I know' : ''}.`;
  else if (draft.expectsFile)
    text = `You speak of attached data, but no file arrived. Please ${attach}${tasks.length > 0 ? ', or pick one of the tasks I know' : ''}.`;
  else if (tasks.length === 0) text = `What shall I train on? Please ${attach}.`;
  else text = `What shall I train on? Pick one of the tasks I know, or ${attach}.`;
  return { field: 'data', text, options, default: null };
}

/** Asks about named data that is missing: nothing starts on other data until the person says so. */
function askMissing(draft: Draft): Question | null {
  if (draft.goOnWithout) return null;
  const other = readOtherwise(draft);
  if (other !== null && draft.columns !== null) {
    const { prompt, completion } = draft.columns;
    const read =
      other.columns === null
        ? 'otherwise'
        : `by \`${other.columns.prompt}\` and \`${other.columns.completion}\``;
    return {
      field: 'data',
      text: `You want \`${clipUnits(prompt, 40)}\` as prompt and \`${clipUnits(completion, 40)}\` as completion; I have read \`${clipUnits(other.name, 60)}\` ${read}. Attach it again with these words, and I read it so.`,
      options: other.columns === null ? [] : [{ label: 'Keep it as it was read', value: 'without' }],
      default: null,
    };
  }
  const files = missingFiles(draft);
  const addresses = trainFile(draft) === null ? draft.addresses : [];
  const [address] = addresses;
  if (files.length === 0 && address === undefined) return null;
  const names = (files.length > 0 ? files : addresses.map(({ text }) => text))
    .map((name) => `\`${clipUnits(name, 80)}\``)
    .join(', ');
  const what =
    files.length > 0
      ? `I do not see ${names} in this thread. Attach ${files.length === 1 ? 'it' : 'them'}, as JSONL or CSV with a prompt and a completion column.`
      : `I cannot read ${address?.store ?? 'that'} from here (${names}). Attach the rows as a JSONL or CSV file with a prompt and a completion column.`;
  const settled = draft.task === null ? trainFile(draft)?.name : `the task ${draft.task}`;
  return {
    field: 'data',
    text: `${what} I start nothing on other data.`,
    options:
      settled === undefined ? [] : [{ label: clipUnits(`Go on with ${settled}`, 75), value: 'without' }],
    default: null,
  };
}

const reasonsOf = (draft: Draft): string =>
  draft.files
    .filter((f) => f.role !== 'unused' && f.report.badRows > 0)
    .map(({ report: { name, rows, badRows, badExamples } }) => {
      const lines = badExamples.map((b) => b.line).join(', ');
      const more = badRows > badExamples.length ? ', …' : '';
      const reason = badExamples[0] ? ` ${badExamples[0].reason}` : '';
      const where = lines ? ` (line${badRows === 1 ? '' : 's'} ${lines}${more}${reason})` : '';
      return `\`${name}\`: ${numberText(rows + badRows)} rows, ${numberText(badRows)} unreadable${where}.`;
    })
    .join('\n');

/** The rows themselves, with their line numbers. */
export const listBadRows = (draft: Draft): string[] =>
  draft.files
    .filter((f) => f.role !== 'unused' && f.report.badRows > 0)
    .flatMap(({ report }) => [
      `\`${report.name}\`, ${report.badExamples.length < report.badRows ? `the first ${report.badExamples.length} of ${numberText(report.badRows)} unreadable rows` : 'unreadable rows'}:`,
      ...report.badExamples.map(
        (b) => `line ${b.line}: ${b.reason}: ${clipUnits(b.text.replace(/\s+/g, ' '), 120)}`,
      ),
    ]);

function askBadRows(draft: Draft): Question {
  const all = badRowsOf(draft) === 1 ? 'that one' : 'those';
  return {
    field: 'badRows',
    text: `${reasonsOf(draft)} Leave ${all} out?`,
    options: [
      { label: 'Leave out', value: 'leave_out' },
      ...(draft.showBadRows ? [] : [{ label: 'Show them', value: 'show' }]),
      { label: 'Stop', value: 'stop' },
    ],
    default: 'leave_out',
  };
}

function askMetric(draft: Draft, input: IntakeInput): Question {
  const usual = proposedMetric(draft, input);
  if (draft.metricOpen)
    return {
      field: 'metric',
      text: 'Which of these shall I measure?',
      options: (Object.entries(metricTitles) as [MetricName, string][]).map(([value, title]) => ({
        label: capitalise(title),
        value,
      })),
      default: usual,
    };
  const labels = trainFile(draft)?.labels;
  const why = labels ? ` (${labels.length} labels)` : '';
  return {
    field: 'metric',
    text: `How should I measure it? ${capitalise(metricTitles[usual])} is the usual choice for this${why}.`,
    options: [
      { label: capitalise(metricTitles[usual]), value: usual },
      { label: 'Something else', value: 'other' },
    ],
    default: usual,
  };
}

function askBudget(draft: Draft, input: IntakeInput): Question {
  const price = knownPrice({ input, draft });
  const about = draft.dollarsRefused && price === null ? ' (I know no price here, so not in dollars)' : '';
  const inDollars = price === 0 || draft.minutesOnly ? '' : ', or dollars';
  return {
    field: 'budget',
    text: `How much compute may I use in total${about}? Say minutes or hours${inDollars}; a bare number is minutes. 10 minutes is enough for a first search.`,
    options: [
      { label: '5 min', value: '5 min' },
      { label: '10 min', value: '10 min' },
      { label: '30 min', value: '30 min' },
    ],
    default: '10 min',
  };
}

function askPrice(draft: Draft, input: IntakeInput): Question {
  const what = draft.budget?.usd != null ? 'a budget' : 'a limit for asking';
  const all = input.gpusPerSlot > 1 ? `, all its ${input.gpusPerSlot} GPUs together` : '';
  return {
    field: 'usdPerHour',
    text: `What does an hour on one slot cost here${all}? I need it to keep ${what} in dollars. Write for example \`$2.50 an hour\`.`,
    options: [{ label: 'Count minutes only', value: 'minutes' }],
    default: null,
  };
}

/** Asks about a request for DPO or GRPO that the data or the metric do not allow; null while they allow it. */
function askObjective(draft: Draft, input: IntakeInput): Question | null {
  if (draft.objective === 'dpo') return askPairs(draft);
  if (draft.objective !== 'grpo') return null;
  const metric = draft.metric ?? proposedMetric(draft, input);
  const { rewards } = input.supports;
  if (rewards.includes(metric)) return null;
  return {
    field: 'objective',
    text: `GRPO here has the rewards ${listText(rewards.map((reward) => metricTitles[reward]))}; your metric is ${metricTitles[metric]}. What shall I do?`,
    options: [
      { label: 'Train with SFT', value: 'sft' },
      ...rewards.map((reward) => ({ label: `Measure ${metricTitles[reward]}`, value: `measure ${reward}` })),
    ],
    default: 'sft',
  };
}

function askPairs(draft: Draft): Question | null {
  const train = trainFile(draft);
  const [rows, pairs] = [train?.rows ?? 0, train?.pairs ?? 0];
  if (train !== null && (pairs === rows || (pairs > 0 && draft.unpaired === 'leave_out'))) return null;
  const lacking =
    train === null
      ? 'the rows of my tasks have none'
      : pairs === 0
        ? `the ${numberText(rows)} of \`${train.name}\` have none`
        : `${numberText(rows - pairs)} of ${numberText(rows)} have none`;
  return {
    field: 'objective',
    text: `DPO needs a \`rejected\` answer in every row: ${lacking}.${pairs === 0 ? ' Attach a file that has them, or train with SFT.' : ''}`,
    options: [
      ...(pairs > 0 ? [{ label: 'Leave those out', value: 'leave_out' }] : []),
      { label: 'Train with SFT', value: 'sft' },
    ],
    default: pairs > 0 ? 'leave_out' : 'sft',
  };
}

/** The field that has to be asked for now, in the order of `briefFields`; null when nothing is missing. */
export function missingField(draft: Draft, input: IntakeInput): BriefField | null {
  if (!hasData(draft)) return 'data';
  if (draft.doubts[0] !== undefined) return draft.doubts[0].field;
  if (badRowsOf(draft) > 0 && draft.badRows === null) return 'badRows';
  // A catalogue task brings its metric along.
  const metricLeft = draft.task === null && draft.metric === null && !draft.defaulted.includes('metric');
  if (metricLeft || draft.metricOpen) return 'metric';
  if (askObjective(draft, input) !== null) return 'objective';
  if (needsPrice({ input, draft })) return 'usdPerHour';
  return draft.budget === null ? 'budget' : null;
}

export function nextQuestion(draft: Draft, input: IntakeInput): Question | null {
  const [doubt] = hasData(draft) ? draft.doubts : [];
  if (doubt !== undefined) return { ...doubt, default: null };
  switch (missingField(draft, input)) {
    case 'data':
      return askData(draft, input);
    case 'badRows':
      return askBadRows(draft);
    case 'metric':
      return askMetric(draft, input);
    case 'budget':
      return askBudget(draft, input);
    case 'objective':
      return askObjective(draft, input);
    case 'usdPerHour':
      return askPrice(draft, input);
    default:
      return null;
  }
}
