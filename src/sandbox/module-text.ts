import { readFileSync } from 'node:fs';

/** The text of a Python file beside this one. */
export const moduleText = (name: 'driver.py' | 'probe.py'): string =>
  readFileSync(new URL(name, import.meta.url), 'utf8');
