import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byPromptShape } from './prompt-forms.ts';

const months = ['March', 'April', 'June', 'July'];

describe('byPromptShape', () => {
  it('says which forms of prompts fail most', () => {
    const items = Array.from({ length: 40 }, (_, i) => ({
      prompt: i % 2 ? `the ${i}th of ${months[i % 4]} ${1990 + i}` : `${i}/${i + 1}/99`,
      failed: i % 2 === 1 && i < 20,
    }));
    const forms = byPromptShape(items);
    expect(forms[0]).toMatchObject({ form: 'the 9th of Aa 9999', items: 20, failed: 10, shareOfFailures: 1 });
    expect(forms[0]?.failureRate).toBe(0.5);
    expect(forms[1]?.form).toBe('9/9/99');
  });

  it('leaves out an instruction that all prompts share', () => {
    const items = ['Convert to ISO: 3 May', 'Convert to ISO: 3/5', 'Convert to ISO: 4 June'].map(
      (prompt) => ({
        prompt,
        failed: true,
      }),
    );
    expect(byPromptShape(items).map((form) => form.form)).toEqual(['9 Aa', '9/9']);
  });

  it('groups long texts by length', () => {
    const text = (n: number): string =>
      Array.from({ length: n }, (_, i) => `w${'abcdefg'[(i + n) % 7]}`).join(' ');
    const forms = byPromptShape([20, 25, 40].map((n) => ({ prompt: text(n), failed: n === 40 })));
    expect(forms.map((form) => [form.form, form.items])).toEqual([
      ['text of 32 to 63 words', 1],
      ['text of 16 to 31 words', 2],
    ]);
  });

  it('counts every item once', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ prompt: fc.string(), failed: fc.boolean() })), (items) => {
        const forms = byPromptShape(items, 1000);
        expect(forms.reduce((sum, form) => sum + form.items, 0)).toBe(items.length);
        expect(forms.reduce((sum, form) => sum + form.failed, 0)).toBe(items.filter((i) => i.failed).length);
      }),
      { seed: 12 },
    );
  });
});
