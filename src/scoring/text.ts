/** Marks that end or bracket phrases; they carry meaning only inside numbers and dates (3.5, 12:30). */
const sentenceMarks = /[.,;:!?…"'`´‘’“”„«»()[\]{}¡¿、。，！？；：]+/gu;
const digit = /\p{Nd}/u;

function plain(text: string): string {
  return text
    .replace(/\p{Cf}+/gu, '')
    .toLowerCase()
    .normalize('NFC');
}

/**
 * The key under which two prompts count as the same: NFC, lower case, no invisible characters, one space for any
 * white space, no sentence punctuation unless it is inside a number (`3.5`, `12:30`). Operators and dashes are kept:
 * `2-3` and `2*3` are different questions. A text of punctuation only keeps it.
 */
export function normalise(text: string): string {
  const base = plain(text).replace(/\s+/gu, ' ').trim();
  const key = base
    .replace(sentenceMarks, (marks, offset: number) => {
      const before = base[offset - 1] ?? ' ';
      const after = base[offset + marks.length] ?? ' ';
      const inNumber = digit.test(after) || (digit.test(before) && after !== ' ');
      return inNumber ? (marks[0] as string) : ' ';
    })
    .replace(/ +/g, ' ')
    .trim();
  return key === '' ? base : key;
}

/** Scripts written without spaces; each character counts as a word. */
const ideographs = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;

/** Words in lower case, without punctuation; in scripts without spaces every character is one. */
export function wordsOf(text: string): string[] {
  return (
    plain(text)
      .replace(ideographs, ' $& ')
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  );
}

const runs = /(\p{Nd}+)|\p{L}[\p{L}\p{M}]*/gu;

/** `a` small letters (or a script without case), `A` capitals, `Aa` anything mixed. */
export function wordClass(word: string): string {
  if (word === word.toLowerCase()) return 'a';
  return word === word.toUpperCase() ? 'A' : 'Aa';
}

/**
 * The form of a text: each digit is 9, each run of letters its class, all else is unchanged.
 * `2024-03-05` → `9999-99-99`, `3 March` → `9 Aa`.
 */
export function shapeOf(text: string): string {
  return text.replace(runs, (run, digits: string | undefined) =>
    digits === undefined ? wordClass(run) : '9'.repeat(digits.length),
  );
}
