import { readFileSync } from 'node:fs';

/** One of the Python files beside this one. */
export const moduleText = (name: 'driver.py' | 'probe.py'): string =>
  readFileSync(new URL(name, import.meta.url), 'utf8');
