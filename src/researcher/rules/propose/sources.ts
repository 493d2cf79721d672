import type { DataSource } from '../../../recipe/types.ts';
import type { ProposalContext } from '../../port.ts';

export type Quality = 'clean' | 'noisy' | 'repeated' | 'unrelated' | 'unknown';

export interface JudgedSource {
  source: DataSource;
  quality: Quality;
  /** How well it suits training, in [0, 1]. */
  fit: number;
}

const qualityWords: [Quality, RegExp][] = [
  ['unrelated', /off[- ]?topic|other (?:tasks?|work)|unrelated|different tasks?/],
  ['repeated', /\bdup|repeat|over and over|many times/],
  ['clean', /\bclean|curated|checked|verified|gold|\ball right\b|no wrong/],
  ['noisy', /nois|wrong|mislabel|unchecked|scraped|\braw\b|collected/],
];

/** The name is better evidence than the note, which may mention other contents of the rows. */
function qualityOf({ id, title, note }: DataSource): Quality {
  const find = (text: string): Quality | undefined =>
    qualityWords.find(([, words]) => words.test(text.toLowerCase()))?.[0];
  return find(`${id.replace(/^attached:.*/, '')} ${title}`) ?? find(note) ?? 'unknown';
}

/** First word of a prompt up to a colon or space: tasks differ in it. */
const opening = (prompt: string): string =>
  (/^[^\s:]+/.exec(prompt.trim().toLowerCase())?.[0] ?? '').slice(0, 20);

/** All sources, the most fitting first: of the right kind, then many rows. Ties keep their order. */
export function judgeSources(context: ProposalContext): JudgedSource[] {
  const wanted = new Set(context.failing.map((f) => opening(f.prompt)));
  const most = Math.max(1, ...context.sources.map((s) => s.rows));
  const factor: Record<Quality, number> = { clean: 1, noisy: 1, unknown: 1, repeated: 0.4, unrelated: 0.05 };
  return context.sources
    .map((source, index) => {
      const rows = context.sampleRows.filter((r) => r.source === source.id);
      const alike = rows.filter((r) => wanted.has(opening(r.prompt))).length;
      // Where openings are all different (free text) they are no evidence.
      const telling = wanted.size > 0 && wanted.size <= 3 && rows.length >= 5;
      const named = qualityOf(source);
      const quality = telling && alike / rows.length < 0.3 ? 'unrelated' : named;
      return { source, quality, fit: factor[quality] * (source.rows / most) ** 0.5, index };
    })
    .sort((a, b) => b.fit - a.fit || a.index - b.index)
    .map(({ source, quality, fit }) => ({ source, quality, fit }));
}

/** `Normalise dates: collected` becomes `collected` where only one task is involved. */
export const shortTitle = ({ title }: DataSource): string => /: ([^:]{3,})$/.exec(title)?.[1] ?? title;
