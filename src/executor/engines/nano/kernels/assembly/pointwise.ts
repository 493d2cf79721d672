import { at, maxLane, sumLanes } from './simd';

/** y = x / rms(x) * gain per row of `width` floats; inverse[i] keeps 1 / rms for the gradient. */
export function rmsNormForward(rows: i32, width: i32, x: usize, gain: usize, y: usize, inverse: usize): void {
  for (let i = 0; i < rows; i++) {
    const xRow = x + at(i * width);
    const yRow = y + at(i * width);
    let squares = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) {
      const v = v128.load(xRow + at(j));
      squares = f32x4.add(squares, f32x4.mul(v, v));
    }
    const scale: f32 = <f32>1 / sqrt<f32>(sumLanes(squares) / <f32>width + <f32>1e-5);
    store<f32>(inverse + at(i), scale);
    const scales = f32x4.splat(scale);
    for (let j = 0; j < width; j += 4) {
      v128.store(yRow + at(j), f32x4.mul(f32x4.mul(v128.load(xRow + at(j)), scales), v128.load(gain + at(j))));
    }
  }
}

/** Adds the gradient to dx, and to dGain unless dGain is 0. */
export function rmsNormBackward(
  rows: i32, width: i32, x: usize, gain: usize, inverse: usize, dy: usize, dx: usize, dGain: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const row = at(i * width);
    const scale = load<f32>(inverse + at(i));
    const scales = f32x4.splat(scale);
    let dots = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) {
      const g = v128.load(dy + row + at(j));
      const v = v128.load(x + row + at(j));
      dots = f32x4.add(dots, f32x4.mul(f32x4.mul(g, v128.load(gain + at(j))), v));
      if (dGain) {
        const target = dGain + at(j);
        v128.store(target, f32x4.add(v128.load(target), f32x4.mul(f32x4.mul(g, v), scales)));
      }
    }
    const shrink = f32x4.splat(sumLanes(dots) * scale * scale * scale / <f32>width);
    for (let j = 0; j < width; j += 4) {
      const direct = f32x4.mul(f32x4.mul(v128.load(dy + row + at(j)), v128.load(gain + at(j))), scales);
      const value = f32x4.sub(direct, f32x4.mul(v128.load(x + row + at(j)), shrink));
      const target = dx + row + at(j);
      v128.store(target, f32x4.add(v128.load(target), value));
    }
  }
}

/** out = max(x, 0)^2. count % 4 == 0. */
export function squaredReluForward(count: i32, x: usize, out: usize): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) {
    const v = f32x4.max(v128.load(x + at(i)), zero);
    v128.store(out + at(i), f32x4.mul(v, v));
  }
}

/** dx = dOut * 2 max(x, 0). */
export function squaredReluBackward(count: i32, x: usize, dOut: usize, dx: usize): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) {
    const v = f32x4.max(v128.load(x + at(i)), zero);
    v128.store(dx + at(i), f32x4.mul(v128.load(dOut + at(i)), f32x4.add(v, v)));
  }
}

/** x[i] = embedding[ids[i]]. */
export function embedForward(rows: i32, width: i32, ids: usize, embedding: usize, x: usize): void {
  for (let i = 0; i < rows; i++) {
    memory.copy(x + at(i * width), embedding + at(load<i32>(ids + at(i)) * width), at(width));
  }
}

/** dEmbedding[ids[i]] += dx[i]. */
export function embedBackward(rows: i32, width: i32, ids: usize, dx: usize, dEmbedding: usize): void {
  for (let i = 0; i < rows; i++) {
    const target = dEmbedding + at(load<i32>(ids + at(i)) * width);
    const source = dx + at(i * width);
    for (let j = 0; j < width; j += 4) {
      v128.store(target + at(j), f32x4.add(v128.load(target + at(j)), v128.load(source + at(j))));
    }
  }
}

/** Largest absolute value; NaN when one is in there. count % 4 == 0. */
export function maxAbsolute(count: i32, x: usize): f32 {
  let highest = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) highest = f32x4.max(highest, f32x4.abs(v128.load(x + at(i))));
  return maxLane(highest);
}
