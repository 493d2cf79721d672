import type { Command } from './command.ts';
import { type Caught, compilePhrase } from './phrase.ts';
import type { Said } from './said.ts';
import { slots } from './slots.ts';

/** Why words that are clearly meant as a command cannot be read as one: a sentence that says what to write. */
export interface Problem {
  problem: string;
}

/** Reads the whole of a message; null when it is something else. */
export type Reader = (said: Said) => Command | Problem | null;

/** Builds the command of a sentence from the values of its slots. */
type Build = (caught: Caught, said: Said) => Command | Problem | null;

/** Reads texts that are wholly one of these phrases. Amounts appear in them as `<amount>`. */
export function readPhrases(grammar: readonly (readonly [phrase: string, build: Build])[]): Reader {
  const compiled = grammar.map(([phrase, build]) => [compilePhrase(phrase, slots), build] as const);
  return (said) => {
    for (const [match, build] of compiled) {
      const caught = match(said.marked);
      const read = caught === null ? null : build(caught, said);
      if (read !== null) return read;
    }
    return null;
  };
}
