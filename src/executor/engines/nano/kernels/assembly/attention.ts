import { matmul } from './matmul';
import { at, sumLanes } from './simd';
import { softmaxRow } from './softmax';

// Queries are taken in blocks of 48 (a multiple of the matmul tile): a block only meets the keys up to its own end,
// which saves most of the work above the diagonal and keeps the inner loops free of masks.
const BLOCK: i32 = 48;

/**
 * Causal self-attention. qkv rows hold [query | key | value], each heads * headWidth floats.
 * probabilities: [batch, heads, tokens, tokens], written up to the end of each block; output: [batch * tokens, width].
 */
export function attentionForward(
  batch: i32, tokens: i32, heads: i32, headWidth: i32, qkv: usize, probabilities: usize, output: usize, work: usize,
): void {
  const width = heads * headWidth;
  const stride = 3 * width;
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>headWidth);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const query = qkv + at(b * tokens * stride + h * headWidth);
      const key = query + at(width);
      const value = key + at(width);
      const scores = probabilities + at((b * heads + h) * tokens * tokens);
      const out = output + at(b * tokens * width + h * headWidth);
      for (let start = 0; start < tokens; start += BLOCK) {
        const rows = min(BLOCK, tokens - start);
        const end = start + rows;
        const block = scores + at(start * tokens);
        matmul(rows, end, headWidth, query + at(start * stride), stride, 1, key, 1, stride, block, tokens, scale, 0, work);
        for (let i = 0; i < rows; i++) softmaxRow(block + at(i * tokens), end, start + i + 1);
        matmul(rows, headWidth, end, block, tokens, 1, value, stride, 1, out + at(start * width), width, 1, 0, work);
      }
    }
  }
}

/** Rows of dP become rows of dS = P * (dP - sum(P * dP)), the gradient before the softmax. */
function softmaxBackward(rows: i32, end: i32, stride: i32, probabilities: usize, gradient: usize): void {
  for (let i = 0; i < rows; i++) {
    const p = probabilities + at(i * stride);
    const g = gradient + at(i * stride);
    let dots = f32x4.splat(0);
    for (let j = 0; j < end; j += 4) dots = f32x4.add(dots, f32x4.mul(v128.load(p + at(j)), v128.load(g + at(j))));
    const dot = f32x4.splat(sumLanes(dots));
    for (let j = 0; j < end; j += 4) {
      v128.store(g + at(j), f32x4.mul(v128.load(p + at(j)), f32x4.sub(v128.load(g + at(j)), dot)));
    }
  }
}

/** Gradient of attentionForward: dOutput [batch * tokens, width] -> dQkv. `scratch` holds tokens * tokens floats. */
export function attentionBackward(
  batch: i32, tokens: i32, heads: i32, headWidth: i32,
  qkv: usize, probabilities: usize, dOutput: usize, dQkv: usize, scratch: usize, work: usize,
): void {
  const width = heads * headWidth;
  const stride = 3 * width;
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>headWidth);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const corner = at(b * tokens * stride + h * headWidth);
      const query = qkv + corner;
      const key = query + at(width);
      const value = key + at(width);
      const dQuery = dQkv + corner;
      const dKey = dQuery + at(width);
      const dValue = dKey + at(width);
      const p = probabilities + at((b * heads + h) * tokens * tokens);
      const dOut = dOutput + at(b * tokens * width + h * headWidth);
      for (let start = 0; start < tokens; start += BLOCK) {
        const rows = min(BLOCK, tokens - start);
        const end = start + rows;
        const dScores = scratch + at(start * tokens);
        matmul(rows, end, headWidth, dOut + at(start * width), width, 1, value, 1, stride, dScores, tokens, 1, 0, work);
        softmaxBackward(rows, end, tokens, p + at(start * tokens), dScores);
        matmul(rows, headWidth, end, dScores, tokens, 1, key, stride, 1, dQuery + at(start * stride), stride, scale, 0, work);
      }
      for (let start = 0; start < tokens; start += BLOCK) {
        const rows = min(BLOCK, tokens - start);
        const later = tokens - start;
        const corner = at(start * tokens + start);
        const into = at(start * stride);
        matmul(rows, headWidth, later, p + corner, 1, tokens, dOut + at(start * width), width, 1, dValue + into, stride, 1, 0, work);
        matmul(rows, headWidth, later, scratch + corner, 1, tokens, query + into, stride, 1, dKey + into, stride, scale, 0, work);
      }
    }
  }
}

/**
 * One decoding step at `position` for every row. qkv: [rows, 3 * width]; keys and values: [rows, context, width],
 * this position's are added. `scores` holds context + 4 floats.
 */
export function attentionStep(
  rows: i32, position: i32, context: i32, heads: i32, headWidth: i32,
  qkv: usize, keys: usize, values: usize, output: usize, scores: usize,
): void {
  const width = heads * headWidth;
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>headWidth);
  for (let b = 0; b < rows; b++) {
    const query = qkv + at(b * 3 * width);
    const cacheRow = at((b * context + position) * width);
    memory.copy(keys + cacheRow, query + at(width), at(width));
    memory.copy(values + cacheRow, query + at(2 * width), at(width));
    for (let h = 0; h < heads; h++) {
      const q = query + at(h * headWidth);
      const corner = at(b * context * width + h * headWidth);
      for (let j = 0; j <= position; j++) {
        const k = keys + corner + at(j * width);
        let dots = f32x4.splat(0);
        for (let x = 0; x < headWidth; x += 4) {
          dots = f32x4.add(dots, f32x4.mul(v128.load(q + at(x)), v128.load(k + at(x))));
        }
        store<f32>(scores + at(j), sumLanes(dots) * scale);
      }
      softmaxRow(scores, (position + 4) & ~3, position + 1);
      for (let x = 0; x < headWidth; x += 4) {
        let mixed = f32x4.splat(0);
        for (let j = 0; j <= position; j++) {
          const weight = v128.load32_splat(scores + at(j));
          mixed = f32x4.add(mixed, f32x4.mul(weight, v128.load(values + corner + at(j * width + x))));
        }
        v128.store(output + at(b * width + h * headWidth + x), mixed);
      }
    }
  }
}

/**
 * Rotary position embedding (Su et al. 2021), in place on the query and key parts of qkv [rows, 3 * width].
 * Row i is at position i % tokens + firstPosition. table: [context, headWidth / 2] pairs (cos, sin).
 * direction 1 rotates, -1 rotates back (the gradient).
 */
export function rotate(
  rows: i32, tokens: i32, heads: i32, headWidth: i32, qkv: usize, table: usize, direction: f32, firstPosition: i32,
): void {
  const width = heads * headWidth;
  const half = headWidth >> 1;
  for (let i = 0; i < rows; i++) {
    const row = qkv + at(i * 3 * width);
    const angles = table + at(((i % tokens) + firstPosition) * half * 2);
    for (let h = 0; h < 2 * heads; h++) {
      const head = row + at(h * headWidth);
      for (let x = 0; x < half; x++) {
        const cosine = load<f32>(angles + at(2 * x));
        const sine = load<f32>(angles + at(2 * x + 1)) * direction;
        const first = head + at(x);
        const second = first + at(half);
        const a = load<f32>(first);
        const b = load<f32>(second);
        store<f32>(first, a * cosine - b * sine);
        store<f32>(second, b * cosine + a * sine);
      }
    }
  }
}
