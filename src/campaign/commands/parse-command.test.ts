import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Strategy } from '../states.ts';
import { noWish, type Wish } from '../steering.ts';
import { parseThreadCommand, type ThreadCommand } from './parse-command.ts';

const minutes = (m: number) => ({ computeSeconds: m * 60, usd: null });
const dollars = (usd: number) => ({ computeSeconds: null, usd });
const why = (node: number | null, against: number | null = null): ThreadCommand => ({
  kind: 'why',
  node,
  against,
});
type Part<T> = { [K in keyof T]?: T[K] extends unknown[] ? T[K] : Partial<T[K]> };
const steer = (part: Part<Wish>): ThreadCommand => ({
  kind: 'steer',
  wish: {
    ...noWish,
    ...part,
    ban: { ...noWish.ban, ...part.ban },
    allow: { ...noWish.allow, ...part.allow },
  } as Wish,
});
const weigh = (strategy: Strategy, weight: number): ThreadCommand =>
  steer({ weights: [{ strategy, weight }] });
const forecast = (more: { computeSeconds: number | null; usd: number | null }): ThreadCommand => ({
  kind: 'forecast',
  more,
});
const hours = (h: number) => minutes(h * 60);

const phrasings: [string, ThreadCommand][] = [
  ['status', { kind: 'status' }],
  ['Status?', { kind: 'status' }],
  ['statsu', { kind: 'status' }],
  ['<@U123> how is it going?', { kind: 'status' }],
  ["how's it going", { kind: 'status' }],
  ['any news?', { kind: 'status' }],
  ['are we there yet', { kind: 'status' }],
  ['pause', { kind: 'pause' }],
  ['please pause the campaign', { kind: 'pause' }],
  ['puase', { kind: 'pause' }],
  ['hold on', { kind: 'pause' }],
  ['resume', { kind: 'resume' }],
  ['continue', { kind: 'resume' }],
  ['contineu', { kind: 'resume' }],
  ['carry on please', { kind: 'resume' }],
  ['ship it', { kind: 'ship', node: null, target: null }],
  ['Ship it!', { kind: 'ship', node: null, target: null }],
  ['export', { kind: 'ship', node: null, target: null }],
  ['please export the model', { kind: 'ship', node: null, target: null }],
  ['ship to hub', { kind: 'ship', node: null, target: 'hub' }],
  ['push it to the hub', { kind: 'ship', node: null, target: 'hub' }],
  ['upload to hugging face', { kind: 'ship', node: null, target: 'hub' }],
  ['ship #8', { kind: 'ship', node: 8, target: null }],
  ['ship round 8 to the folder', { kind: 'ship', node: 8, target: 'folder' }],
  ['push it', { kind: 'unknown' }],
  ['skip 8', { kind: 'reject', node: 8 }],
  ['stop', { kind: 'stop' }],
  ['Stop it!', { kind: 'stop' }],
  ['cancel everything', { kind: 'stop' }],
  ['help', { kind: 'help' }],
  ['hlep', { kind: 'help' }],
  ['what can you do?', { kind: 'help' }],
  ['summary', { kind: 'summary' }],
  ['give me a summary', { kind: 'summary' }],
  ['sumary please', { kind: 'summary' }],
  ['why 8?', why(8)],
  ['why #8', why(8)],
  ['why did 9 beat 4?', why(9, 4)],
  ['Why is node 12 better than #3?', why(12, 3)],
  ['why is the best one best?', why(null)],
  ['compare 7 and 5', why(7, 5)],
  ['show 5', { kind: 'show', node: 5 }],
  ['show me node #5', { kind: 'show', node: 5 }],
  ['shwo 5', { kind: 'show', node: 5 }],
  ['show the best', { kind: 'show', node: null }],
  ['what is 7?', { kind: 'show', node: 7 }],
  ['#14', { kind: 'show', node: 14 }],
  ['raise the budget to 30 min', { kind: 'budget', change: 'set', limit: minutes(30) }],
  ['budget 30 minutes', { kind: 'budget', change: 'set', limit: minutes(30) }],
  ['budget to 45', { kind: 'budget', change: 'set', limit: minutes(45) }],
  ['raise the bugdet by half an hour', { kind: 'budget', change: 'add', limit: minutes(30) }],
  ['add 10 min', { kind: 'budget', change: 'add', limit: minutes(10) }],
  ['add another 10 minutes', { kind: 'budget', change: 'add', limit: minutes(10) }],
  ['10 more minutes', { kind: 'budget', change: 'add', limit: minutes(10) }],
  ['$20 more for this one', { kind: 'budget', change: 'add', limit: dollars(20) }],
  ['increase the budget to $40', { kind: 'budget', change: 'set', limit: dollars(40) }],
  ['price $2.50', { kind: 'price', usd: 2.5, perGpu: false }],
  ['the price is 2.50 an hour', { kind: 'unknown' }],
  ['price is $2.50 an hour', { kind: 'price', usd: 2.5, perGpu: false }],
  ['price 3', { kind: 'price', usd: 3, perGpu: false }],
  ['$2 per GPU-hour', { kind: 'price', usd: 2, perGpu: true }],
  ['an hour here costs $4', { kind: 'price', usd: 4, perGpu: false }],
  ['price of eggs is $3 these days', { kind: 'unknown' }],
  ['we pay $3 an hour for coffee', { kind: 'unknown' }],
  [
    'drop LoRA, full fine-tuning only',
    steer({ ban: { methods: ['lora', 'qlora'] }, allow: { methods: ['full'] } }),
  ],
  ['drop QLoRA', steer({ ban: { methods: ['qlora'] } })],
  ['QLoRA only', steer({ ban: { methods: ['full', 'lora'] }, allow: { methods: ['qlora'] } })],
  ['no more adapters', steer({ ban: { methods: ['lora', 'qlora'] } })],
  ['qlora is ok again', steer({ allow: { methods: ['qlora'] } })],
  ['no more full', steer({ ban: { methods: ['full'] } })],
  ['no lora please', steer({ ban: { methods: ['lora'] } })],
  ['lora only', steer({ ban: { methods: ['full', 'qlora'] }, allow: { methods: ['lora'] } })],
  ['LoRA is fine again', steer({ allow: { methods: ['lora'] } })],
  ['no more synthetic data', steer({ ban: { strategies: ['construct_synthetic_data'] } })],
  ['stop using filters', steer({ ban: { strategies: ['refine_data_pipeline'] } })],
  ['focus on short answers', steer({ focus: 'short answers' })],
  ['please focus on the two-digit years', steer({ focus: 'two-digit years' })],
  ['pin 9', steer({ pin: [9] })],
  ['please pin #9 and #12', steer({ pin: [9, 12] })],
  ['grow from 9 first', steer({ pin: [9] })],
  ['build on node 9', steer({ pin: [9] })],
  ['focus on #9', steer({ pin: [9] })],
  ['continue with 9', steer({ pin: [9] })],
  ['unpin 9', steer({ unpin: [9] })],
  ['ban 7', steer({ ban: { nodes: [7] } })],
  ["don't build on 7", steer({ ban: { nodes: [7] } })],
  ['stop growing from #7', steer({ ban: { nodes: [7] } })],
  ['nothing more below 7, please', steer({ ban: { nodes: [7] } })],
  ['leave 7, 8 and 11 alone', steer({ ban: { nodes: [7, 8, 11] } })],
  ['unban 7', steer({ allow: { nodes: [7] } })],
  ['allow 7 again', steer({ allow: { nodes: [7] } })],
  ['more synthetic data', weigh('construct_synthetic_data', 2)],
  ['much less filtering', weigh('refine_data_pipeline', 0.25)],
  ['fewer training tweaks', weigh('adjust_training_scheme', 0.5)],
  ['double the weight of filters', weigh('refine_data_pipeline', 2)],
  ['weigh synthetic data 3x', weigh('construct_synthetic_data', 3)],
  ['reweigh filters to 100', { kind: 'unknown' }],
  ['reweigh filters to 99', weigh('refine_data_pipeline', 4)],
  ['synthetic data as usual', weigh('construct_synthetic_data', 1)],
  ['more synthetic data would have been nice, Ben', { kind: 'unknown' }],
  ['try date/noisy next', steer({ source: 'date/noisy' })],
  ['use the noisy pool', steer({ source: 'noisy' })],
  ['train on dataset lab/dates', steer({ source: 'lab/dates' })],
  ['try this dataset next', steer({ source: 'this' })],
  ['try harder', { kind: 'unknown' }],
  ['what would 10 more GPU-hours buy?', forecast(hours(10))],
  ['what would another 30 minutes bring?', forecast(minutes(30))],
  ['How much would $20 more buy', forecast(dollars(20))],
  ['is it worth 2 more hours?', forecast(hours(2))],
  ['should I add 10 more minutes?', forecast(minutes(10))],
  ['would more budget help?', forecast({ computeSeconds: null, usd: null })],
  ['steering', { kind: 'steering' }],
  ['what is banned?', { kind: 'steering' }],
  ['findings', { kind: 'findings' }],
  ['what did you find?', { kind: 'findings' }],
  ['any papers?', { kind: 'findings' }],
  ['approve 12', { kind: 'approve', node: 12, cheaper: false }],
  ['approve #12', { kind: 'approve', node: 12, cheaper: false }],
  ['aprove 12', { kind: 'approve', node: 12, cheaper: false }],
  ['approve', { kind: 'approve', node: null, cheaper: false }],
  ['approve the cheaper one for 12', { kind: 'approve', node: 12, cheaper: true }],
  ['reject 12', { kind: 'reject', node: 12 }],
  ['rejct 12', { kind: 'reject', node: 12 }],
  ['decline #3', { kind: 'reject', node: 3 }],
  ['drop 12', { kind: 'reject', node: 12 }],
  ['what a nice day', { kind: 'unknown' }],
  ['', { kind: 'unknown' }],
  ['stop talking about pausing the other one', { kind: 'unknown' }],
  ['I think the data is fine', { kind: 'unknown' }],
  ['show must go on', { kind: 'unknown' }],
  ['thanks!', { kind: 'unknown' }],
];

describe('parseThreadCommand', () => {
  it.each(phrasings)('reads %j', (text, expected) => {
    expect(parseThreadCommand(text)).toEqual(expected);
  });

  it('never throws and always gives the same answer', () => {
    const pieces = fc.constantFrom(
      ...phrasings.map(([text]) => text),
      '#',
      '0',
      '-',
      '$',
      'why',
      'budget',
      '🦖',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((p) => p.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(parseThreadCommand(text)).toEqual(parseThreadCommand(text));
      }),
    );
  });
});
