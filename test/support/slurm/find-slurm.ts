import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const programs = {
  slurmctld: 'slurmctld',
  slurmd: 'slurmd',
  sbatch: 'slurm-client',
  munged: 'munge',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
} as const;

/** The programs of a cluster that are missing on this machine, in one line; null when none is. */
export function missingForSlurm(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'A Slurm cluster for tests needs Linux and root: it starts daemons and makes device files.';
  const missing = Object.entries(programs).filter(([program]) => findProgram(program) === null);
  if (missing.length === 0) return null;
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
  return `A Slurm cluster for tests needs ${missing.map(([program]) => program).join(', ')}; on Debian: apt-get install --no-install-recommends ${packages}`;
}

/** Absolute path of a program; daemons are not always on the PATH. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return null;
}
