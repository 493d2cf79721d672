import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote } from './quote.ts';

const word = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0'));
const nasty = fc
  .array(fc.constantFrom("'", '"', '\\', '`', '$(x)', '\n', '\r', ';', '&', '!', '*', '~', ' ', '#'))
  .map((parts) => parts.join(''));

test.each(['sh', 'bash'])('%s reads a quoted text as that text', (shell) => {
  fc.assert(
    fc.property(fc.array(fc.oneof(word, nasty), { minLength: 20, maxLength: 20 }), (words) => {
      const script = `printf '%s\\0' ${words.map(quote).join(' ')}`;
      const printed = execFileSync(shell, ['-c', script]);
      expect(printed.equals(Buffer.from(words.map((text) => `${text}\0`).join('')))).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('a text with NUL is refused', () => {
  expect(() => quote('a\0b')).toThrow(RangeError);
});
