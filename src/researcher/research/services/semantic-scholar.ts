import { z } from 'zod';
import { readAnswer, readEntries } from '../read-answer.ts';
import { ArxivId, type Ask, type Paper } from '../types.ts';

/** Semantic Scholar's graph API (api.semanticscholar.org/api-docs/graph). Every field but the id may be null or absent. */
export interface SemanticScholar {
  search(words: readonly string[], limit: number): Promise<Paper[]>;
  byId(paperId: string): Promise<Paper | null>;
}

const Entry = z.object({
  paperId: z.string().regex(/^[0-9a-f]{40}$/),
  externalIds: z
    .object({ ArXiv: ArxivId.nullish().catch(null) })
    .nullish()
    .catch(null),
  title: z.string().min(1),
  abstract: z.string().nullish(),
  tldr: z.object({ text: z.string().nullish() }).nullish(),
  year: z.number().nullish(),
  publicationDate: z.string().nullish(),
  citationCount: z.number().nullish(),
});
const Found = z.object({ data: z.array(z.unknown()).default([]) });

const fields = 'title,abstract,tldr,year,publicationDate,citationCount,externalIds';

export function createSemanticScholar(ask: Ask): SemanticScholar {
  const name = 'Semantic Scholar';
  return {
    search: async (words, limit) => {
      const parameters = new URLSearchParams({ query: words.join(' '), limit: String(limit), fields });
      const text = await ask('semanticScholar', `/graph/v1/paper/search?${parameters}`);
      return readEntries(Entry, readAnswer(Found, text, name).data).map(toPaper);
    },
    byId: async (paperId) => {
      const address = `/graph/v1/paper/${encodeURIComponent(paperId)}?${new URLSearchParams({ fields })}`;
      return toPaper(readAnswer(Entry, await ask('semanticScholar', address, { fresh: true }), name));
    },
  };
}

const toPaper = (entry: z.infer<typeof Entry>): Paper => {
  const arxivId = entry.externalIds?.ArXiv ?? null;
  return {
    source: 'semantic_scholar',
    id: entry.paperId,
    arxivId,
    url: `https://www.semanticscholar.org/paper/${encodeURIComponent(entry.paperId)}`,
    title: entry.title,
    summary: entry.abstract ?? entry.tldr?.text ?? null,
    publishedAt: entry.publicationDate ?? entry.year?.toString() ?? null,
    citations: entry.citationCount ?? null,
  };
};
