import type { Kernels } from './kernels.ts';

/** Row-times-matrix loops: four rows of B at once where B is row-major, dot products where it is transposed. */
export function createJavascriptMatmul(f: Float32Array): Kernels['matmul'] {
  return (rows, columns, inner, a, aRow, aColumn, b, bRow, bColumn, c, cRow, alpha, accumulate) => {
    const [a0, b0, c0] = [a >> 2, b >> 2, c >> 2];
    for (let i = 0; i < rows; i++) {
      const ai = a0 + i * aRow;
      const ci = c0 + i * cRow;
      if (!accumulate) f.fill(0, ci, ci + columns);
      if (bColumn === 1) addRowMajor(f, columns, inner, ai, aColumn, b0, bRow, ci, alpha);
      else addDots(f, columns, inner, ai, aColumn, b0, bRow, bColumn, ci, alpha);
    }
  };
}

function addRowMajor(
  f: Float32Array,
  columns: number,
  inner: number,
  a: number,
  aColumn: number,
  b: number,
  bRow: number,
  c: number,
  alpha: number,
): void {
  let k = 0;
  for (; k + 4 <= inner; k += 4) {
    const x0 = f[a + k * aColumn]! * alpha;
    const x1 = f[a + (k + 1) * aColumn]! * alpha;
    const x2 = f[a + (k + 2) * aColumn]! * alpha;
    const x3 = f[a + (k + 3) * aColumn]! * alpha;
    const b0 = b + k * bRow;
    const b1 = b0 + bRow;
    const b2 = b1 + bRow;
    const b3 = b2 + bRow;
    for (let j = 0; j < columns; j++) {
      f[c + j] = f[c + j]! + x0 * f[b0 + j]! + x1 * f[b1 + j]! + x2 * f[b2 + j]! + x3 * f[b3 + j]!;
    }
  }
  for (; k < inner; k++) {
    const x = f[a + k * aColumn]! * alpha;
    const bk = b + k * bRow;
    for (let j = 0; j < columns; j++) f[c + j] = f[c + j]! + x * f[bk + j]!;
  }
}

function addDots(
  f: Float32Array,
  columns: number,
  inner: number,
  a: number,
  aColumn: number,
  b: number,
  bRow: number,
  bColumn: number,
  c: number,
  alpha: number,
): void {
  for (let j = 0; j < columns; j++) {
    const bj = b + j * bColumn;
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += f[a + k * aColumn]! * f[bj + k * bRow]!;
    f[c + j] = f[c + j]! + alpha * sum;
  }
}
