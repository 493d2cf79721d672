/** Where programs, home, language and scratch space are; everything else of the bot's environment is its own. */
const passedVariables = ['PATH', 'HOME', 'LANG', 'TMPDIR'] as const;

/** What passes from the bot to supervisors, and from those to jobs. The bot's secrets do not. */
export function baseEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of passedVariables) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
