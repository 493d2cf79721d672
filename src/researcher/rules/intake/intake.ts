import { type BriefField, briefFields } from '../../../campaign/brief.ts';
import type { IntakeEntry } from '../../../campaign/intake-entry.ts';
import { sayNotUsed } from '../../../campaign/say-not-used.ts';
import type { IntakeInput, IntakeTurn } from '../../port.ts';
import { fieldTitles, readEdit, readField, takenDefault, unreadable, wantsDefault } from './answer.ts';
import { applyReading } from './apply-reading.ts';
import {
  applyChange,
  type Change,
  type Draft,
  emptyDraft,
  hasData,
  merge,
  type NotUsed,
  numberFields,
} from './draft.ts';
import { describeDraft, describeReading, finishBrief } from './finish.ts';
import { withoutDollars } from './price.ts';
import { listBadRows, nextQuestion } from './questions.ts';
import { isSmallTalk, readMessage } from './read-message.ts';

const greeting =
  'I fine-tune a language model for you: tell me what it should learn, attach data or name a task, and say how much compute I may use. I then run a tree of real trainings, ask before anything expensive, and report the best model with its numbers.';

function readAnswer(field: BriefField, value: string, draft: Draft, input: IntakeInput): Change {
  const question = nextQuestion(draft, input);
  const reading = { input, draft, pending: field };
  if (wantsDefault(value) && question?.field === field && question.default !== null) {
    const change = readField(field, question.default, reading);
    if (change) return merge(change, { patch: takenDefault(field, draft), problems: [] });
  }
  return readField(field, value, reading) ?? { patch: {}, problems: [unreadable(field, value)] };
}

type Step = Change & { rejected: IntakeTurn['rejected'] };

const replyOf = (entry: IntakeEntry): string[] =>
  entry.kind === 'message' && entry.reading?.reply ? [entry.reading.reply] : [];

function stepOf(entry: IntakeEntry, draft: Draft, input: IntakeInput, isFirst: boolean): Step {
  switch (entry.kind) {
    case 'message': {
      if (entry.reading !== undefined) return applyReading(entry, entry.reading, draft, input);
      const question = isFirst ? null : nextQuestion(draft, input);
      return { ...readMessage(entry, draft, question, input), rejected: {} };
    }
    case 'answer':
      return { ...readAnswer(entry.field, entry.value, draft, input), rejected: {} };
    case 'edit': {
      const { patch, rejected } = readEdit(entry.values, { input, draft, pending: null });
      return { patch, rejected, problems: Object.values(rejected) };
    }
  }
}

/** Text that the person typed or pressed; empty for a form, whose values are no words of a request. */
function textOf(entry: IntakeEntry): string {
  switch (entry.kind) {
    case 'message':
      return entry.text.replace(/<@[^<>]{0,80}>/g, ' ');
    case 'answer':
      return entry.value;
    case 'edit':
      return '';
  }
}

function sayField(field: BriefField, value: string): string {
  switch (field) {
    case 'parallel':
      return `${value} at a time`;
    case 'maxNodes':
      return `at most ${value} nodes`;
    case 'askAbove':
      return value === 'never' || value === 'every time' ? `ask ${value}` : `ask above ${value} a node`;
    default:
      return `${fieldTitles[field]} ${value}`;
  }
}

/** An entry of the conversation, with the draft before and after it. */
interface Folded {
  entry: IntakeEntry;
  before: Draft;
  after: Draft;
  change: Change;
  isFirst: boolean;
}

/** Sentences about the last entry: accepted, changed and unusable values. */
function remarksOn({ entry, before, after, change, isFirst }: Folded, input: IntakeInput): string[] {
  const remarks = [...replyOf(entry), ...change.problems];
  if (change.patch.showBadRows && after.showBadRows) remarks.push(...listBadRows(after));
  const [was, is] = [describeDraft(before, input), describeDraft(after, input)];
  const fields = briefFields.filter((f) => is[f] !== undefined && is[f] !== was[f] && f !== 'badRows');
  const gone = briefFields.filter((f) => is[f] === undefined && was[f] !== undefined && f !== 'badRows');
  const news = fields.map((f) => sayField(f, is[f] ?? ''));
  const removed = gone.filter((f) => f !== 'data' && f !== 'metric').map((f) => `no ${fieldTitles[f]}`);
  if (news.length + removed.length > 0 && entry.kind !== 'answer')
    remarks.unshift(`${isFirst ? 'Got it' : 'Understood'}: ${[...news, ...removed].join(', ')}.`);
  if (entry.kind === 'message' && remarks.length === 0 && change.problems.length === 0) {
    const understood = Object.keys(change.patch).some(
      (key) => !['goal', 'described', 'expectsFile'].includes(key),
    );
    const isLost = !understood && !isSmallTalk(entry.text) && after.goal.length === before.goal.length;
    if (!hasData(after) && (isSmallTalk(entry.text) || (isFirst && isLost))) remarks.push(greeting);
    else if (isLost && nextQuestion(after, input))
      remarks.push('I did not catch what that means for the request.');
    else if (isLost)
      remarks.push(
        'I did not catch what that changes. Press Start when the brief is right, or say what to change.',
      );
  }
  return remarks;
}

/** The number an entry changed; the budget when it changed several. */
function lastNumberOf(before: Draft, after: Draft): Draft['lastNumber'] {
  const changed = numberFields.filter((f) => before[f] !== after[f] && after[f] !== null);
  return changed[0] ?? before.lastNumber;
}

/**
 * Reads the whole conversation afresh: a pure fold, so that the same entries always give the same turn. Each entry is
 * read with the question in mind that was open before it. Remarks are about the last entry only.
 */
export function foldIntake(input: IntakeInput): IntakeTurn {
  let draft = emptyDraft;
  let remarks: string[] = input.entries.length === 0 ? [greeting] : [];
  let rejected: IntakeTurn['rejected'] = {};
  let lastNotUsed: readonly NotUsed[] = [];
  input.entries.forEach((entry, index) => {
    if (draft.cancelled) return;
    const before = draft;
    const change = stepOf(entry, before, input, index === 0);
    draft = applyChange(before, change, textOf(entry));
    draft = { ...draft, ...withoutDollars(draft), lastNumber: lastNumberOf(before, draft) };
    if (draft.usdPerHour !== before.usdPerHour) draft = { ...draft, priceSaidBy: entry.by ?? null };
    rejected = change.rejected;
    lastNotUsed = change.notUsed ?? [];
    remarks = remarksOn({ entry, before, after: draft, change, isFirst: index === 0 }, input);
  });
  if (draft.cancelled)
    return {
      understood: describeDraft(draft, input),
      rejected: {},
      remarks: ['All right, I forget this request. Nothing was spent.'],
      question: null,
      brief: null,
      notes: [],
      read: describeReading(draft),
      cancelled: true,
    };
  const question = nextQuestion(draft, input);
  const { brief, notes } = finishBrief(draft, input);
  // The card itself lists it.
  const fresh = question === null ? null : sayNotUsed(lastNotUsed);
  if (fresh !== null) remarks.push(fresh);
  return {
    understood: describeDraft(draft, input),
    rejected,
    remarks,
    question,
    brief: question === null ? brief : null,
    notes,
    read: describeReading(draft),
    cancelled: false,
  };
}
