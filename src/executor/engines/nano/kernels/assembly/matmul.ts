import { at } from './simd';

// Blocked matrix product after Goto and van de Geijn (2008): panels of A and B are copied into contiguous
// memory, then a 6 x 8 tile of C stays in twelve vector registers while the inner dimension is walked.
const TILE_ROWS: i32 = 6;
const TILE_COLUMNS: i32 = 8;
const INNER_BLOCK: i32 = 256;
const ROW_BLOCK: i32 = 96;
const TILE_BYTES: usize = 256;

/** Copies B[inner, columns] as panels of 8 columns, inner-major; columns beyond the edge become zero. */
function packColumns(inner: i32, columns: i32, b: usize, rowStride: i32, columnStride: i32, target: usize): void {
  for (let j: i32 = 0; j < columns; j += TILE_COLUMNS) {
    const width = min(TILE_COLUMNS, columns - j);
    let source = b + at(j * columnStride);
    const step = at(rowStride);
    if (columnStride == 1 && width == TILE_COLUMNS) {
      for (let k = 0; k < inner; k++) {
        v128.store(target, v128.load(source));
        v128.store(target, v128.load(source, 16), 16);
        target += 32;
        source += step;
      }
    } else {
      for (let k = 0; k < inner; k++) {
        let element = source;
        for (let x = 0; x < width; x++) {
          store<f32>(target + at(x), load<f32>(element));
          element += at(columnStride);
        }
        for (let x = width; x < TILE_COLUMNS; x++) store<f32>(target + at(x), 0);
        target += 32;
        source += step;
      }
    }
  }
}

/** Copies A[rows, inner] as panels of 6 rows, inner-major; rows beyond the edge become zero. */
function packRows(inner: i32, rows: i32, a: usize, rowStride: i32, columnStride: i32, target: usize): void {
  const row = at(rowStride);
  const step = at(columnStride);
  for (let i: i32 = 0; i < rows; i += TILE_ROWS) {
    const height = min(TILE_ROWS, rows - i);
    let source = a + at(i * rowStride);
    for (let k = 0; k < inner; k++) {
      if (height == TILE_ROWS) {
        store<f32>(target, load<f32>(source));
        store<f32>(target, load<f32>(source + row), 4);
        store<f32>(target, load<f32>(source + 2 * row), 8);
        store<f32>(target, load<f32>(source + 3 * row), 12);
        store<f32>(target, load<f32>(source + 4 * row), 16);
        store<f32>(target, load<f32>(source + 5 * row), 20);
      } else {
        for (let x = 0; x < TILE_ROWS; x++) {
          store<f32>(target + at(x), x < height ? load<f32>(source + <usize>x * row) : <f32>0);
        }
      }
      target += 24;
      source += step;
    }
  }
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, low: v128, high: v128, alpha: v128, accumulate: bool): void {
  low = f32x4.mul(low, alpha);
  high = f32x4.mul(high, alpha);
  if (accumulate) {
    low = f32x4.add(low, v128.load(c));
    high = f32x4.add(high, v128.load(c, 16));
  }
  v128.store(c, low);
  v128.store(c, high, 16);
}

/** One 6 x 8 tile of C from a packed row panel and a packed column panel. `rowBytes` is the row stride of C. */
function multiplyTile(inner: i32, a: usize, b: usize, c: usize, rowBytes: usize, alpha: v128, accumulate: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  for (let k = 0; k < inner; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(x, b0));
    c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(x, b0));
    c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(x, b0));
    c31 = f32x4.add(c31, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 16);
    c40 = f32x4.add(c40, f32x4.mul(x, b0));
    c41 = f32x4.add(c41, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 20);
    c50 = f32x4.add(c50, f32x4.mul(x, b0));
    c51 = f32x4.add(c51, f32x4.mul(x, b1));
    a += 24;
    b += 32;
  }
  storeRow(c, c00, c01, alpha, accumulate);
  storeRow(c + rowBytes, c10, c11, alpha, accumulate);
  storeRow(c + 2 * rowBytes, c20, c21, alpha, accumulate);
  storeRow(c + 3 * rowBytes, c30, c31, alpha, accumulate);
  storeRow(c + 4 * rowBytes, c40, c41, alpha, accumulate);
  storeRow(c + 5 * rowBytes, c50, c51, alpha, accumulate);
}

/** Copies the part of an edge tile that lies inside C. */
function copyEdge(tile: usize, c: usize, height: i32, width: i32, rowStride: i32, accumulate: bool): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const target = c + at(y * rowStride + x);
      const value = load<f32>(tile + at(y * TILE_COLUMNS + x));
      store<f32>(target, accumulate ? load<f32>(target) + value : value);
    }
  }
}

/**
 * C = alpha A B, plus the old C when `accumulate` is 1. Strides are in floats, so a transposed operand is the same
 * matrix with its two strides swapped. `work` holds matmulWorkFloats(columns) floats of scratch.
 */
export function matmul(
  rows: i32, columns: i32, inner: i32,
  a: usize, aRowStride: i32, aColumnStride: i32,
  b: usize, bRowStride: i32, bColumnStride: i32,
  c: usize, cRowStride: i32, alpha: f32, accumulate: i32, work: usize,
): void {
  const scale = f32x4.splat(alpha);
  const tile = work;
  const packedA = work + TILE_BYTES;
  const packedB = packedA + at(ROW_BLOCK * INNER_BLOCK);
  const rowBytes = at(cRowStride);
  for (let k0 = 0; k0 < inner; k0 += INNER_BLOCK) {
    const depth = min(INNER_BLOCK, inner - k0);
    const add = accumulate != 0 || k0 > 0;
    packColumns(depth, columns, b + at(k0 * bRowStride), bRowStride, bColumnStride, packedB);
    for (let i0 = 0; i0 < rows; i0 += ROW_BLOCK) {
      const height = min(ROW_BLOCK, rows - i0);
      packRows(depth, height, a + at(i0 * aRowStride + k0 * aColumnStride), aRowStride, aColumnStride, packedA);
      let bPanel = packedB;
      for (let j = 0; j < columns; j += TILE_COLUMNS) {
        let aPanel = packedA;
        const width = min(TILE_COLUMNS, columns - j);
        for (let i = 0; i < height; i += TILE_ROWS) {
          const target = c + at((i0 + i) * cRowStride + j);
          if (i + TILE_ROWS <= height && width == TILE_COLUMNS) {
            multiplyTile(depth, aPanel, bPanel, target, rowBytes, scale, add);
          } else {
            multiplyTile(depth, aPanel, bPanel, tile, 32, scale, false);
            copyEdge(tile, target, min(TILE_ROWS, height - i), width, cRowStride, add);
          }
          aPanel += at(depth * TILE_ROWS);
        }
        bPanel += at(depth * TILE_COLUMNS);
      }
    }
  }
}
