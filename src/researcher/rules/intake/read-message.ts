import type { BriefField } from '../../../campaign/brief.ts';
import type { IntakeEntry } from '../../../campaign/intake-entry.ts';
import type { Question } from '../../../campaign/messages.ts';
import { findAmounts } from '../../../lib/parse/amounts.ts';
import { maxReadCharacters } from '../../../lib/parse/tokens.ts';
import { numberText } from '../../../lib/text.ts';
import type { IntakeInput } from '../../port.ts';
import { accountFor } from './account.ts';
import { optionMeant, readField, takenDefault, wantsDefault } from './answer.ts';
import { readAskAbove } from './asking.ts';
import { readBadRows } from './bad-rows.ts';
import { readBaseModel } from './base-model.ts';
import { readBudget } from './budget.ts';
import { addFiles, readReferences, readTask, taskWords } from './data.ts';
import { readDeadline } from './deadline.ts';
import { type Change, type Draft, fieldsIn, merge, noChange } from './draft.ts';
import { amountAt, leftWords, type MarkedText, markText, takenWords } from './marked-text.ts';
import { readMaxNodes } from './max-nodes.ts';
import { readMetric } from './metric.ts';
import { readParallel } from './parallel.ts';
import { readPolicy } from './policy.ts';
import { readUsdPerHour } from './price.ts';
import type { Reader, Reading } from './reading.ts';
import { readRelativeLimit } from './relative-limit.ts';
import { readTarget } from './target.ts';
import { readTitle } from './title.ts';
import { readMethodField, readObjective, readUnknownMethod } from './training.ts';
import { exceptUnmeant } from './unmeant.ts';

type Message = Extract<IntakeEntry, { kind: 'message' }>;

/** In this order: the more specific phrase first, the bare amount last. */
const readers: Reader[] = [
  readReferences,
  readBadRows,
  readUsdPerHour,
  readAskAbove,
  exceptUnmeant(readRelativeLimit),
  readDeadline,
  readParallel,
  readMaxNodes,
  readTarget,
  readMetric,
  readObjective,
  readUnknownMethod,
  readMethodField,
  readPolicy,
  readBaseModel,
  exceptUnmeant(readBudget),
];

const cancels =
  /^\W*(?:please )?(?:never ?mind|cancel(?: (?:it|this|that|everything|please))?|forget (?:it|about it|this|that|everything)|abort(?: (?:it|this))?|stop(?: (?:it|this|that))?|scrap (?:it|this|that)|drop it|no thanks?(?: you)?)(?:,? (?:please|thanks|thank you))?\W*$/i;

/** Small talk: nothing was asked for yet. */
export const isSmallTalk = (text: string): boolean =>
  /^\W*(?:(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening)|yo|howdy|greetings|help(?: me)?(?: please)?|what can you do|who are you|how (?:does this|do you) work|test|ping|thanks?(?: you)?|ok)(?: there| trex| bot| all)?[\s!?.,:)]*)*$/i.test(
    text.replace(/<@[^>]*>/g, ' '),
  );

const fineTunes = /\b(?:fine[- ]?tun\w*|finetun\w*|train\w*|teach|learn)\b/;

/** Reads all fields out of one message: each role takes its own text, and the rest was not used. */
function readFree(message: Message, reading: Reading): { change: Change; left: MarkedText } {
  let marked = markText(message.text, reading.input, taskWords(reading.input.tasks));
  let change: Change = noChange;
  for (const read of [readTitle, ...readers]) {
    const found = read(marked, { ...reading, draft: { ...reading.draft, ...change.patch } });
    if (!found) continue;
    const said = takenWords(marked, found.rest);
    const words = Object.fromEntries(fieldsIn(found.change.patch).map((field) => [field, said]));
    change = merge(change, { ...found.change, words: { ...words, ...found.change.words } });
    marked = found.rest;
  }
  const problems =
    message.text.length > maxReadCharacters
      ? [`Your message is long: I read its first ${numberText(maxReadCharacters)} characters.`]
      : [];
  return { change: merge(change, { ...noChange, problems }), left: marked };
}

/** Words that only steer the talk do not belong to the goal. */
const chatter = new Set(
  `yes no ok okay please thanks thank you the a an it make use set and to is be actually instead not sure default budget
  target metric forget change of for with i want would like let's lets go just at or on in my me we us that this
  minutes hours better rather wait sorry hi hello hey trex start`.split(/\s+/),
);

function goalFrom(
  message: Message,
  left: MarkedText,
  before: string[],
  touchedData: boolean,
): Partial<Draft> {
  const text = message.text
    .replace(/<@[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const telling = leftWords(left).filter((word) => !chatter.has(word));
  const describes = telling.length >= 3 || (touchedData && telling.length >= 1) || fineTunes.test(left.text);
  const isQuestion = /^(?:what|how|can|could|who|which|why|when|is|are|do|does)\b.*\?\W*$/i.test(text);
  if (isQuestion && !touchedData && !fineTunes.test(left.text)) return {};
  if (!text || !describes || isSmallTalk(text)) return {};
  if (before.join('\n').length + text.length > 1900) return {};
  return { goal: [...before, text.slice(0, 1900)] };
}

const isBareAnswer = (text: string): boolean => text.trim().split(/\s+/).length <= 6;

const limitWords = /\b(?:budget|ask|limit|cap|spend|at most|up to|branch|instead|rather)\b/i;

/** The answer of a message to the open question; null when it answers nothing. */
function readAsAnswer(text: string, question: Question, reading: Reading): Change | null {
  if (wantsDefault(text)) {
    if (question.default === null)
      return question.field === 'data'
        ? { patch: {}, problems: ['I cannot choose the data for you: what should the model learn?'] }
        : readField(question.field, text, reading);
    const change = readField(question.field, question.default, reading);
    return change && merge(change, { patch: takenDefault(question.field, reading.draft), problems: [] });
  }
  const meant = optionMeant(question, text);
  if (meant !== null) return readField(question.field, meant, reading);
  // `3 dollars` is the price now and no limit, unless the words say so.
  const isPrice = question.field === 'usdPerHour' && isBareAnswer(text) && !limitWords.test(text);
  return isPrice ? readField(question.field, text, reading) : null;
}

const correcting =
  /^\W*(?:(?:no|nope|hm+|uh|oh|rather|actually|better|sorry|i mean|i meant|wait|or|well|ok|and|make (?:it|that)|change (?:it|that) to|let'?s (?:say|make it)|say|then)[\s,.:-]+)+(⟦[mxtg]\d+⟧|-?[\d.,]+\s?%?)(?: (?:please|then|instead))?\W*$/;

/** `no, 20` and `make it 20 minutes` are about the number that was given last. */
function readCorrection(text: string, reading: Reading): Change | null {
  const { lastNumber } = reading.draft;
  const marked = markText(text, reading.input);
  const said = correcting.exec(marked.text)?.[1];
  if (!lastNumber || !said) return null;
  const amount = amountAt(marked, /⟦[mxtg](\d+)⟧/.exec(said)?.[1]);
  const isCost = lastNumber === 'budget' || lastNumber === 'askAbove';
  if (amount && !isCost) return null;
  return readField(lastNumber, amount ? amount.text : inUnitBefore(said, reading), reading);
}

/** `no, 20` after `$15` is dollars, and after `2 h` hours. */
function inUnitBefore(number: string, { draft }: Reading): string {
  const { lastNumber } = draft;
  const before = lastNumber === null ? undefined : findAmounts(draft.words[lastNumber] ?? '').at(-1);
  if (before?.kind === 'usd') return `$${number}`;
  const unit = /[a-z]+$/i.exec(before?.text ?? '')?.[0];
  return unit === undefined ? number : `${number} ${unit}`;
}

/** Folds one message into the draft. `question` is what was asked before it, if anything. */
export function readMessage(
  message: Message,
  draft: Draft,
  question: Question | null,
  input: IntakeInput,
): Change {
  const pending: BriefField | null = question?.field ?? null;
  const reading: Reading = { input, draft, pending };
  const text = message.text.replace(/<@[^>]*>/g, ' ').trim();
  if (message.files.length === 0 && cancels.test(text)) return { patch: { cancelled: true }, problems: [] };
  const replace =
    /\binstead\b|\breplace\b|\b(?:correct|fix|clean)(?:ed)? (?:file|version|data)\b|\bnew (?:file|version)\b/i.test(
      text,
    );
  const files = message.files.length > 0 ? addFiles(draft, message.files, replace) : noChange;
  const withFiles: Reading = { ...reading, draft: { ...draft, ...files.patch } };

  if (question && message.files.length === 0) {
    const answer = readAsAnswer(text, question, reading);
    if (answer) return answer;
  }
  const correction = message.files.length === 0 ? readCorrection(text, withFiles) : null;
  if (correction) return correction;
  const free = readFree(message, withFiles);
  const changed = Object.keys(free.change.patch).length > 0 || free.change.problems.length > 0;
  const usable = message.files.some((f) => f.report !== null);
  const { change: task, rest: left } = readTask(free.left, withFiles, usable);
  const touchesData = 'task' in task.patch || 'taskCandidates' in task.patch;

  // A short reply in which no field was recognised is about the open question.
  const own = pending !== null && !(pending in free.change.patch);
  if (
    question &&
    own &&
    !usable &&
    !touchesData &&
    (!changed || pending === 'badRows') &&
    isBareAnswer(text)
  ) {
    const answer = readField(question.field, text, withFiles);
    if (answer) return merge(files, free.change, answer);
  }
  if (question && own && !changed && !touchesData && message.files.length === 0) {
    const longer = readField(question.field, text, withFiles);
    if (longer && Object.keys(longer.patch).length > 0) return longer;
  }
  // Another task is another goal.
  const switched =
    typeof task.patch.task === 'string' && task.patch.task !== draft.task && draft.goal.length > 0;
  const kept = switched && (draft.task !== null || draft.files.length > 0) ? [] : draft.goal;
  const goal = { goal: kept, ...goalFrom(message, free.left, kept, touchesData || usable) };
  const speaksOfFile =
    /\b(?:attach(?:ed|ment|ing)?|see file|the file|uploaded?|enclosed|(?:my|our|this) (?:own )?(?:data(?:set)?|csv|jsonl?|file|spreadsheet|examples))\b/i.test(
      text,
    );
  const expects: Partial<Draft> =
    message.files.length > 0 ? { expectsFile: false } : speaksOfFile ? { expectsFile: true } : {};
  // With an attachment announced, a task is only a candidate: the person decides.
  const announced =
    speaksOfFile &&
    message.files.length === 0 &&
    typeof task.patch.task === 'string' &&
    draft.files.length === 0;
  const taskChange = announced ? noChange : task;
  const { notUsed, described } = accountFor(left, input, draft.described.length > 0);
  const told = {
    described: kept.length < draft.goal.length ? described : [...draft.described, ...described],
  };
  return merge(files, free.change, taskChange, {
    patch: { ...goal, ...expects, ...(described.length > 0 ? told : {}) },
    problems: [],
    notUsed,
  });
}
