/**
 * A factor is a text of one of these forms, so that it can be stored, grouped and reversed:
 * `recipe.filter_shape=on`, `input:date/noisy=off`, `recipe.balance=changed`, `recipe.sample=1000→3000`,
 * `learningRate 0.001→0.0005`.
 */
export type Factor = { name: string } & (
  | { kind: 'switch'; to: 'on' | 'off' }
  | { kind: 'step'; separator: ' ' | '='; from: string; to: string }
  | { kind: 'other'; value: string }
);

export function formatFactor(factor: Factor): string {
  switch (factor.kind) {
    case 'switch':
      return `${factor.name}=${factor.to}`;
    case 'step':
      return `${factor.name}${factor.separator}${factor.from}→${factor.to}`;
    case 'other':
      return factor.value === '' ? factor.name : `${factor.name}=${factor.value}`;
  }
}

/** Reads a key; a key of no known form is a factor that cannot be reversed. */
export function parseFactor(key: string): Factor {
  const [, stepName, separator, from, to] = /^([^\s=]+)([ =])([^→]+)→([^→]+)$/u.exec(key) ?? [];
  if (stepName && from && to) {
    return { kind: 'step', name: stepName, separator: separator === '=' ? '=' : ' ', from, to };
  }
  const at = key.lastIndexOf('=');
  if (at <= 0) return { kind: 'other', name: key, value: '' };
  const name = key.slice(0, at);
  const value = key.slice(at + 1);
  return value === 'on' || value === 'off'
    ? { kind: 'switch', name, to: value }
    : { kind: 'other', name, value };
}

/** The opposite change, or null where there is none. */
export function reverseFactor(key: string): string | null {
  const factor = parseFactor(key);
  switch (factor.kind) {
    case 'switch':
      return formatFactor({ ...factor, to: factor.to === 'on' ? 'off' : 'on' });
    case 'step':
      return formatFactor({ ...factor, from: factor.to, to: factor.from });
    case 'other':
      return null;
  }
}
