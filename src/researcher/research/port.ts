import type { Findings } from '../../campaign/findings.ts';

/** The query. Only single words of it leave this machine, never rows, file names or names of people. */
export interface ResearchQuery {
  /** The short name of the campaign, then what the person wrote. */
  title: string;
  goal: string;
}

/** Looks up what others have published about a task. Reads only, and never fails for a service that does. */
export interface Research {
  /** Null when it was closed before it was done. */
  find(query: ResearchQuery): Promise<Findings | null>;
  /** Ends what is under way; a second call does nothing. */
  close(): Promise<void>;
}
