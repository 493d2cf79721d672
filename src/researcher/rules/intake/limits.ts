import type { CostLimit } from '../../../campaign/brief.ts';
import { type FoundAmount, formatSeconds } from '../../../lib/parse/amounts.ts';
import { type Change, type Doubt, type Draft, doubting } from './draft.ts';
import type { Reading } from './reading.ts';

const longestSeconds = 400 * 86_400;
/** Above this a sum in a request is asked for once more. */
const surprisingUsd = 100_000;

/** `15 min`, `$20`, `15 min or $20`. */
export function formatLimit(limit: CostLimit): string {
  const parts = [
    limit.computeSeconds === null ? null : formatSeconds(limit.computeSeconds),
    limit.usd === null ? null : formatUsd(limit.usd),
  ].filter((part) => part !== null);
  return parts.join(' or ');
}

/** `$7.50`, `$1,000` */
export function formatUsd(usd: number): string {
  const cents = Math.round(usd * 100) / 100;
  const digits = Number.isInteger(cents) ? 0 : 2;
  return `$${cents.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

export const never: CostLimit = { computeSeconds: null, usd: null };
/** Below any real run, so that every node is asked for. */
export const always: CostLimit = { computeSeconds: 1, usd: null };

/** `2 min`, `never`, `every time`. */
export const formatThreshold = (limit: CostLimit): string =>
  limit.computeSeconds === always.computeSeconds ? 'every time' : formatLimit(limit) || 'never';

type Known = Pick<Reading, 'input' | 'draft'>;
export type LimitField = 'budget' | 'askAbove';
const names: Record<LimitField, string> = { budget: 'A budget', askAbove: 'A threshold' };

/** Amounts as a limit: the limit, a sentence why not, or a question. `isAnswer`: a person was asked and chose. */
export function limitFrom(
  amounts: readonly FoundAmount[],
  field: LimitField,
  known: Known,
  isAnswer = false,
): CostLimit | string | Doubt {
  const limit: CostLimit = { computeSeconds: null, usd: null };
  for (const amount of amounts) {
    const side = sideFrom(amount, field, known, isAnswer);
    if (typeof side === 'string' || 'field' in side) return side;
    for (const key of ['computeSeconds', 'usd'] as const) {
      if (side[key] === null) continue;
      if (limit[key] !== null && limit[key] !== side[key]) return twoLimits(amounts, field);
      limit[key] = side[key];
    }
  }
  return limit;
}

function sideFrom(
  amount: FoundAmount,
  field: LimitField,
  known: Known,
  isAnswer: boolean,
): CostLimit | string | Doubt {
  const { input, draft } = known;
  const said = amount.text.trim();
  const nothing = `${names[field]} of ${said} leaves nothing to work with; it has to be above zero.`;
  switch (amount.kind) {
    case 'foreign':
      return `I count in US dollars or in minutes, not in ${amount.currency}. Please give one of these.`;
    case 'time':
    case 'gpuTime': {
      if (
        amount.kind === 'gpuTime' &&
        amount.gpu !== null &&
        !isAnswer &&
        !isGpuHere(amount.gpu, input.gpu ?? null)
      )
        return otherGpu(amount.gpu, amount.seconds, field, input.gpu ?? null);
      const seconds = amount.kind === 'time' ? amount.seconds : amount.seconds / input.gpusPerSlot;
      if (!(seconds > 0)) return nothing;
      if (seconds > longestSeconds)
        return `${names[field]} of more than a year is beyond me; please give less.`;
      return { computeSeconds: Math.round(seconds * 1000) / 1000, usd: null };
    }
    case 'usd': {
      if (!(amount.usd > 0)) return nothing;
      if (!isAnswer && amount.unsure) return twoReadings(amount.usd, said, field);
      if (!isAnswer && amount.usd > surprisingUsd) return surprising(amount.usd, said, field);
      if (input.usdPerHour === null && draft.minutesOnly)
        return 'Nobody has told me what an hour on one slot costs, so I cannot keep a limit in dollars. Please give it in minutes, or tell me the price, such as `$2.50 an hour`.';
      if (input.usdPerHour === 0)
        return 'Compute is free here, so dollars would never run out. I need the limit in minutes.';
      return { computeSeconds: null, usd: amount.usd };
    }
  }
}

const optionsOf = (values: readonly string[]): Doubt['options'] =>
  [...new Set(values)].map((value) => ({ label: value, value }));
const limitNames: Record<LimitField, string> = { budget: 'budget', askAbove: 'limit for asking' };

/** The smaller one first: of two limits, the person is safe with it. */
function twoLimits(amounts: readonly FoundAmount[], field: LimitField): Doubt {
  const size = (amount: FoundAmount): number =>
    amount.kind === 'usd' ? amount.usd : amount.kind === 'foreign' ? 0 : amount.seconds;
  const said = [...amounts].sort((a, b) => size(a) - size(b)).map((amount) => amount.text.trim());
  return {
    field,
    text: `You name more than one ${limitNames[field]}: ${said.map((text) => `"${text}"`).join(' and ')}. Which one counts?`,
    options: optionsOf(said.map((text) => text.slice(0, 75))).slice(0, 5),
  };
}

const twoReadings = (usd: number, said: string, field: LimitField): Doubt => ({
  field,
  text: `"${said}" can be read in two ways. What do you mean as the ${limitNames[field]}?`,
  options: optionsOf([formatUsd(usd), formatUsd(usd * 1000)]),
});

const surprising = (usd: number, said: string, field: LimitField): Doubt => ({
  field,
  text: `I read "${said}" as a ${limitNames[field]} of ${formatUsd(usd)}. Is that right? Otherwise say the amount.`,
  options: [{ label: `Yes, ${formatUsd(usd)}`, value: formatUsd(usd) }],
});

const plainGpu = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
/** `a100` is an A100-80GB as well. */
const isGpuHere = (said: string, here: string | null): boolean =>
  here !== null && plainGpu(here).startsWith(plainGpu(said));

function otherGpu(said: string, seconds: number, field: LimitField, here: string | null): Doubt {
  const hours = `${Math.round((seconds / 3600) * 100) / 100}`;
  return {
    field,
    text: `You count in ${said.toUpperCase()}-hours; runs here use ${here === null || here === 'cpu' ? 'no GPU' : here}. What may I use as the ${limitNames[field]}?`,
    options:
      here === null || here === 'cpu'
        ? [{ label: `${hours} h of compute here`, value: `${hours} h` }]
        : [{ label: `${hours} GPU-hours on ${here}`.slice(0, 75), value: `${hours} GPU-hours` }],
  };
}

/** A number without a unit, or with one that is no limit. */
export function unitMissing(number: string, words: string, field: LimitField, noun: string | null): Doubt {
  const said = words.replace(/\s+/g, ' ').trim().slice(0, 80);
  return noun === null
    ? {
        field,
        text: `You say "${said}": minutes, hours or dollars?`,
        options: optionsOf([`${number} min`, `${number} h`, `$${number}`]),
      }
    : {
        field,
        text: `You say "${said}". I count in minutes, hours or dollars: what is the ${limitNames[field]}?`,
        options:
          field === 'budget'
            ? optionsOf(['10 min', '30 min', '2 h'])
            : optionsOf(['1 min', '5 min', 'never']),
      };
}

interface SaidAmount {
  amount: FoundAmount;
  words: string;
}

/** The amount as the person gave it is the first option. */
const budgetOptions = ({ amount }: SaidAmount): Doubt['options'] => [
  { label: `${amount.text.trim()} in all`.slice(0, 75), value: amount.text.trim() },
  ...optionsOf(['10 min', '30 min', '2 h']),
];
const quoted = (words: string): string => words.replace(/\s+/g, ' ').trim().slice(0, 80);

export const rateNoTotal = (said: SaidAmount): Doubt => ({
  field: 'budget',
  text: `You say "${quoted(said.words)}". I hold one amount for the whole campaign: how much may I use in total?`,
  options: budgetOptions(said),
});

/** The sentence may be about something else. */
export const perhapsBudget = (said: SaidAmount): Doubt => ({
  field: 'budget',
  text: `You say "${quoted(said.words)}". Is that what I may use in total? Otherwise say the amount.`,
  options: budgetOptions(said),
});

/** A limit as a change of the draft. */
export function limitChange(
  amounts: readonly FoundAmount[],
  field: LimitField,
  known: Known,
  isAnswer = false,
): Change {
  const limit = limitFrom(amounts, field, known, isAnswer);
  if (typeof limit === 'string') {
    const isDollars = amounts.some((amount) => amount.kind === 'usd' && amount.usd > 0);
    const refused: Partial<Draft> = field === 'budget' && isDollars ? { dollarsRefused: true } : {};
    return { patch: refused, problems: [limit] };
  }
  if ('field' in limit) return doubting(limit);
  return {
    patch: field === 'budget' ? { budget: limit, dollarsRefused: false } : { askAbove: limit },
    problems: [],
  };
}
