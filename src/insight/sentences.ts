import type { TrainingMethod } from '../campaign/brief.ts';
import { methodNames } from '../campaign/training-support.ts';
import { capitalise } from '../lib/text.ts';
import { parseFactor } from './factors.ts';
import type { Effect, EffectPair } from './types.ts';

/** Phrases for adding a recipe step, and for leaving it out. */
const steps: Record<string, readonly [on: string, off: string]> = {
  filter_shape: ['dropping rows that break the pattern', 'keeping rows that break the pattern'],
  filter_pattern: ['dropping rows that break the pattern', 'keeping rows that break the pattern'],
  filter_regex: [
    'dropping rows that do not match the expression',
    'keeping rows that do not match the expression',
  ],
  filter_length: ['dropping very short and very long rows', 'keeping very short and very long rows'],
  filter_conflicts: ['dropping prompts with conflicting answers', 'keeping prompts with conflicting answers'],
  filter_copies: ['dropping rows that only copy the prompt', 'keeping rows that only copy the prompt'],
  dedup_exact: ['dropping exact duplicates', 'keeping exact duplicates'],
  dedup_near: ['dropping near duplicates', 'keeping near duplicates'],
  balance: ['balancing the groups', 'leaving the groups unbalanced'],
  sample: ['training on a sample of the rows', 'training on all rows instead of a sample'],
  last: ['training on the chosen sources last', 'mixing all sources'],
  sort_by_length: ['sorting rows by length', 'not sorting rows by length'],
  synth_swap_spans: ['adding rows with exchanged values', 'leaving out rows with exchanged values'],
  synth_surface: ['adding rows in other case and spacing', 'leaving out rows in other case and spacing'],
};

const spaced = (text: string): string => text.replaceAll('_', ' ');

/** `prompt_shapex3` → `by prompt shape up to 3 times` */
const balanceText = (setting: string): string =>
  spaced(setting).replace(/^(.+)x(\d+)$/, 'by $1 up to $2 times');

const changedSteps: Record<string, (from: string, to: string) => string> = {
  sample: (from, to) => `training on a sample of ${to} rows instead of ${from}`,
  dedup_near: (from, to) => `dropping near duplicates from similarity ${to} instead of ${from}`,
  filter_conflicts: (from, to) => `keeping majority answers from a share of ${to} instead of ${from}`,
  balance: (from, to) => `balancing ${balanceText(to)} instead of ${balanceText(from)}`,
  filter_length: (from, to) => `keeping rows of ${to} characters instead of ${from}`,
  last: (from, to) => `training on ${to} last instead of ${from}`,
  sort_by_length: (from, to) => `sorting rows ${spaced(to)} instead of ${spaced(from)}`,
  synth_swap_spans: (from, to) => `adding ${to} rows with exchanged values instead of ${from}`,
  synth_surface: (from, to) => `adding ${to} rows in other case and spacing instead of ${from}`,
};

/** 0.0005 → `5e-4`, 0.05 → `0.05`. */
function rate(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 && value < 0.01
    ? String(Number(value.toPrecision(3)).toExponential())
    : text;
}

const methodName = (method: string): string => methodNames[method as TrainingMethod] ?? method;

const moved = (from: string, to: string): string => (Number(to) > Number(from) ? 'raising' : 'lowering');

const lossOn = (answersOnly: boolean): string =>
  answersOnly ? 'counting the loss on answers only' : 'counting the loss on prompts too';

const settings: Record<string, (from: string, to: string) => string> = {
  learningRate: (from, to) => `${moved(from, to)} the learning rate from ${rate(from)} to ${rate(to)}`,
  batchSize: (from, to) => `training in batches of ${to} instead of ${from}`,
  epochs: (from, to) => `training for ${to} ${to === '1' ? 'epoch' : 'epochs'} instead of ${from}`,
  method: (from, to) => `using ${methodName(to)} instead of ${methodName(from)}`,
  schedule: (from, to) => `using a ${to} schedule instead of ${from}`,
  warmupRatio: (from, to) => `${moved(from, to)} the warmup share from ${from} to ${to}`,
  weightDecay: (from, to) => `${moved(from, to)} weight decay from ${from} to ${to}`,
  maxGradNorm: (from, to) => `clipping gradients at ${to} instead of ${from}`,
  order: (_from, to) => (to === 'as_given' ? 'keeping rows in the given order' : 'shuffling rows'),
  precision: (from, to) => `computing in ${to} instead of ${from}`,
  completionOnly: (_from, to) => lossOn(to === 'true'),
  'objective.beta': (from, to) => `${moved(from, to)} beta from ${from} to ${to}`,
  'objective.generations': (from, to) => `comparing ${to} answers a prompt instead of ${from}`,
  'lora.rank': (from, to) => `using LoRA rank ${to} instead of ${from}`,
  'lora.alpha': (from, to) => `using LoRA alpha ${to} instead of ${from}`,
  'lora.targets': (from, to) => `using LoRA on ${to} instead of ${from}`,
};

/** `loraRank` → `lora.rank` */
const settingName = (name: string): string =>
  name.replace(/^lora([A-Z])/, (_, letter: string) => `lora.${letter.toLowerCase()}`);

const switches: Record<string, readonly [on: string, off: string]> = {
  completionOnly: [lossOn(true), lossOn(false)],
  training: ['fine-tuning at all', 'not fine-tuning'],
};

function words(name: string): string {
  return name
    .replace(/^recipe\./, '')
    .replace(/[._]+/g, ' ')
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
}

/** One factor as a gerund in lower case: `lowering the learning rate from 1e-3 to 5e-4`. */
function onePhrase(key: string): string {
  const factor = parseFactor(key);
  // The second step or input of a kind is `name.2`, and its rows are `name.rows`.
  const op = /^recipe\.(\w+?)(?:\.\d+)?$/.exec(factor.name)?.[1] ?? null;
  const code = /^recipe\.python_map:(\w+)/.exec(factor.name)?.[1] ?? null;
  const source = /^input:(.+?)(?:\.\d+)?(?:\.rows)?$/.exec(factor.name)?.[1] ?? null;
  switch (factor.kind) {
    case 'switch': {
      const known = switches[factor.name] ?? steps[op ?? factor.name];
      if (source !== null)
        return factor.to === 'on' ? `adding the data ${source}` : `leaving out the data ${source}`;
      if (known) return factor.to === 'on' ? known[0] : known[1];
      if (code !== null)
        return factor.to === 'on' ? `running the code ${code} over the rows` : `leaving out the code ${code}`;
      return `turning ${words(factor.name)} ${factor.to}`;
    }
    case 'step': {
      const { from, to } = factor;
      if (source !== null) return `taking ${to} rows of ${source} instead of ${from}`;
      const known = op === null ? settings[settingName(factor.name)] : changedSteps[op];
      return known ? known(from, to) : `changing ${words(factor.name)} from ${from} to ${to}`;
    }
    case 'other': {
      if (op === 'order') return 'running the data steps in another order';
      const known = op === null ? undefined : steps[op];
      if (factor.value === 'changed') {
        return known ? `${known[0]} with other settings` : `changing ${words(factor.name)}`;
      }
      if (factor.name === 'method') return `using ${methodName(factor.value)}`;
      return factor.value === ''
        ? words(factor.name)
        : `setting ${words(factor.name)} to ${rate(factor.value)}`;
    }
  }
}

/** The change of a factor key (also a combined one) as a phrase in lower case that fits before `helps`. */
export function factorPhrase(factor: string): string {
  return factor.split(' + ').map(onePhrase).join(' together with ');
}

/** Three decimals with a true minus sign; never `−0.000`. */
function decimals(value: number): string {
  const text = Math.abs(value).toFixed(3);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

const signed = (value: number): string => {
  const text = decimals(value);
  return text.startsWith('−') || Number(text) === 0 ? text : `+${text}`;
};

const maxPairsShown = 5;

function evidence(pairs: readonly EffectPair[]): string {
  const shown = pairs.slice(0, maxPairsShown).map((pair) => `#${pair.parent}→#${pair.child}`);
  const more = pairs.length > maxPairsShown ? ` and ${pairs.length - maxPairsShown} more` : '';
  return `${pairs.length} ${pairs.length === 1 ? 'pair' : 'pairs'}: ${shown.join(', ')}${more}`;
}

/** `+0.033 (0.012 to 0.055, 3 pairs: #5→#8, #4→#9, #6→#11)` */
function effectNumbers(effect: Effect): string {
  return `${signed(effect.effect)} (${decimals(effect.low)} to ${decimals(effect.high)}, ${evidence(effect.pairs)})`;
}

function verdict(effect: Effect): string {
  if (!effect.holds) return 'makes no clear difference';
  return effect.effect > 0 ? 'helps' : 'hurts';
}

/** `Dropping rows that break the pattern helps`: the lesson without its numbers. */
export function insightTitle(effect: Effect): string {
  return `${capitalise(factorPhrase(effect.factor))} ${verdict(effect)}`;
}

/** `Dropping rows that break the pattern helps: +0.033 (0.012 to 0.055, 3 pairs: #5→#8, #4→#9, #6→#11).` */
export function insightText(effect: Effect): string {
  return `${insightTitle(effect)}: ${effectNumbers(effect)}.`;
}

/** The message for an insight that was announced earlier and no longer holds. */
export function contradictionText(previous: Effect, now: Effect): string {
  const told = previous.effect > 0 ? 'helps' : 'hurts';
  const verb = now.holds ? `now ${verdict(now)}` : 'no longer makes a clear difference';
  return `I said that ${factorPhrase(previous.factor)} ${told}; with more evidence it ${verb}: ${effectNumbers(now)}.`;
}
