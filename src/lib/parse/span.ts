/**
 * What a stretch of a text means by itself, whatever it is meant for: `start` and `end` are its place. Values may be
 * zero or negative: who takes the span judges.
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
  /** Time on GPUs, all of them together; `gpu` is the kind that was named, null for any. */
  | { kind: 'gpuTime'; seconds: number; gpu: string | null }
);
