import type { Slot } from './arena.ts';
import type { Network } from './network.ts';

/** A matrix in the arena. Strides in floats; the transposed matrix is the same memory with its strides swapped. */
export interface Matrix {
  /** Bytes. */
  offset: number;
  rows: number;
  columns: number;
  rowStride: number;
  columnStride: number;
}

/** Row-major, without gaps. */
export function matrix(offset: number, rows: number, columns: number): Matrix {
  return { offset, rows, columns, rowStride: columns, columnStride: 1 };
}

export function transposed({ offset, rows, columns, rowStride, columnStride }: Matrix): Matrix {
  return { offset, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride };
}

/** The weights of a slot as a matrix [inputs, outputs]. */
export function weightsOf(slot: Slot): Matrix {
  return matrix(slot.offset, slot.rows, slot.columns);
}

/** The gradient of a trainable slot; gradients mirror the trainable region of the arena. */
export function gradientOf({ arena }: Network, slot: Slot): Matrix {
  const offset = slot.offset - arena.trainable.offset + arena.training!.gradients;
  return matrix(offset, slot.rows, slot.columns);
}

/** target = scale a b, or target += scale a b. The target is row-major. @throws Error when the shapes do not fit. */
export function multiply(
  { kernels, arena }: Network,
  a: Matrix,
  b: Matrix,
  target: Matrix,
  { scale = 1, add = false }: { scale?: number; add?: boolean } = {},
): void {
  const { rows, columns } = target;
  if (a.rows !== rows || b.columns !== columns || a.columns !== b.rows || target.columnStride !== 1) {
    throw new Error(
      `I cannot multiply ${a.rows} x ${a.columns} by ${b.rows} x ${b.columns} into ${rows} x ${columns}.`,
    );
  }
  const left = [a.offset, a.rowStride, a.columnStride] as const;
  const right = [b.offset, b.rowStride, b.columnStride] as const;
  kernels.matmul(
    rows,
    columns,
    a.columns,
    ...left,
    ...right,
    target.offset,
    target.rowStride,
    scale,
    add ? 1 : 0,
    arena.work,
  );
}
