/** The Hub looks for the words in names only, so two words often find nothing and the first one alone is tried. */
export async function searchRepos(
  search: (words: string, limit: number) => Promise<string[]>,
  words: readonly string[],
  limit: number,
): Promise<string[]> {
  const [first = '', second] = words;
  const both = second === undefined ? [] : await search(`${first} ${second}`, limit);
  return both.length > 0 ? both : search(first, limit);
}
