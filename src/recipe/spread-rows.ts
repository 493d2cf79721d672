/** `count` rows, evenly spread over all of them, in their order: their lengths and kinds are like those of the whole. */
export const spreadRows = <T>(rows: readonly T[], count: number): T[] =>
  count >= rows.length
    ? [...rows]
    : Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)] as T);
