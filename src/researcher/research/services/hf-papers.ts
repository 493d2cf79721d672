import { z } from 'zod';
import { readAnswer, readEntries } from '../read-answer.ts';
import { ArxivId, type Ask, type Paper } from '../types.ts';

/** Papers at Hugging Face, by arXiv id; the only one of the sources with whole texts. */
export interface HfPapers {
  search(words: readonly string[], limit: number): Promise<Paper[]>;
  byId(arxivId: string): Promise<Paper>;
  /** The whole paper as Markdown. */
  readText(arxivId: string): Promise<string>;
}

const Entry = z.object({
  id: ArxivId,
  title: z.string().min(1),
  summary: z.string().nullish(),
  publishedAt: z.string().nullish(),
});
const Found = z.array(z.unknown());
const Hit = z.object({ paper: Entry });

export function createHfPapers(ask: Ask): HfPapers {
  const name = 'Hugging Face';
  return {
    search: async (words, limit) => {
      const parameters = new URLSearchParams({ q: words.join(' '), limit: String(limit) });
      const text = await ask('huggingFace', `/api/papers/search?${parameters}`);
      return readEntries(Hit, readAnswer(Found, text, name)).map(({ paper }) => toPaper(paper));
    },
    byId: async (arxivId) => {
      const text = await ask('huggingFace', `/api/papers/${encodeURIComponent(arxivId)}`, { fresh: true });
      return toPaper(readAnswer(Entry, text, name));
    },
    readText: (arxivId) =>
      ask('huggingFace', `/papers/${encodeURIComponent(arxivId)}.md`, { accept: 'text/markdown' }),
  };
}

const toPaper = (entry: z.infer<typeof Entry>): Paper => ({
  source: 'hugging_face',
  id: entry.id,
  arxivId: entry.id,
  url: `https://huggingface.co/papers/${encodeURIComponent(entry.id)}`,
  title: entry.title,
  summary: entry.summary ?? null,
  publishedAt: entry.publishedAt?.slice(0, 10) ?? null,
  citations: null,
});
