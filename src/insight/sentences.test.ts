import { describe, expect, it } from 'vitest';
import { contradictionText, factorPhrase, insightText, insightTitle } from './sentences.ts';
import type { Effect } from './types.ts';

const effect = (factor: string, value: number, more: Partial<Effect> = {}): Effect => ({
  factor,
  effect: value,
  low: value - 0.0215,
  high: value + 0.0215,
  pairs: [
    { parent: 5, child: 8, difference: value, standardError: 0.01 },
    { parent: 4, child: 9, difference: value, standardError: 0.01 },
    { parent: 6, child: 11, difference: value, standardError: 0.01 },
  ],
  holds: true,
  ...more,
});

describe('insightText', () => {
  it('reads as the storyboard does', () => {
    expect(insightText(effect('recipe.filter_shape=on', 0.0332, { low: 0.012, high: 0.055 }))).toBe(
      'Dropping rows that break the pattern helps: +0.033 (0.012 to 0.055, 3 pairs: #5→#8, #4→#9, #6→#11).',
    );
  });

  it('writes negatives with a true minus sign', () => {
    const one = effect('method full→lora', -0.06, {
      low: -0.08,
      high: -0.04,
      pairs: [{ parent: 2, child: 3, difference: -0.06, standardError: 0.01 }],
    });
    expect(insightText(one)).toBe(
      'Using LoRA instead of full fine-tuning hurts: −0.060 (−0.080 to −0.040, 1 pair: #2→#3).',
    );
  });

  it('does not claim what does not hold, and has no minus zero', () => {
    const text = insightText(effect('epochs 1→3', -0.0001, { holds: false, low: -0.0004, high: 0.0002 }));
    expect(text).toMatch(
      /^Training for 3 epochs instead of 1 makes no clear difference: 0\.000 \(0\.000 to 0\.000, /,
    );
  });

  it('shows five pairs of many', () => {
    const pairs = Array.from({ length: 9 }, (_, i) => ({
      parent: i,
      child: i + 10,
      difference: 0,
      standardError: 1,
    }));
    expect(insightText(effect('a=on', 0.1, { pairs }))).toContain(
      '9 pairs: #0→#10, #1→#11, #2→#12, #3→#13, #4→#14 and 4 more)',
    );
  });

  it('takes back what it said', () => {
    const told = effect('recipe.filter_shape=on', 0.04);
    expect(contradictionText(told, effect('recipe.filter_shape=on', 0.004, { holds: false }))).toMatch(
      /^I said that dropping rows that break the pattern helps; with more evidence it no longer makes a clear difference: \+0\.004/,
    );
    expect(contradictionText(told, effect('recipe.filter_shape=on', -0.04))).toMatch(/it now hurts: −0\.040/);
  });
});

describe('factorPhrase', () => {
  it.each([
    ['recipe.filter_shape=off', 'keeping rows that break the pattern'],
    ['filter_conflicts=on', 'dropping prompts with conflicting answers'],
    ['recipe.filter_copies=on', 'dropping rows that only copy the prompt'],
    ['recipe.filter_regex=on', 'dropping rows that do not match the expression'],
    ['recipe.dedup_exact=on', 'dropping exact duplicates'],
    ['recipe.dedup_near=on', 'dropping near duplicates'],
    ['recipe.dedup_near 0.8→0.9', 'dropping near duplicates from similarity 0.9 instead of 0.8'],
    ['recipe.balance=on', 'balancing the groups'],
    ['recipe.balance=changed', 'balancing the groups with other settings'],
    ['recipe.sample 1000→2000', 'training on a sample of 2000 rows instead of 1000'],
    ['recipe.sample=1000→2000', 'training on a sample of 2000 rows instead of 1000'],
    [
      'recipe.balance=completionx2→prompt_shapex3',
      'balancing by prompt shape up to 3 times instead of by completion up to 2 times',
    ],
    ['recipe.sort_by_length=short_first→long_first', 'sorting rows long first instead of short first'],
    ['recipe.filter_length=1-50→1-90', 'keeping rows of 1-90 characters instead of 1-50'],
    ['recipe.filter_regex.2=on', 'dropping rows that do not match the expression'],
    ['recipe.order=changed', 'running the data steps in another order'],
    ['input:a.2=on', 'adding the data a'],
    ['input:attached:ab12.rows=500→all', 'taking all rows of attached:ab12 instead of 500'],
    ['recipe.last=on', 'training on the chosen sources last'],
    ['recipe.sort_by_length=on', 'sorting rows by length'],
    ['recipe.synth_swap_spans=on', 'adding rows with exchanged values'],
    ['recipe.synth_surface=off', 'leaving out rows in other case and spacing'],
    ['recipe.filter_by_moon=on', 'turning filter by moon on'],
    ['input:date/noisy=on', 'adding the data date/noisy'],
    ['input:date/noisy=off', 'leaving out the data date/noisy'],
    ['input:date/noisy 500→all', 'taking all rows of date/noisy instead of 500'],
    ['learningRate 0.001→0.0005', 'lowering the learning rate from 1e-3 to 5e-4'],
    ['learningRate 0.0003→0.02', 'raising the learning rate from 3e-4 to 0.02'],
    ['batchSize 16→8', 'training in batches of 8 instead of 16'],
    ['epochs 3→1', 'training for 1 epoch instead of 3'],
    ['method=lora', 'using LoRA'],
    ['lora.rank 8→16', 'using LoRA rank 16 instead of 8'],
    ['loraRank 8→16', 'using LoRA rank 16 instead of 8'],
    ['schedule cosine→linear', 'using a linear schedule instead of cosine'],
    ['warmupRatio 0→0.1', 'raising the warmup share from 0 to 0.1'],
    ['weightDecay 0.1→0', 'lowering weight decay from 0.1 to 0'],
    ['completionOnly=on', 'counting the loss on answers only'],
    ['completionOnly true→false', 'counting the loss on prompts too'],
    ['newKnob 1→2', 'changing new knob from 1 to 2'],
    ['something else', 'something else'],
    [
      'epochs 1→3 + recipe.balance=on',
      'training for 3 epochs instead of 1 together with balancing the groups',
    ],
  ])('says %s as: %s', (factor, phrase) => {
    expect(factorPhrase(factor)).toBe(phrase);
    expect(insightTitle(effect(factor, 0.1))).toMatch(/^\p{Lu}.* helps$/u);
  });
});
