import type { Rng } from '../../../../lib/rng.ts';

/** One kind of document; kinds are drawn in proportion to their weight. */
export interface DocumentKind {
  weight: number;
  draw(rng: Rng): string;
}

/** Marks the separator token inside a document: some documents are a question and its answer. */
export const separatorMark = '\u001F';
