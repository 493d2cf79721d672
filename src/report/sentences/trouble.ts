import { durationText, momentText, sentence } from '../format.ts';

type Part = 'database' | 'disk' | 'cluster' | 'chat';

const meanwhile: Record<Part, string> = {
  cluster: 'Runs there go on, and I pick them up. I try again all the time, and say so once when it is back.',
  disk: 'What needs room waits, and nothing is lost. I say so once when it is over.',
  database: 'Nothing new starts; runs on the cluster go on. I say so once when it is back.',
  chat: 'What I have to say waits.',
};

const heads: Record<Part, string> = {
  cluster: 'The cluster has not answered',
  disk: 'My disk has been in trouble',
  database: 'My database has not answered',
  chat: 'The chat has not answered',
};

const ends: Record<Part, string> = {
  cluster: 'The cluster answers again',
  disk: 'My disk has room again',
  database: 'My database answers again',
  chat: 'The chat answers again',
};

/** A trouble that has lasted for minutes. `since` is ISO 8601. */
export const troubleText = (part: Part, { since, why }: { since: string; why: string }): string =>
  `${heads[part]} since ${momentText(since)}. ${sentence(why)} ${meanwhile[part]}`;

export const troubleOverText = (part: Part, seconds: number): string =>
  `${ends[part]}, after ${durationText(seconds)}. I go on.`;
