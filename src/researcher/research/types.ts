import { z } from 'zod';
import type { PaperFinding } from '../../campaign/findings.ts';
import type { ServiceName } from './public-services.ts';

/** Asks a service for a path. @throws FetchError */
export type Ask = (
  service: ServiceName,
  path: string,
  options?: { fresh?: boolean; accept?: string },
) => Promise<string>;

/** With or without archive; without version. */
export const ArxivId = z.string().regex(/^(?:\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[A-Z]{2})?\/\d{7})$/);

/** A paper as a service describes it. Text is as the service wrote it. */
export interface Paper {
  source: PaperFinding['source'];
  /** In the source's own numbering. */
  id: string;
  /** Without version; null for papers that are not there. */
  arxivId: string | null;
  url: string;
  title: string;
  /** The abstract, or what the source has in its place. */
  summary: string | null;
  /** A date, or a year alone. */
  publishedAt: string | null;
  citations: number | null;
}
