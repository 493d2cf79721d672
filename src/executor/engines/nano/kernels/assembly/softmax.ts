import { at, exp4, maxLane, sumLanes } from './simd';

/** Softmax in place over the first `valid` entries of a row; entries valid..length become 0. length % 4 == 0. */
export function softmaxRow(row: usize, length: i32, valid: i32): void {
  const padded = (valid + 3) & ~3;
  for (let j = valid; j < padded; j++) store<f32>(row + at(j), -1e30);
  let highest = f32x4.splat(-1e30);
  for (let j = 0; j < padded; j += 4) highest = f32x4.max(highest, v128.load(row + at(j)));
  const shift = f32x4.splat(maxLane(highest));
  let total = f32x4.splat(0);
  for (let j = 0; j < padded; j += 4) {
    const e = exp4(f32x4.sub(v128.load(row + at(j)), shift));
    v128.store(row + at(j), e);
    total = f32x4.add(total, e);
  }
  const inverse = f32x4.splat(<f32>1 / sumLanes(total));
  for (let j = 0; j < padded; j += 4) v128.store(row + at(j), f32x4.mul(v128.load(row + at(j)), inverse));
  for (let j = valid; j < length; j++) store<f32>(row + at(j), 0);
}

/**
 * Cross-entropy of logits[rows, vocabulary] against target ids; a negative target skips its row. Returns the sum of
 * weights[i] * loss[i]. With `gradient` = 1 the logits are replaced by their gradient.
 */
export function crossEntropy(
  rows: i32, vocabulary: i32, logits: usize, targets: usize, weights: usize, gradient: i32,
): f64 {
  let total: f64 = 0;
  for (let i = 0; i < rows; i++) {
    const row = logits + at(i * vocabulary);
    const target = load<i32>(targets + at(i));
    if (target < 0) {
      if (gradient) memory.fill(row, 0, at(vocabulary));
      continue;
    }
    const weight = load<f32>(weights + at(i));
    let highest = v128.load(row);
    for (let j = 4; j < vocabulary; j += 4) highest = f32x4.max(highest, v128.load(row + at(j)));
    const shift = maxLane(highest);
    const shifts = f32x4.splat(shift);
    const targetLogit = load<f32>(row + at(target));
    let sums = f32x4.splat(0);
    for (let j = 0; j < vocabulary; j += 4) {
      const e = exp4(f32x4.sub(v128.load(row + at(j)), shifts));
      v128.store(row + at(j), e);
      sums = f32x4.add(sums, e);
    }
    const sum = sumLanes(sums);
    total += <f64>weight * (Math.log(<f64>sum) + <f64>shift - <f64>targetLogit);
    if (gradient) {
      const scale = f32x4.splat(weight / sum);
      for (let j = 0; j < vocabulary; j += 4) v128.store(row + at(j), f32x4.mul(v128.load(row + at(j)), scale));
      const hit = row + at(target);
      store<f32>(hit, load<f32>(hit) - weight);
    }
  }
  return total;
}

/** out[i] = index of the first largest entry of logits row i. */
export function argmaxRows(rows: i32, vocabulary: i32, logits: usize, out: usize): void {
  for (let i = 0; i < rows; i++) {
    const row = logits + at(i * vocabulary);
    let best = 0;
    let bestValue = load<f32>(row);
    for (let j = 1; j < vocabulary; j++) {
      const value = load<f32>(row + at(j));
      if (value > bestValue) {
        bestValue = value;
        best = j;
      }
    }
    store<i32>(out + at(i), best);
  }
}
