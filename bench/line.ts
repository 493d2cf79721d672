/** One measured number; a benchmark prints one such JSON object a line. */
export interface BenchLine {
  bench: string;
  case: string;
  value: number;
  unit: string;
  /** The peer or floor that was measured in the same run. */
  against?: string;
  /** `value` compared with that of `against`: above 1 is more of the unit. */
  ratio?: number;
}

/** Lines for a reader: the case, its value, and what it is compared with. */
export function buildTable(lines: BenchLine[]): string {
  const width = Math.max(0, ...lines.map((line) => line.case.length));
  return lines
    .map((line) => {
      const value = line.value.toLocaleString('en', { maximumFractionDigits: 2 }).padStart(12);
      const compared =
        line.against === undefined || line.ratio === undefined ? '' : `  ${line.ratio} x ${line.against}`;
      return `${line.case.padEnd(width)} ${value} ${line.unit}${compared}`;
    })
    .join('\n');
}
