import type { Rng } from '../../../../lib/rng.ts';
import type { Example, TaskFamily } from './family.ts';

interface Conversion {
  from: string;
  to: string;
  factor: number;
}

const decimal: readonly Conversion[] = [
  { from: 'km', to: 'm', factor: 1000 },
  { from: 'kg', to: 'g', factor: 1000 },
  { from: 'l', to: 'ml', factor: 1000 },
  { from: 'm', to: 'cm', factor: 100 },
  { from: 'cm', to: 'mm', factor: 10 },
];
const sixty: readonly Conversion[] = [
  { from: 'min', to: 's', factor: 60 },
  { from: 'h', to: 'min', factor: 60 },
];
const longNames: Record<string, string> = {
  km: 'kilometres',
  kg: 'kilos',
  l: 'litres',
  m: 'metres',
  cm: 'centimetres',
};

type Amount = (rng: Rng) => { amount: number; text: string };
const whole: Amount = (rng) => {
  const amount = 1 + rng.int(999);
  return { amount, text: String(amount) };
};
const small: Amount = (rng) => {
  const amount = 1 + rng.int(rng.next() < 0.5 ? 20 : 200);
  return { amount, text: String(amount) };
};
const oneDecimal: Amount = (rng) => {
  const amount = 1 + rng.int(99) + (1 + rng.int(9)) / 10;
  return { amount, text: amount.toFixed(1) };
};

function form(
  conversions: readonly Conversion[],
  draw: Amount,
  wording: (amount: string, conversion: Conversion) => string,
): (rng: Rng) => Example {
  return (rng) => {
    const conversion = rng.pick(conversions);
    const { amount, text } = draw(rng);
    return {
      key: `${text} ${conversion.from} ${conversion.to}`,
      prompt: `convert: ${wording(text, conversion)}`,
      completion: `${Math.round(amount * conversion.factor)} ${conversion.to}`,
    };
  };
}

/** A conversion backwards: 37000 m to km; its key is that of the forward one. */
function backwards(rng: Rng): Example {
  const { from, to, factor } = rng.pick(decimal);
  const amount = 1 + rng.int(999);
  return {
    key: `${amount} ${from} ${to}`,
    prompt: `convert: ${amount * factor} ${to} to ${from}`,
    completion: `${amount} ${from}`,
  };
}

const plain = (amount: string, { from, to }: Conversion): string => `${amount} ${from} to ${to}`;

/** Lengths, weights, volumes by powers of ten, times by sixty. */
export const units: TaskFamily = {
  name: 'units',
  title: 'Convert units',
  metric: 'exact_match',
  keywords: [
    'unit',
    'units',
    'convert',
    'conversion',
    'metres',
    'kilometres',
    'kilograms',
    'minutes',
    'seconds',
  ],
  forms: [
    form(decimal, whole, plain),
    form(decimal, whole, (amount, { from, to }) => `${amount}${from} in ${to}`),
    form(decimal, whole, (amount, { from, to }) => `how many ${to} are ${amount} ${from}`),
    form(decimal, whole, (amount, { from, to }) => `${amount} ${longNames[from]} to ${to}`),
    form(decimal, oneDecimal, plain),
    backwards,
    form(sixty, small, plain),
  ],
  cleanForms: [0, 1, 6],
  cleanRows: 800,
  noisyRows: 6000,
  cleanNote: 'three of seven forms: no decimals, no long names, nothing backwards',
  noisyNote: 'ten times too much or too little, wrong unit, no unit, input copied',
  mistakes: [
    (_, { completion }) => completion.replace(' ', '0 '),
    (_, { completion }) => completion.replace(/\d /, ' '),
    (rng, { completion }) => completion.replace(/ .*/, ` ${rng.pick(['km', 'g', 'cm', 'h', 'l'])}`),
    (_, { completion }) => completion.replace(/ .*/, ''),
    (_, { prompt }) => prompt.slice('convert: '.length),
  ],
};
