import { type Objective, objectives, type TrainingMethod, trainingMethods } from '../../../campaign/brief.ts';
import { readMethods } from '../../../campaign/read-methods.ts';
import { methodNames, objectiveNames, usualMethods } from '../../../campaign/training-support.ts';
import { listText } from '../../../lib/text.ts';
import { metricNames } from '../../../scoring/types.ts';
import type { IntakeInput } from '../../port.ts';
import { clauseAround, isLight } from './clauses.ts';
import { type Change, doubting, problem, setting } from './draft.ts';
import { kindOf } from './instructions.ts';
import { blank, type MarkedText, markText, spansLeft, take, wordsAt } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

/** The unsupported methods, the supported ones, and what the rest would need. */
const sayCannot = (wanted: string, known: readonly string[], { supports }: IntakeInput): string =>
  `I cannot train with ${wanted} here, only with ${listText(known)}.${supports.needs === null ? '' : ` ${supports.needs}`}`;

/** Asks the person to choose; no other method is used until then. */
const askMethods = (wanted: string, input: IntakeInput): Change =>
  doubting({
    field: 'methods',
    text: `${sayCannot(wanted, namesOf(input), input)} What shall I do?`,
    options: input.supports.methods.map((m) => ({ label: `Train with ${methodNames[m]}`, value: m })),
  });

const namesOf = ({ supports }: IntakeInput): string[] => supports.methods.map((m) => methodNames[m]);

const askObjectives = (wanted: string, input: IntakeInput): Change => {
  const { objectives: known } = input.supports;
  const names = known.map((one) => objectiveNames[one]);
  return doubting({
    field: 'objective',
    text: `${sayCannot(wanted, names, input)} What shall I do?`,
    options: known.map((one) => ({ label: `Train with ${objectiveNames[one]}`, value: one })),
  });
};

const namesQlora = /\bq-?lora\b|\b(?:4[- ]?bit|quantized) (?:lora|adapters?)\b/;

function methodsFrom(wanted: readonly TrainingMethod[], text: string, { input }: Reading): Change {
  const { methods: known } = input.supports;
  const methods = known.filter((method) => wanted.includes(method));
  // "Adapters" are the supported ones; a named method that is missing is mentioned.
  const missing = wanted.filter(
    (method) => !known.includes(method) && (method !== 'qlora' || namesQlora.test(text)),
  );
  if (missing.length > 0) return askMethods(listText(missing.map((method) => methodNames[method])), input);
  return setting(methods.length === 0 ? {} : { methods });
}

export const readMethodField: Reader = (marked, reading) => {
  // `both` of two models are no methods.
  const wish = readMethods(marked.text.replace(/\bboth (?=⟦)/g, '')) ?? methodAlone(marked, reading);
  if (!wish) return null;
  const usual = usualMethods(reading.input.supports);
  const left = (before: readonly TrainingMethod[]): TrainingMethod[] =>
    [...before, ...wish.freed].filter((method) => !wish.banned.includes(method));
  // `no lora` after `LoRA only` means the others.
  const narrowed = left(reading.draft.methods ?? usual);
  const kept =
    wish.allowed?.filter((method) => !wish.banned.includes(method)) ??
    (narrowed.length > 0 ? narrowed : left(usual));
  const rest = withoutMethods(marked);
  if (kept.length === 0)
    return { change: problem('Without any of the methods there is nothing left to try.'), rest };
  const change = methodsFrom(kept, marked.text, reading);
  return { change: { ...change, words: { methods: methodWords(marked, rest) } }, rest };
};

const methodName =
  /(?:\b(?:methods?(?: is| are|:|=)?|only|just|exclusively|no(?: more)?|without|skip|drop|avoid|both|all) )?\b(?:(?:4[- ]?bit|quantized) )?(?:q-?lora|lora|peft|adapters?|full(?:[- ](?:weights?|parameters?))?(?:[- ]?(?:fine[- ]?tun\w*|training|ft|sft|tuning))|full(?= (?:only|(?:and|or|plus) (?:q-?lora|lora|peft|adapters?))\b)|(?<=\b(?:methods?(?: is| are|:|=)?|only|just|exclusively) )full(?= ?(?:[,.;!\n]|$))|both(?: of them| methods| kinds)?(?! ⟦)|(?:all|every)(?: three| of the)? methods)(?: only)?\b/g;

/** `merge adapters afterwards` names a method and chooses none. */
const choosing =
  /^\W*(?:please )?(?:use|try|do|prefer|no|not|don't|do not|never|without|only|just|skip|drop|avoid|both|methods?|(?:4[- ]?bit|quantized)|q-?lora|lora|peft|adapters?|full)\b/;

const withoutMethods = (marked: MarkedText): MarkedText =>
  [...marked.text.matchAll(methodName)].reduce((left, match) => {
    const to = match.index + match[0].length;
    const clause = clauseAround(marked.text, match.index, to);
    const said = marked.text.slice(clause.from, clause.to);
    const isElse = kindOf(said, false) === 'instruction' && !choosing.test(said);
    return isElse ? left : blank(left, match.index, to);
  }, marked);

/** `QLoRA, rank 64`: a method that is all a clause says. */
function methodAlone(marked: MarkedText, { input }: Reading): ReturnType<typeof readMethods> {
  const names = new Set([...input.tasks.map((task) => task.name.toLowerCase()), ...methodNamesAlone]);
  for (const match of marked.text.matchAll(/\b(q-?lora|lora|peft|adapters?)\b/g))
    if (isLight(marked, match.index, match.index + match[0].length, names))
      return readMethods(`use ${match[1]}`);
  return null;
}

const methodNamesAlone = ['lora', 'qlora', 'q-lora', 'q', 'peft', 'adapter', 'adapters', 'sft'];

/** The clause of the first method that was taken. */
function methodWords(marked: MarkedText, rest: MarkedText): string {
  const first = rest.taken[marked.taken.length];
  if (first === undefined) return '';
  const clause = clauseAround(marked.text, first.from, first.to);
  return wordsAt(marked, clause.from, clause.to).slice(0, 120);
}

const adapterKinds = /dora|rs-?lora|galore|ia3|bitfit|prefix|prompt|p-tuning/i;
const isCertain = /^(?:kto|orpo|ppo|simpo|rlhf|rlaif|bco|cpo|ipo|dora|adalora|rs-?lora|galore|ia3|bitfit)$/i;
const wishFor = /(?:\b(?:with|using|use|via|by|try|do|run|then|plus|and|want|apply|through)|[+,:])\s*$/;

/** Unsupported ways of training are reported, with the supported ones. */
export const readUnknownMethod: Reader = (marked, { input }) => {
  for (const { span, from, to } of spansLeft(marked, 'method')) {
    const before = marked.text.slice(Math.max(0, from - 30), from);
    if (refused.test(before)) return { change: setting({}), rest: blank(marked, from, to) };
    if (!isCertain.test(span.text) && !wishFor.test(before)) continue;
    const change = adapterKinds.test(span.text)
      ? askMethods(span.text, input)
      : askObjectives(span.text, input);
    return { change, rest: blank(marked, from, to) };
  }
  return null;
};

export const answerMethods: FieldReader = (text, reading) => {
  const marked = markText(text, reading.input);
  const read = readMethodField(marked, reading);
  if (read) return read.change;
  const usual = usualMethods(reading.input.supports);
  if (/\b(?:any|all|both|default)\b/.test(marked.text)) return setting({ methods: usual });
  const named = trainingMethods.filter((method) =>
    ({ full: /\bfull\b/, lora: /\b(?:lora|adapters?)\b/, qlora: namesQlora })[method].test(marked.text),
  );
  return named.length > 0 ? methodsFrom(named, marked.text, reading) : null;
};

/** A word that is also something else (a data protection officer, a subject of papers) needs its company. */
const objectiveWords: [Objective, RegExp][] = [
  [
    'dpo',
    /(?<!\b(?:the|our|my|your|a|to|for|of) )\bdpo\b|\bdirect preference optimi[sz]ation\b|\bpreference (?:tuning|optimi[sz]ation)\b/,
  ],
  [
    'grpo',
    /\bgrpo\b|\bgroup relative policy optimi[sz]ation\b|(?<=\b(?:use|using|with|via|by|try|do) )(?:reinforcement[- ]learning|rlvr|rl)\b/,
  ],
  ['sft', /\bsft\b|\bsupervised (?:fine[- ]?tun\w*|training)\b/],
];
const refused = /\b(?:no|not|without|drop|don'?t (?:use|do|try)|never)(?: any| more)? $/;

function objectiveFrom(objective: Objective, { input }: Reading): Change {
  const { objectives: known } = input.supports;
  if (known.includes(objective)) return setting({ objective, unpaired: null });
  return askObjectives(objectiveNames[objective], input);
}

/** `use DPO`, `GRPO with exact match as reward` (the metric is the reward), `no DPO`; of two, the person chooses. */
export const readObjective: Reader = (marked, reading) => {
  const named = objectiveWords.flatMap(([objective, pattern]) => {
    const found = take(marked, pattern);
    if (!found) return [];
    const { index } = found.match;
    return [{ objective, pattern, isRefused: refused.test(marked.text.slice(0, index)) }];
  });
  if (named.length === 0) return null;
  const rest = named.reduce((left, { pattern }) => take(left, pattern)?.rest ?? left, marked);
  const wanted = named.filter(({ isRefused }) => !isRefused).map(({ objective }) => objective);
  const [only] = wanted;
  if (only === undefined) {
    const isGone = named.some(({ objective }) => objective === reading.draft.objective);
    return { change: setting(isGone ? { objective: null } : {}), rest };
  }
  const { objectives: known } = reading.input.supports;
  const missing = wanted.find((objective) => !known.includes(objective));
  if (wanted.length === 1 || missing !== undefined)
    return { change: objectiveFrom(missing ?? only, reading), rest };
  return {
    change: doubting({
      field: 'objective',
      text: `I train each node in one way, not with ${listText(wanted.map((one) => objectiveNames[one]))}. Which one shall I take?`,
      options: wanted.map((one) => ({ label: `Train with ${objectiveNames[one]}`, value: one })),
    }),
    rest,
  };
};

export const answerObjective: FieldReader = (text, reading) => {
  const value = text.trim().toLowerCase();
  const named = objectives.find((objective) => objective === value);
  if (named) return objectiveFrom(named, reading);
  if (/^leave[_ ](?:them |those )?out$/.test(value)) return setting({ unpaired: 'leave_out' });
  const metric = /^measure (\w+)$/.exec(value)?.[1];
  const known = metricNames.find((name) => name === metric);
  if (known) return setting({ metric: known, metricOpen: false });
  return readObjective(markText(text, reading.input), reading)?.change ?? null;
};
