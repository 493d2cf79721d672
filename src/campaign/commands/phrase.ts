/** The values that the slots of a phrase have caught, by name, in the order of the slots in the phrase. */
export type Caught = Record<string, string[]>;

/** Matches the whole of a text; null when the text is anything else. */
export type MatchPhrase = (text: string) => Caught | null;

const token = /[[\]()|]|<[a-z]+>|[^\s[\]()|<>]+/g;
const open = { '[': ']', '(': ')' } as const;
const escapeWord = (word: string): string => word.replace(/[.*+?^${}\\]/g, '\\$&');

/**
 * Compiles a phrase: words, `[optional words]`, `(one|or the other)` and `<slots>`. It matches whole texts in lower
 * case with single spaces, and nothing that says more than the phrase.
 * @param slots what a slot takes, as the source of a regular expression without groups that capture
 * @throws when the phrase is not well formed
 */
export function compilePhrase(phrase: string, slots: Record<string, string>): MatchPhrase {
  const tokens = phrase.match(token) ?? [];
  const names: string[] = [];
  let at = 0;

  const readUntil = (end: ']' | ')' | undefined): string => {
    const options = [''];
    for (;;) {
      const next = tokens[at++];
      if (next === end) return options.join('|');
      if (next === undefined) throw new Error(`"${phrase}" lacks a ${end}`);
      if (next === '|') options.push('');
      else options[options.length - 1] += readOne(next);
    }
  };
  const readOne = (next: string): string => {
    if (next === '[' || next === '(') return `(?:${readUntil(open[next])})${next === '[' ? '?' : ''}`;
    if (!next.startsWith('<')) return ` ${escapeWord(next)}`;
    const name = next.slice(1, -1);
    const source = slots[name];
    if (source === undefined) throw new Error(`"${phrase}" has an unknown slot ${next}`);
    names.push(name);
    return ` (${source})`;
  };

  const pattern = new RegExp(`^(?:${readUntil(undefined)})$`);
  return (text) => {
    const match = pattern.exec(` ${text}`);
    if (match === null) return null;
    const caught: Caught = {};
    for (const [i, name] of names.entries()) {
      const value = match[i + 1];
      if (value !== undefined) caught[name] = [...(caught[name] ?? []), value];
    }
    return caught;
  };
}
