import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MistakeCode, mistakeKinds } from './mistakes.ts';

function kindOf(prompt: string, expected: string, prediction: string): { code: MistakeCode; kind: string } {
  const [found] = mistakeKinds([{ prompt, expected, prediction }]);
  if (!found) throw new Error('no mistake found');
  return { code: found.code, kind: found.kind };
}

describe('mistakeKinds', () => {
  it.each([
    ['3/5/21', '2021-03-05', ' ', 'empty', 'the answer is empty'],
    ['city?', 'New York', 'new york', 'letter_case', 'only the letter case differs'],
    ['city?', 'New York', 'NewYork', 'spacing', 'only the spacing differs'],
    ['3 May 2021', '2021-05-03', '3 may 2021', 'copied_prompt', 'the answer copies the prompt'],
    ['3 May 2021', '2021-05-03', '2021-05', 'truncated', 'the answer stops too early'],
    ['3 May 2021', '2021-05-03', '2021-05-03 and so on', 'extra_text', 'text follows the right answer'],
    [
      '3 May 2021',
      '2021-05-03',
      'It is 2021-05-03',
      'extra_text',
      'the right answer stands among other text',
    ],
    ['3/5/21', '2021-03-05', '2021-05-03', 'swapped_fields', 'day and month are swapped'],
    ['a to b', '12:40', '40:12', 'swapped_fields', 'two parts are swapped'],
    ['sort', '1 2 3', '2 3 1', 'wrong_order', 'the parts are in the wrong order'],
    ['reverse', 'olleh', 'hello', 'wrong_order', 'right characters in the wrong order'],
    ['3/5/21', '2021-03-05', '2021-03-06', 'one_digit', 'one digit of the day is wrong'],
    ['3/5/21', '2021-03-05', '1989-03-05', 'one_number', 'the year is wrong'],
    ['2*3', '6', '17', 'one_number', 'the number is wrong'],
    ['3/5/21', '2021-03-05', '2020-04-15', 'wrong_content', 'the form is right, several numbers are wrong'],
    ['3/5/21', '2021-03-05', '2021-3-5', 'other_form', 'the answer is in another form'],
    ['3/5/21', '2021-03-05', 'March 5', 'other_form', 'the answer is in another form'],
    ['code?', 'AB-12', 'CD-99', 'wrong_content', 'the form is right, the content is wrong'],
    ['Ana Ruiz met Tom Ito', 'Ana Ruiz', 'Tom Ito', 'wrong_span', 'another part of the prompt was copied'],
    ['capital?', 'Paris', 'London', 'other', 'another answer'],
    ['say', 'one', 'no no no no no no no no no no no', 'repeats', 'the answer repeats itself'],
  ] as const)('reads %j, expected %j, given %j as %s', (prompt, expected, prediction, code, kind) => {
    expect(kindOf(prompt, expected, prediction)).toEqual({ code, kind });
  });

  it('judges prose by length and shared words', () => {
    const expected = 'the patient came in with a cough and was sent home after two days of rest';
    expect(kindOf('note', expected, 'a cough')).toMatchObject({ code: 'truncated' });
    expect(kindOf('note', expected, 'the patient had a cough and was sent home after five days').code).toBe(
      'partly_right',
    );
    expect(kindOf('note', expected, 'stock prices rose again today while bonds fell slightly').code).toBe(
      'other',
    );
  });

  it('names confusions where answers are labels', () => {
    const row = (expected: string, prediction: string) => ({ prompt: 'ticket', expected, prediction });
    const kinds = mistakeKinds([
      row('billing', 'refund'),
      row('billing', 'refund'),
      row('refund', 'billing'),
      row('billing', 'invoice'),
      row('refund', ''),
      row('refund', 'Refund'),
    ]);
    expect(kinds.map(({ kind, count }) => [kind, count])).toEqual([
      ['refund in place of billing', 2],
      ['billing in place of refund', 1],
      ['only the letter case differs', 1],
      ['the answer is empty', 1],
      ['the answer is none of the labels', 1],
    ]);
    expect(mistakeKinds([row('billing', 'refund')], ['billing', 'refund'])[0]?.code).toBe('wrong_label');
  });

  it('counts, shares and shows one example', () => {
    const kinds = mistakeKinds([
      { prompt: '3/5/21', expected: '2021-03-05', prediction: '2021-05-03' },
      { prompt: '4/6/21', expected: '2021-04-06', prediction: '2021-06-04' },
      { prompt: 'today', expected: '2021-04-06', prediction: '' },
      { prompt: 'right', expected: 'a', prediction: 'a ' },
    ]);
    expect(kinds[0]).toEqual({
      code: 'swapped_fields',
      kind: 'day and month are swapped',
      count: 2,
      share: 2 / 3,
      example: '"3/5/21" gave "2021-05-03", expected "2021-03-05"',
    });
    expect(kinds).toHaveLength(2);
    expect(mistakeKinds([])).toEqual([]);
  });

  it('gives every wrong item exactly one kind', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('', 'a', '2021-03-05', 'New York', '12'));
    fc.assert(
      fc.property(fc.array(fc.record({ prompt: text, expected: text, prediction: text })), (items) => {
        const wrong = items.filter(
          (i) => i.expected.normalize('NFC').trim() !== i.prediction.normalize('NFC').trim(),
        );
        const kinds = mistakeKinds(items);
        expect(kinds.reduce((sum, kind) => sum + kind.count, 0)).toBe(wrong.length);
        expect(mistakeKinds(items)).toEqual(kinds);
      }),
      { seed: 11 },
    );
  });
});
