import { cleanLine } from '../../clean-text.ts';
import { FetchError } from '../fetch-error.ts';
import { readXml, type XmlElement } from '../read-xml.ts';
import { ArxivId, type Ask, type Paper } from '../types.ts';

/** arXiv's Atom API (info.arxiv.org/help/api/user-manual). */
export interface Arxiv {
  search(words: readonly string[], limit: number): Promise<Paper[]>;
  /** Papers by id, in one request; unknown ids are missing. */
  byIds(ids: readonly string[]): Promise<Paper[]>;
}

export function createArxiv(ask: Ask): Arxiv {
  const query = async (parameters: Record<string, string>, fresh: boolean): Promise<Paper[]> => {
    const address = `/api/query?${new URLSearchParams(parameters)}`;
    return readFeed(await ask('arxiv', address, { accept: 'application/atom+xml', fresh }));
  };
  return {
    search: (words, limit) =>
      query(
        {
          search_query: words.map((word) => `all:${word.replace(/[^\p{L}\p{N}-]/gu, '')}`).join(' AND '),
          sortBy: 'relevance',
          max_results: String(limit),
        },
        false,
      ),
    // Without max_results only ten would come.
    byIds: async (ids) =>
      ids.length === 0 ? [] : query({ id_list: ids.join(','), max_results: String(ids.length) }, true),
  };
}

function readFeed(xml: string): Paper[] {
  let feed: XmlElement;
  try {
    feed = readXml(xml);
  } catch (error) {
    throw new FetchError('arXiv sent something that is not XML.', { cause: error });
  }
  if (feed.name !== 'feed') throw new FetchError('arXiv answered in another shape than I know.');
  const entries = feed.children.filter(({ name }) => name === 'entry');
  return entries.flatMap((entry) => {
    const text = (name: string): string | null =>
      entry.children.find((c) => c.name === name)?.text.trim() || null;
    const address = text('id') ?? '';
    if (address.includes('/api/errors')) {
      throw new FetchError(
        `arXiv refused the question: ${cleanLine(text('summary') ?? 'no reason given', 200)}`,
      );
    }
    const id = ArxivId.safeParse(/\/abs\/(.+?)(?:v\d+)?$/.exec(address)?.[1]).data;
    const title = text('title');
    if (id === undefined || title === null) return [];
    return [
      {
        source: 'arxiv' as const,
        id,
        arxivId: id,
        url: `https://arxiv.org/abs/${id}`,
        title,
        summary: text('summary'),
        publishedAt: text('published')?.slice(0, 10) ?? null,
        citations: null,
      },
    ];
  });
}
