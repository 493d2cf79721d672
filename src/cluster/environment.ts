/** Location of programs, home, language and scratch space; the rest of the bot's environment is private to it. */
const jobVariables = ['PATH', 'HOME', 'LANG', 'TMPDIR'] as const;
/** Needed by `ssh` to find its agent and tickets, and by Slurm's commands to find their cluster. */
const clientVariables = ['USER', 'SSH_AUTH_SOCK', 'KRB5CCNAME', 'SLURM_CONF'] as const;

/** Variables that pass from the bot to supervisors, and from those to jobs. The bot's secrets do not. */
export function baseEnvironment(): Record<string, string> {
  return pick(jobVariables);
}

/** The environment of `ssh` and Slurm's commands. */
export function clientEnvironment(): Record<string, string> {
  return pick([...jobVariables, ...clientVariables]);
}

function pick(names: readonly string[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
