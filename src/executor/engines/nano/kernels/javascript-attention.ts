import type { Kernels } from './kernels.ts';

type Attention = Pick<Kernels, 'attentionForward' | 'attentionBackward' | 'attentionStep' | 'rotate'>;

/** Attention over whole squares of scores, without optimisation: twice the work of the blocked kernel. */
export function createJavascriptAttention(
  f: Float32Array,
  matmul: Kernels['matmul'],
  softmaxRow: Kernels['softmaxRow'],
): Attention {
  return {
    attentionForward: (batch, tokens, heads, headWidth, qkv, probabilities, output, work) => {
      const width = heads * headWidth;
      const stride = 3 * width;
      const scale = 1 / Math.sqrt(headWidth);
      for (let b = 0; b < batch; b++) {
        for (let h = 0; h < heads; h++) {
          const q = qkv + 4 * (b * tokens * stride + h * headWidth);
          const k = q + 4 * width;
          const v = k + 4 * width;
          const p = probabilities + 4 * (b * heads + h) * tokens * tokens;
          const out = output + 4 * (b * tokens * width + h * headWidth);
          matmul(tokens, tokens, headWidth, q, stride, 1, k, 1, stride, p, tokens, scale, 0, work);
          for (let i = 0; i < tokens; i++) softmaxRow(p + 4 * i * tokens, tokens, i + 1);
          matmul(tokens, headWidth, tokens, p, tokens, 1, v, stride, 1, out, width, 1, 0, work);
        }
      }
    },

    attentionBackward: (
      batch,
      tokens,
      heads,
      headWidth,
      qkv,
      probabilities,
      dOutput,
      dQkv,
      scratch,
      work,
    ) => {
      const width = heads * headWidth;
      const stride = 3 * width;
      const scale = 1 / Math.sqrt(headWidth);
      for (let b = 0; b < batch; b++) {
        for (let h = 0; h < heads; h++) {
          const corner = 4 * (b * tokens * stride + h * headWidth);
          const [q, dq] = [qkv + corner, dQkv + corner];
          const [k, dk] = [q + 4 * width, dq + 4 * width];
          const [v, dv] = [k + 4 * width, dk + 4 * width];
          const p = probabilities + 4 * (b * heads + h) * tokens * tokens;
          const dOut = dOutput + 4 * (b * tokens * width + h * headWidth);
          matmul(tokens, headWidth, tokens, p, 1, tokens, dOut, width, 1, dv, stride, 1, 0, work);
          matmul(tokens, tokens, headWidth, dOut, width, 1, v, 1, stride, scratch, tokens, 1, 0, work);
          softmaxBackward(f, tokens, p >> 2, scratch >> 2);
          matmul(tokens, headWidth, tokens, scratch, tokens, 1, k, stride, 1, dq, stride, scale, 0, work);
          matmul(tokens, headWidth, tokens, scratch, 1, tokens, q, stride, 1, dk, stride, scale, 0, work);
        }
      }
    },

    attentionStep: (rows, position, context, heads, headWidth, qkv, keys, values, output, scores) => {
      const width = heads * headWidth;
      const scale = 1 / Math.sqrt(headWidth);
      const [qkv0, keys0, values0, output0, s] = [qkv >> 2, keys >> 2, values >> 2, output >> 2, scores >> 2];
      for (let b = 0; b < rows; b++) {
        const q = qkv0 + b * 3 * width;
        const cacheRow = (b * context + position) * width;
        f.copyWithin(keys0 + cacheRow, q + width, q + 2 * width);
        f.copyWithin(values0 + cacheRow, q + 2 * width, q + 3 * width);
        for (let h = 0; h < heads; h++) {
          const corner = b * context * width + h * headWidth;
          for (let j = 0; j <= position; j++) {
            let dot = 0;
            for (let x = 0; x < headWidth; x++) {
              dot += f[q + h * headWidth + x]! * f[keys0 + corner + j * width + x]!;
            }
            f[s + j] = dot * scale;
          }
          softmaxRow(scores, position + 1, position + 1);
          for (let x = 0; x < headWidth; x++) {
            let mixed = 0;
            for (let j = 0; j <= position; j++) mixed += f[s + j]! * f[values0 + corner + j * width + x]!;
            f[output0 + b * width + h * headWidth + x] = mixed;
          }
        }
      }
    },

    rotate: (rows, tokens, heads, headWidth, qkv, table, direction, firstPosition) => {
      const width = heads * headWidth;
      const half = headWidth >> 1;
      for (let i = 0; i < rows; i++) {
        const angles = (table >> 2) + ((i % tokens) + firstPosition) * half * 2;
        for (let h = 0; h < 2 * heads; h++) {
          const head = (qkv >> 2) + i * 3 * width + h * headWidth;
          for (let x = 0; x < half; x++) {
            const cosine = f[angles + 2 * x]!;
            const sine = f[angles + 2 * x + 1]! * direction;
            const [first, second] = [f[head + x]!, f[head + half + x]!];
            f[head + x] = first * cosine - second * sine;
            f[head + half + x] = second * cosine + first * sine;
          }
        }
      }
    },
  };
}

function softmaxBackward(f: Float32Array, tokens: number, p: number, d: number): void {
  for (let i = 0; i < tokens; i++) {
    const [pi, di] = [p + i * tokens, d + i * tokens];
    let dot = 0;
    for (let j = 0; j < tokens; j++) dot += f[pi + j]! * f[di + j]!;
    for (let j = 0; j < tokens; j++) f[di + j] = f[pi + j]! * (f[di + j]! - dot);
  }
}
