/**
 * One word of shell that represents exactly this text, whatever it contains.
 * @throws RangeError for a NUL character, which no shell can hold
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new RangeError('a NUL character cannot be part of a shell word');
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
