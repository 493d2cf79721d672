import type { SandboxLimits } from './limits.ts';

/** The program that runs the code: bubblewrap of this machine, or the words that start a container of the site. */
export type SandboxKind = { kind: 'bwrap' } | { kind: 'container'; words: readonly string[] };

export interface CommandParts {
  sandbox: SandboxKind;
  /** Name or path of Python, inside. */
  python: string;
  /** The Python program that reads a job from its input. */
  driver: string;
  limits: SandboxLimits;
  /** Whether the bot runs as root; the code must not. */
  isRoot: boolean;
}

/** User id of `nobody` on every Linux; it owns no file of the bot. */
const nobody = '65534';

/** The whole environment of the code. The seed of hashes is fixed, so that sets have one order. */
const inside = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/box',
  TMPDIR: '/box',
  LANG: 'C.UTF-8',
  PYTHONHASHSEED: '0',
  PYTHONDONTWRITEBYTECODE: '1',
} as const;

/** File descriptor to which bubblewrap writes the process id of the sandbox's first process. */
export const statusFd = 3;

/**
 * The command of one run. It holds nothing of the job: code and rows are its input. No folder of the machine is
 * writable: the only writable one is memory of a fixed size and is removed with the sandbox. Pure.
 */
export function renderCommand({ sandbox, python, driver, limits, isRoot }: CommandParts): string[] {
  const program = [python, '-s', '-c', driver];
  const variables = Object.entries(inside);
  // A container keeps its own PATH, which knows where its Python is.
  if (sandbox.kind === 'container')
    return [
      ...sandbox.words,
      'env',
      ...variables.filter(([name]) => name.startsWith('PYTHON')).map(([name, value]) => `${name}=${value}`),
      ...program,
    ];
  return [
    ...(isRoot
      ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--no-new-privs']
      : []),
    'bwrap',
    // Named one by one, so that each must hold; `--unshare-all` only tries some of them.
    ...['user', 'ipc', 'pid', 'net', 'uts'].map((name) => `--unshare-${name}`),
    '--unshare-cgroup-try',
    '--disable-userns',
    '--die-with-parent',
    '--new-session',
    '--json-status-fd',
    String(statusFd),
    ...['--ro-bind', '/usr', '/usr'],
    ...['--symlink', 'usr/bin', '/bin'],
    ...['--symlink', 'usr/lib', '/lib'],
    ...['--symlink', 'usr/lib64', '/lib64'],
    ...['--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache'],
    ...['--proc', '/proc'],
    ...['--dev', '/dev'],
    // Without these two the root and /dev are memory that the code may fill.
    ...['--remount-ro', '/dev'],
    ...['--size', String(limits.folderBytes), '--tmpfs', '/box'],
    ...['--remount-ro', '/'],
    ...['--chdir', '/box'],
    ...['--hostname', 'sandbox'],
    ...['--cap-drop', 'ALL'],
    '--clearenv',
    ...variables.flatMap(([name, value]) => ['--setenv', name, value]),
    '--',
    ...program,
  ];
}
