const letterOrDigit = /[\p{L}\p{N}]/u;
const mark = /\p{M}/u;
const digit = /\p{Nd}/u;
/** Scripts written without spaces: there every character ends a word. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
/** Characters that join two digits into one number, fraction, time or ratio: `12.5`, `1,200`, `3/4`, `12:30`, `1'000`. */
const numberJoints = new Set(['.', ',', '/', ':', "'", '’', '٫', '٬', '·']);
const signs = new Set(['-', '−', '–']);

const isDigit = (character: string | undefined): boolean => character !== undefined && digit.test(character);
const isWord = (character: string | undefined): boolean =>
  character !== undefined && (letterOrDigit.test(character) || mark.test(character));

/** A word or number goes on from `at - 1` to `at`. A mark belongs to the letter before it, in every script. */
function goesOn(text: readonly string[], at: number): boolean {
  const [before, after] = [text[at - 1], text[at]];
  if (before === undefined || after === undefined) return false;
  if (mark.test(after)) return isWord(before);
  if (isWord(before) && isWord(after)) return !unspaced.test(before) && !unspaced.test(after);
  if (numberJoints.has(after)) return isDigit(before) && isDigit(text[at + 1]);
  if (!isDigit(after)) return false;
  if (numberJoints.has(before)) return isDigit(text[at - 2]) || (before === '.' && !isWord(text[at - 2]));
  return signs.has(before) && !isWord(text[at - 2]);
}

/** A dash between two words is a hyphen or a range, so what begins with it is no negative number. */
const beginsAsHyphen = (text: readonly string[], at: number): boolean =>
  signs.has(text[at] ?? '') && isWord(text[at - 1]);

/**
 * True when `text` has `wanted` as whole words and whole numbers: `12` is not in `2012`, `12.5` or `-12`. The caller
 * folds both alike. An empty `wanted` is met by an empty text only. The reward `contains` of the GPU runner
 * (`trex_rewards.py`) is the same rule.
 */
export function containsWords(text: string, wanted: string): boolean {
  if (wanted === '') return text === '';
  const characters = Array.from(text);
  const length = Array.from(wanted).length;
  let unit = 0;
  for (let at = 0; at + length <= characters.length; unit += characters[at]!.length, at++) {
    if (!text.startsWith(wanted, unit)) continue;
    if (!goesOn(characters, at) && !goesOn(characters, at + length) && !beginsAsHyphen(characters, at))
      return true;
  }
  return false;
}
