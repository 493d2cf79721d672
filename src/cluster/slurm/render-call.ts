import { readFileSync } from 'node:fs';
import { quote } from '../quote.ts';

const scriptNames = [
  ...(['submit', 'poll', 'record-ends', 'cancel', 'list', 'count'] as const),
  ...(['read', 'put', 'get', 'inspect', 'discard'] as const),
];
type ScriptName = (typeof scriptNames)[number];

const textOf = (name: string): string =>
  readFileSync(new URL(`./scripts/${name}.sh`, import.meta.url), 'utf8');
const common = textOf('common');
const scripts = Object.fromEntries(scriptNames.map((name) => [name, textOf(name)])) as Record<
  ScriptName,
  string
>;

export type CallValues = Record<string, string | string[]>;

/**
 * A script for `bash -s` on the login node with its values, each quoted. One compound command: bash reads all of it
 * before it runs any, and the rest of its input is data.
 */
export function renderCall(name: ScriptName, values: CallValues): string {
  const assignments = Object.entries(values).map(([variable, value]) =>
    typeof value === 'string' ? `${variable}=${quote(value)}` : `${variable}=(${value.map(quote).join(' ')})`,
  );
  return `{\n${assignments.join('\n')}\n${common}${scripts[name]}exit\n}\n`;
}
