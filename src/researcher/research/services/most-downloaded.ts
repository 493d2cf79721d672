import { z } from 'zod';
import { readAnswer, readEntries } from '../read-answer.ts';
import type { Ask } from '../types.ts';
import { RepoId } from './hub-fields.ts';

const Hit = z.object({ id: RepoId });

/** Ids of the Hub's repositories of a kind whose names match, most downloaded first. */
export async function mostDownloaded(
  ask: Ask,
  kind: 'models' | 'datasets',
  words: string,
  limit: number,
): Promise<string[]> {
  const parameters = new URLSearchParams({
    search: words,
    sort: 'downloads',
    direction: '-1',
    limit: String(limit),
  });
  const text = await ask('huggingFace', `/api/${kind}?${parameters}`);
  return readEntries(Hit, readAnswer(z.array(z.unknown()), text, 'Hugging Face')).map(({ id }) => id);
}
