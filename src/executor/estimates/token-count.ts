const lettersPerToken = 3;

/**
 * Tokens of a text in a byte-level vocabulary that is not available here, as an overestimate: a token for every three
 * letters of ASCII, every digit and every mark, a token a byte for any other script, and none for the single space that
 * joins the word behind it. English in the vocabularies of Llama, Qwen and Gemma has about four characters a token.
 */
export function countTokens(text: string): number {
  let count = 0;
  let letters = 0;
  let isAfterSpace = false;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
    if (isLetter) letters++;
    else {
      count += Math.ceil(letters / lettersPerToken);
      letters = 0;
      if (code > 127) count += bytesOf(code);
      else if (code !== 32 || isAfterSpace) count++;
    }
    isAfterSpace = code === 32;
  }
  return count + Math.ceil(letters / lettersPerToken);
}

const bytesOf = (code: number): number => (code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
