/** A host that may be asked, and how politely. Nothing outside such a table is ever fetched. */
export interface Service {
  /** As people know it. */
  name: string;
  /** `https://host`; no path. */
  origin: string;
  /** Least time between the starts of two requests; there is never more than one at a time. */
  gapMs: number;
  /** Pause after a 429 that does not say how long. */
  backOffMs: number;
  /** Sent to this origin and to no other, whatever redirects. */
  headers: Record<string, string>;
}

export type ServiceName = 'arxiv' | 'semanticScholar' | 'huggingFace' | 'datasetViewer';
export type Services = Record<ServiceName, Service>;

/**
 * The public services and their published limits (read 2026-09 to 2026-11): arXiv one request in 3 s over one
 * connection; Semantic Scholar one a second; Hugging Face 500 API calls in five minutes without an account.
 */
export function publicServices(semanticScholarKey: string | null): Services {
  return {
    arxiv: {
      name: 'arXiv',
      origin: 'https://export.arxiv.org',
      gapMs: 3000,
      backOffMs: 60_000,
      headers: {},
    },
    semanticScholar: {
      name: 'Semantic Scholar',
      origin: 'https://api.semanticscholar.org',
      gapMs: 1100,
      backOffMs: 20_000,
      headers: semanticScholarKey === null ? {} : { 'x-api-key': semanticScholarKey },
    },
    huggingFace: {
      name: 'Hugging Face',
      origin: 'https://huggingface.co',
      gapMs: 600,
      backOffMs: 30_000,
      headers: {},
    },
    datasetViewer: {
      name: 'the dataset viewer',
      origin: 'https://datasets-server.huggingface.co',
      gapMs: 600,
      backOffMs: 30_000,
      headers: {},
    },
  };
}
