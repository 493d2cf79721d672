import { oneLine } from './format.ts';

/** Text of people and models inside Markdown: one line, no HTML, links or table cells of its own. */
export const md = (text: string): string =>
  oneLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/([\\`*_[\]|~])/g, '\\$1')
    .replace(/^([-+#]|\d+[.)])(?=[ #])/, '\\$1');

/** A span of code; backticks inside become quotes. Not for table cells: a `|` stays. */
export const code = (text: string): string => `\`${oneLine(text).replace(/`/g, "'")}\``;

/** A block of code that its content cannot end. */
export const codeBlock = (lines: readonly string[], language = ''): string =>
  [`\`\`\`${language}`, ...lines.map((line) => oneLine(line).replace(/```/g, "'''")), '```'].join('\n');

/** A table; cells are Markdown already. `right` names the columns aligned right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (right.includes(i) ? '---:' : '---'));
  return [row(head), row(rule), ...rows.map(row)].join('\n');
}
