import type { IntakeEntry } from '../../../campaign/intake-entry.ts';
import { isNearly } from '../../../lib/parse/words.ts';
import type { CatalogTask, DatasetReport } from '../../../recipe/types.ts';
import { isLight } from './clauses.ts';
import {
  type Change,
  type Draft,
  type DraftFile,
  type FileRole,
  isSameFile,
  noChange,
  openFiles,
  setting,
} from './draft.ts';
import { blank, leftWords, type MarkedText, markText, spansLeft, wordsAt } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

type MessageFile = Extract<IntakeEntry, { kind: 'message' }>['files'][number];

/** Words too common to point at a task, whatever its keywords say. */
const ignored = new Set(
  `data the and for file files row rows task tasks model models train training trained tune tuned tuning fine
  finetune fine-tune small large test good better best want need please would like make made use used using from into
  with this that them what when which rate late gate state update notes time times minute minutes second seconds hour
  hours attached attachment budget metric exact match accuracy score target ask above branch learn teach help here have
  some to short long get set let run runs new old one two all any per of in on by up do it is be or so an as at we our
  my me you your can could them their there where how messy clean turn answer answers plus`.split(/\s+/),
);

/** Words of many tasks: two of them are needed to point at one. */
const weak = new Set(
  `text texts string strings word words input inputs output outputs label labels number numbers name names city case
  order format formats field fields day month year feedback rating table tables select query extract classify convert
  rewrite reverse parse math add`.split(/\s+/),
);

const sameWord = (word: string, target: string): boolean =>
  word === target || word === `${target}s` || `${word}s` === target;

/** How well words fit a task: its name counts 3, a keyword 2, a word of its title 1; weak and misspelt words less. */
function fitOf(words: string[], task: CatalogTask): number {
  const titleWords = (task.title.toLowerCase().match(/[a-z]{4,}/g) ?? []).filter((w) => !ignored.has(w));
  const targets: [string, number][] = [
    [task.name.toLowerCase(), 3],
    ...task.keywords.map((k): [string, number] => [k.toLowerCase(), 2]),
    ...titleWords.map((w): [string, number] => [w, 1]),
  ];
  const worth = (word: string): number => {
    if (ignored.has(word)) return 0;
    const exact = targets.find(([target]) => sameWord(word, target));
    if (exact) return weak.has(word) ? 0.6 : exact[1];
    if (word.length < 4 || weak.has(word)) return 0;
    const near = targets.find(([target]) => !weak.has(target) && isNearly(word, target));
    return near ? near[1] * 0.75 : 0;
  };
  return [...new Set(words)].reduce((sum, word) => sum + worth(word), 0);
}

/** Words that belong to the tasks, to be left as they are when misspelt words are corrected. */
export const taskWords = (tasks: CatalogTask[]): string[] =>
  tasks.flatMap((t) => [t.name, ...t.keywords, ...t.title.split(/\s+/)]).map((w) => w.toLowerCase());

/** Tasks that the words point at, best first; several when they fit equally well. */
export function tasksFor(words: string[], tasks: CatalogTask[]): CatalogTask[] {
  const fits = tasks.map((task) => ({ task, fit: fitOf(words, task) })).filter((f) => f.fit >= 1);
  const most = Math.max(0, ...fits.map((f) => f.fit));
  return fits.filter((f) => f.fit >= most - 0.4).map((f) => f.task);
}

/** A task and the stretch of marked text that names it. */
interface Named {
  task: CatalogTask;
  from: number;
  to: number;
}

const namedBefore =
  /\b(?:(?:the|your|that) )?(?:built-?in )?["'`]?([a-z][\w-]*)["'`]? (?:task|benchmark|one)\b/g;
const namedBehind = /\b(?:task|benchmark)(?: is |\s*[:=]\s*| )["'`]?([a-z][\w-]*)/g;

const singular = (word: string): string => word.replace(/s$/, '');

/** `the route task`, `the built-in date task`, `task route`: a task named outright. */
export function taskNamed(text: string, tasks: CatalogTask[]): Named | null {
  for (const pattern of [namedBefore, namedBehind])
    for (const match of text.matchAll(pattern)) {
      const word = match[1] ?? '';
      const near = word.length >= 5 ? tasks.filter((t) => isNearly(word, t.name.toLowerCase())) : [];
      const task =
        tasks.find((t) => singular(t.name.toLowerCase()) === singular(word)) ??
        (near.length === 1 ? near[0] : undefined);
      if (task !== undefined) return { task, from: match.index, to: match.index + match[0].length };
    }
  return null;
}

/** Ways of training beside a name take nothing from it. */
const methodWords = [
  'lora',
  'qlora',
  'q-lora',
  'adapter',
  'adapters',
  'full',
  'sft',
  'dpo',
  'grpo',
  'methods',
  'method',
];

/** A task whose name is all that a clause says: `dates, 15 minutes`, `teach date`, `on the route`. */
function taskAlone(marked: MarkedText, tasks: CatalogTask[]): Named | null {
  for (const task of tasks) {
    const name = task.name.toLowerCase().replace(/[^a-z0-9]/g, '.');
    for (const match of marked.text.matchAll(new RegExp(`(?<![\\w⟦-])${name}s?(?![\\w⟧-])`, 'g')))
      if (
        isLight(
          marked,
          match.index,
          match.index + match[0].length,
          new Set([task.name.toLowerCase(), ...methodWords]),
        )
      )
        return { task, from: match.index, to: match.index + match[0].length };
  }
  return null;
}

const correction = /\b(?:actually|instead|switch|rather|change|use|take|no|not|sorry|wait)\b/;

/** Reads a task of the catalogue from a message: only its name chooses one, words about it offer it. */
export function readTask(
  marked: MarkedText,
  { input, draft, pending }: Reading,
  newFiles: boolean,
): { change: Change; rest: MarkedText } {
  const settled = draft.task !== null || draft.files.length > 0;
  const chosen: Partial<Draft> = pending === 'data' ? { goOnWithout: true } : {};
  const none = { change: noChange, rest: marked };
  const choose = ({ task, from, to }: Named): { change: Change; rest: MarkedText } => ({
    change: {
      ...setting({ task: task.name, taskCandidates: [], ...chosen }),
      words: { data: wordsAt(marked, from, to) },
    },
    rest: blank(marked, from, to),
  });
  const named = taskNamed(marked.text, input.tasks);
  if (named && !newFiles) return choose(named);
  if (newFiles || (draft.files.length > 0 && !/\btask\b/.test(marked.text))) return none;
  if (settled && pending !== 'data' && !correction.test(marked.text)) return none;
  const alone = taskAlone(marked, input.tasks);
  if (alone) return choose(alone);
  const found = tasksFor(leftWords(marked), input.tasks);
  return found.length > 0 && !settled
    ? { change: setting({ taskCandidates: found.map((t) => t.name) }), rest: marked }
    : none;
}

/** A destination of results is no data to read. */
const isOutput =
  /(?:^|[,.;:]|\b(?:and|then|please))\s*(?:write|save|export|dump|output|push|upload|publish|store|copy|ship|send|put|deploy|log|archive|move)\b[^.;!?\n]{0,40}\b(?:to|into|in|as|at|under|on)\s+$/;
const aboutData =
  /\b(?:data|dataset|rows?|examples?|train\w*|tun\w*|fine-?tun\w*|file|files|on|in|from|use|using|with|at|lives?|pairs?|corpus)\b/;

/** Files and addresses that a message names, besides what is attached. */
export const readReferences: Reader = (marked, { draft, input }) => {
  let rest = marked;
  const named: string[] = [];
  const addresses: Draft['addresses'] = [];
  let columns: Draft['columns'] = null;
  for (const { span, from, to } of spansLeft(marked, 'file', 'address', 'columns')) {
    const before = marked.text.slice(Math.max(0, from - 60), from);
    if (span.kind === 'file') {
      if (isOutput.test(before)) continue;
      named.push(span.name);
    } else if (span.kind === 'address') {
      if (isOutput.test(before)) continue;
      if (
        span.store === 'links' &&
        !aboutData.test(before) &&
        !/\.(?:jsonl?|csv|tsv|parquet|zip|gz)\b/i.test(span.text)
      )
        continue;
      addresses.push({ text: span.text, store: span.store });
    } else columns = { prompt: span.prompt, completion: span.completion };
    rest = blank(rest, from, to);
  }
  if (rest === marked) return null;
  const missing = named.filter(
    (name) =>
      !draft.files.some((f) => isSameFile(f.report.name, name)) &&
      !draft.unusable.some((other) => isSameFile(other, name)),
  );
  const hasOwn = draft.files.length > 0 || input.entries.length === 0;
  const patch: Partial<Draft> = {
    ...(missing.length > 0
      ? { namedFiles: [...new Set([...draft.namedFiles, ...missing])], goOnWithout: false }
      : {}),
    ...(columns === null ? {} : { columns, goOnWithout: false }),
    ...(addresses.length > 0 && !hasOwn
      ? { addresses: [...draft.addresses, ...addresses], goOnWithout: false }
      : {}),
  };
  const notUsed = hasOwn
    ? addresses.map(({ text, store }) => ({ words: text, why: `I cannot read ${store}` }))
    : [];
  return { change: { patch, problems: [], notUsed }, rest };
};

const evaluationName =
  /(?:^|[^a-z])(?:eval(?:uation)?|test(?:ing|set)?|valid(?:ation)?|val|dev|heldout|held-out|holdout)(?:[^a-z]|$)/i;
const trainName = /(?:^|[^a-z])(?:train(?:ing|set)?|learn)(?:[^a-z]|$)/i;

/** Roles by number and name: one file trains; of several, the names decide; undecided roles stay null. */
export function assignRoles(files: DraftFile[]): DraftFile[] {
  const used = files.filter((f) => f.role !== 'unused');
  if (used.length === 1) return files.map((f) => (f.role === 'unused' ? f : { ...f, role: 'train' }));
  const named = files.map((f): DraftFile => {
    if (f.role === 'unused') return f;
    const isEvaluation = evaluationName.test(f.report.name);
    const isTrain = trainName.test(f.report.name);
    const role: FileRole | null = isEvaluation === isTrain ? null : isTrain ? 'train' : 'evaluation';
    return { ...f, role };
  });
  const count = (role: FileRole): number => named.filter((f) => f.role === role).length;
  if (count('evaluation') > 1) return named.map((f) => (f.role === 'unused' ? f : { ...f, role: null }));
  // One that is for evaluation leaves the others for training.
  if (count('evaluation') === 1) return named.map((f) => (f.role === null ? { ...f, role: 'train' } : f));
  return named;
}

/** Takes in newly attached files; one of the same name replaces the earlier. */
export function addFiles(draft: Draft, attached: MessageFile[], replace: boolean): Change {
  const problems: string[] = [];
  let files = replace && attached.some((f) => f.report) ? [] : [...draft.files];
  let unusable = [...draft.unusable];
  for (const { name, report, problem } of attached) {
    unusable = unusable.filter((other) => other !== name);
    if (report && isRead(report)) {
      files = [...files.filter((f) => f.report.name !== report.name), { report, role: null }];
      unusable = [];
    } else {
      unusable.push(name);
      problems.push(problem ?? unread(name, report));
    }
  }
  const usable = attached.some((f) => f.report && isRead(f.report));
  const patch: Partial<Draft> = { files: assignRoles(files), unusable };
  // A person who attaches a file after one was missed has sent all there is.
  const stillNamed = draft.namedFiles.length > 0 && usable ? { namedFiles: [], addresses: [] } : {};
  if (usable)
    Object.assign(patch, {
      ...stillNamed,
      task: null,
      taskCandidates: [],
      badRows: null,
      showBadRows: false,
    });
  return { patch, problems, words: { data: '' } };
}

/** Rows came out of it; they do not while its columns have to be asked for. */
const isRead = (report: DatasetReport): boolean => report.rows > 0 && report.columns !== null;

function unread(name: string, report: DatasetReport | null): string {
  const columns = (report?.found ?? []).map((column) => `\`${column.name}\``).join(', ');
  if (report === null || columns === '') return `\`${name}\` holds no rows that I can use.`;
  const firstTwo = (report?.found ?? []).map((column) => column.name);
  return `I do not know which columns of \`${name}\` to use: it has ${columns}. Attach it again and say which, such as "use ${firstTwo[0]} as prompt and ${firstTwo[1]} as completion".`;
}

/** In place of a name, where all files shall train. */
export const allFiles = '*';

/** `train=a.jsonl`, a file name, "the first", a task's name or keywords. */
export const answerData: FieldReader = (text, reading) => {
  const { draft, input } = reading;
  const marked = markText(text, input, taskWords(input.tasks));
  const value = text.trim();
  if (
    /^(?:go on )?without\b/i.test(value) &&
    (draft.namedFiles.length > 0 || draft.addresses.length > 0 || draft.columns !== null)
  )
    return setting({ goOnWithout: true });
  const train = /^train=(.+)$/.exec(value)?.[1];
  const open = openFiles(draft);
  const asked = open.length > 0 ? draft.files.filter((f) => f.role !== 'unused') : [];
  if (asked.length > 0 && (train === allFiles || /^(?:both|all|together|all of them)\b/i.test(value))) {
    const files = draft.files.map((f): DraftFile => (f.role === 'unused' ? f : { ...f, role: 'train' }));
    return { patch: { files, task: null }, problems: [] };
  }
  const chosen =
    asked.find((f) => f.report.name === train) ??
    asked.find((f) => value.toLowerCase().includes(f.report.name.toLowerCase()));
  if (chosen) {
    const others = asked.filter((f) => f !== chosen);
    const evaluation =
      others.length === 1 ? others[0] : others.find((f) => evaluationName.test(f.report.name));
    const files = draft.files.map((f): DraftFile => {
      if (f.role === 'unused') return f;
      return { ...f, role: f === chosen ? 'train' : f === evaluation ? 'evaluation' : 'unused' };
    });
    return { patch: { files, task: null }, problems: [] };
  }
  const byName = input.tasks.find((t) => t.name.toLowerCase() === value.toLowerCase());
  const task = byName ?? taskNamed(marked.text, input.tasks)?.task;
  if (task) return setting({ task: task.name, taskCandidates: [], goOnWithout: true });
  const found = tasksFor(leftWords(marked), input.tasks);
  // Asked which data, a word that fits one task alone is its name.
  if (found.length === 1 && found[0] && leftWords(marked).length <= 4)
    return setting({ task: found[0].name, taskCandidates: [], goOnWithout: true });
  return found.length > 0 ? setting({ taskCandidates: found.map((t) => t.name) }) : null;
};
