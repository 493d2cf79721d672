import type { FileRecord, Written } from './record.ts';
import type { Role } from './roles.ts';

/** A value of a record that has a role. Files have many, so its functions are on the prototype. */
export class Cell implements Written {
  readonly name: string;
  readonly role: Role;
  readonly value: unknown;
  private readonly record: FileRecord;

  constructor(name: string, role: Role, value: unknown, record: FileRecord) {
    this.name = name;
    this.role = role;
    this.value = value;
    this.record = record;
  }

  text(): string {
    return this.record.written(this.name);
  }
}

/** The values that a row needs; they are few, so they are searched one by one. */
export type Cells = readonly Cell[];

export const cellOf = (cells: Cells, role: Role): Cell | undefined =>
  cells.find((cell) => cell.role === role);

export type Failed = { ok: false; problem: string };
export const fail = (problem: string): Failed => ({ ok: false, problem });

/** Of two columns with one role the first counts; null and a list of nothing count as not there. */
export function cellsOf(record: FileRecord, roleOf: (name: string) => Role | null): Cells {
  const cells: Cell[] = [];
  const { fields } = record;
  for (const name in fields) {
    const value = fields[name];
    if (value === null || value === undefined || isEmptyList(value)) continue;
    const role = roleOf(name);
    if (role !== null && cellOf(cells, role) === undefined) cells.push(new Cell(name, role, value, record));
  }
  return cells;
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
