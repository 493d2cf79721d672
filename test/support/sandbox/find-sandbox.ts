import { existsSync } from 'node:fs';

const programs = { bwrap: 'bubblewrap', setpriv: 'util-linux', python3: 'python3' } as const;

/** The programs of the sandbox that are missing on this machine, in one line; null when none is. */
export function missingForSandbox(): string | null {
  if (process.platform !== 'linux') return 'The sandbox needs Linux.';
  const missing = Object.entries(programs).filter(([program]) => !existsSync(`/usr/bin/${program}`));
  if (missing.length === 0) return null;
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
  return `The sandbox needs ${missing.map(([program]) => program).join(', ')} in /usr/bin; on Debian: apt-get install --no-install-recommends ${packages}`;
}
