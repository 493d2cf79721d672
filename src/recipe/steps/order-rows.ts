import type { Row } from '../types.ts';
import { lengthOf } from './filters.ts';

/** Moves rows of these sources after all others; the order within both parts is kept. */
export function sourcesLast(rows: readonly Row[], sources: readonly string[]): Row[] {
  const late = new Set(sources);
  const isLate = (row: Row): boolean => row.source !== undefined && late.has(row.source);
  return [...rows.filter((row) => !isLate(row)), ...rows.filter(isLate)];
}

/** Sorts by characters of prompt and completion; rows of equal length keep their order. */
export function sortByLength(rows: readonly Row[], direction: 'short_first' | 'long_first'): Row[] {
  const sign = direction === 'short_first' ? 1 : -1;
  return [...rows].sort((a, b) => sign * (lengthOf(a) - lengthOf(b)));
}
