/** Where programs, home, language and scratch space are; everything else of the bot's environment is its own. */
const jobVariables = ['PATH', 'HOME', 'LANG', 'TMPDIR'] as const;
/** How `ssh` finds its agent and tickets, and Slurm's commands their cluster. */
const clientVariables = ['USER', 'SSH_AUTH_SOCK', 'KRB5CCNAME', 'SLURM_CONF'] as const;

/** What passes from the bot to supervisors, and from those to jobs. The bot's secrets do not. */
export function baseEnvironment(): Record<string, string> {
  return pick(jobVariables);
}

/** What `ssh` and Slurm's commands get. */
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
