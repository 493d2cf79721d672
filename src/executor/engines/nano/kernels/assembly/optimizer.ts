import { at, sumLanes } from './simd';

/** Sum of squares, in chunks of 1,024 floats that are added in double precision. count % 4 == 0. */
export function sumOfSquares(count: i32, x: usize): f64 {
  let total: f64 = 0;
  for (let start = 0; start < count; start += 1024) {
    const end = min(count, start + 1024);
    let squares = f32x4.splat(0);
    for (let i = start; i < end; i += 4) {
      const v = v128.load(x + at(i));
      squares = f32x4.add(squares, f32x4.mul(v, v));
    }
    total += <f64>sumLanes(squares);
  }
  return total;
}

/**
 * One AdamW update (Loshchilov and Hutter 2019) of `count` floats. correction1 = 1 / (1 - beta1^step), likewise 2;
 * the gradient is multiplied by gradientScale first (clipping).
 */
export function adamW(
  count: i32, weights: usize, gradients: usize, first: usize, second: usize,
  learningRate: f32, beta1: f32, beta2: f32, epsilon: f32, weightDecay: f32,
  correction1: f32, correction2: f32, gradientScale: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const b1Rest = f32x4.splat(1 - beta1);
  const b2 = f32x4.splat(beta2);
  const b2Rest = f32x4.splat(1 - beta2);
  const eps = f32x4.splat(epsilon);
  const keep = f32x4.splat(1 - learningRate * weightDecay);
  const rate = f32x4.splat(learningRate * correction1);
  const c2 = f32x4.splat(correction2);
  const scale = f32x4.splat(gradientScale);
  for (let i = 0; i < count; i += 4) {
    const g = f32x4.mul(v128.load(gradients + at(i)), scale);
    const m = f32x4.add(f32x4.mul(v128.load(first + at(i)), b1), f32x4.mul(g, b1Rest));
    const v = f32x4.add(f32x4.mul(v128.load(second + at(i)), b2), f32x4.mul(f32x4.mul(g, g), b2Rest));
    v128.store(first + at(i), m);
    v128.store(second + at(i), v);
    const step = f32x4.div(f32x4.mul(m, rate), f32x4.add(f32x4.sqrt(f32x4.mul(v, c2)), eps));
    v128.store(weights + at(i), f32x4.sub(f32x4.mul(v128.load(weights + at(i)), keep), step));
  }
}
