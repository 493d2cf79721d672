/** So many rows, evenly spread over all of them, in their order: as long and as different as the whole. */
export const spreadRows = <T>(rows: readonly T[], count: number): T[] =>
  count >= rows.length
    ? [...rows]
    : Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)] as T);
