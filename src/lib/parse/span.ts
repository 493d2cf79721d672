/**
 * The meaning of a stretch of a text by itself, whatever its purpose: `start` and `end` are its place. Values may be
 * zero or negative: the caller judges.
 */
export type AmountSpan = { start: number; end: number; text: string } & (
  | {
      kind: 'usd';
      usd: number;
      /** Could be read in two ways (`$1.000`). */
      unsure?: true;
    }
  | { kind: 'foreign'; currency: string }
  | { kind: 'time'; seconds: number }
  /** Time on GPUs, all of them together; `gpu` is the named model, null for any. */
  | { kind: 'gpuTime'; seconds: number; gpu: string | null }
);
/** Of overlapping spans the longest stays, of equally long ones the first in the list; sorted by place. */
export function withoutOverlaps<S extends { start: number; end: number }>(spans: readonly S[]): S[] {
  const ranked = spans
    .map((span, rank) => ({ span, rank, length: span.end - span.start }))
    .sort((a, b) => b.length - a.length || a.rank - b.rank);
  const taken: S[] = [];
  const covered = new Set<number>();
  for (const { span } of ranked) {
    let isFree = true;
    for (let i = span.start; i < span.end && isFree; i++) isFree = !covered.has(i);
    if (!isFree) continue;
    for (let i = span.start; i < span.end; i++) covered.add(i);
    taken.push(span);
  }
  return taken.sort((a, b) => a.start - b.start);
}
