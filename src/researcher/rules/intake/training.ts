import { type Objective, objectives, type TrainingMethod, trainingMethods } from '../../../campaign/brief.ts';
import { readMethods } from '../../../campaign/read-methods.ts';
import { methodNames, objectiveNames, usualMethods } from '../../../campaign/training-support.ts';
import { metricNames } from '../../../scoring/types.ts';
import type { IntakeInput } from '../../port.ts';
import type { Change } from './draft.ts';
import { markText, take } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

const set = (patch: Change['patch']): Change => ({ patch, problems: [] });
const problem = (text: string): Change => ({ patch: {}, problems: [text] });

/** `a, b and c` */
export const listOf = (parts: readonly string[]): string => parts.join(', ').replace(/, ([^,]*)$/, ' and $1');

/** What this installation cannot do, what it can, and what the rest would need. */
const cannot = (wanted: string, known: readonly string[], { supports }: IntakeInput): Change =>
  problem(
    `I cannot train with ${wanted} here, only with ${listOf(known)}.${supports.needs === null ? '' : ` ${supports.needs}`}`,
  );

const namesQlora = /\bq-?lora\b|\b(?:4[- ]?bit|quantized) (?:lora|adapters?)\b/;

function methodsFrom(wanted: readonly TrainingMethod[], text: string, { input }: Reading): Change {
  const { methods: known } = input.supports;
  const methods = known.filter((method) => wanted.includes(method));
  // "Adapters" are those that there are; what was named and is not there deserves a word.
  const missing = wanted.filter(
    (method) => !known.includes(method) && (method !== 'qlora' || namesQlora.test(text)),
  );
  const said =
    missing.length === 0
      ? []
      : cannot(
          listOf(missing.map((method) => methodNames[method])),
          known.map((method) => methodNames[method]),
          input,
        ).problems;
  return { patch: methods.length === 0 ? {} : { methods }, problems: said };
}

export const readMethodField: Reader = (marked, reading) => {
  const wish = readMethods(marked.text);
  if (!wish) return null;
  const before = reading.draft.methods ?? usualMethods(reading.input.supports);
  const kept = (wish.allowed ?? [...before, ...wish.freed]).filter((m) => !wish.banned.includes(m));
  // The words stay: "full fine-tuning" also belongs to the goal.
  if (kept.length === 0)
    return { change: problem('Without any of the methods there is nothing left to try.'), rest: marked };
  return { change: methodsFrom(kept, marked.text, reading), rest: marked };
};

export const answerMethods: FieldReader = (text, reading) => {
  const marked = markText(text);
  const read = readMethodField(marked, reading);
  if (read) return read.change;
  const usual = usualMethods(reading.input.supports);
  if (/\b(?:any|all|both|default)\b/.test(marked.text)) return set({ methods: usual });
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
  if (known.includes(objective)) return set({ objective, unpaired: null });
  return cannot(
    objectiveNames[objective],
    known.map((one) => objectiveNames[one]),
    input,
  );
}

/** `use DPO`, `GRPO with exact match as reward` (the metric is the reward), `no DPO`. */
export const readObjective: Reader = (marked, reading) => {
  for (const [objective, pattern] of objectiveWords) {
    const named = take(marked, pattern);
    if (!named) continue;
    const isRefused = refused.test(marked.text.slice(0, named.match.index));
    if (!isRefused) return { change: objectiveFrom(objective, reading), rest: named.rest };
    const change = reading.draft.objective === objective ? set({ objective: null }) : set({});
    return { change, rest: named.rest };
  }
  return null;
};

export const answerObjective: FieldReader = (text, reading) => {
  const value = text.trim().toLowerCase();
  const named = objectives.find((objective) => objective === value);
  if (named) return objectiveFrom(named, reading);
  if (/^leave[_ ](?:them |those )?out$/.test(value)) return set({ unpaired: 'leave_out' });
  const metric = /^measure (\w+)$/.exec(value)?.[1];
  const known = metricNames.find((name) => name === metric);
  if (known) return set({ metric: known, metricOpen: false });
  return readObjective(markText(text), reading)?.change ?? null;
};
