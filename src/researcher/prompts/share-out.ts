import { estimateTokens } from '../model/tokens.ts';

/** The fixed words of the longest prompt, and room for content. A test checks that they fit. */
export const minPromptTokens = 3000;

/** As many of the lines, from the first on, as fit into `maxTokens` estimated tokens. */
export function fitLines(lines: string[], maxTokens: number): string {
  let used = 0;
  const kept: string[] = [];
  for (const line of lines) {
    used += estimateTokens(`${line}\n`);
    if (used > maxTokens) break;
    kept.push(line);
  }
  return kept.join('\n');
}

/**
 * Builds a prompt that is within `maxTokens` estimated tokens: `build` gets a limit for each part by its share of the
 * room beside the fixed words. Shares add up to at most 1; the fixed words alone must fit (`minPromptTokens`).
 */
export function withinTokens<Name extends string>(
  maxTokens: number,
  shares: Record<Name, number>,
  build: (limits: Record<Name, number>) => { system: string; user: string },
): { system: string; user: string } {
  const names = Object.keys(shares) as Name[];
  const limitsOf = (room: number): Record<Name, number> =>
    Object.fromEntries(names.map((name) => [name, Math.floor(room * shares[name])])) as Record<Name, number>;
  const fixed = build(limitsOf(0));
  const room = maxTokens - estimateTokens(fixed.system) - estimateTokens(fixed.user);
  return build(limitsOf(Math.max(0, room)));
}
