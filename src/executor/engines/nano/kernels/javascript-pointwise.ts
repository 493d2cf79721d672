import type { Kernels } from './kernels.ts';

type Pointwise = Omit<
  Kernels,
  'matmul' | 'attentionForward' | 'attentionBackward' | 'attentionStep' | 'rotate'
>;

/** All kernels but the matrix product and attention, one plain loop each. */
export function createJavascriptPointwise(f: Float32Array, ints: Int32Array): Pointwise {
  return {
    softmaxRow: (row, length, valid) => {
      const s = row >> 2;
      let highest = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < valid; j++) highest = Math.max(highest, f[s + j]!);
      let total = 0;
      for (let j = 0; j < valid; j++) {
        f[s + j] = Math.exp(f[s + j]! - highest);
        total += f[s + j]!;
      }
      for (let j = 0; j < valid; j++) f[s + j] = f[s + j]! / total;
      f.fill(0, s + valid, s + length);
    },

    crossEntropy: (rows, vocabulary, logits, targets, weights, gradient) => {
      let total = 0;
      for (let i = 0; i < rows; i++) {
        const row = (logits >> 2) + i * vocabulary;
        const target = ints[(targets >> 2) + i]!;
        if (target < 0) {
          if (gradient) f.fill(0, row, row + vocabulary);
          continue;
        }
        const weight = f[(weights >> 2) + i]!;
        let highest = Number.NEGATIVE_INFINITY;
        for (let j = 0; j < vocabulary; j++) highest = Math.max(highest, f[row + j]!);
        const targetLogit = f[row + target]!;
        let sum = 0;
        for (let j = 0; j < vocabulary; j++) {
          f[row + j] = Math.exp(f[row + j]! - highest);
          sum += f[row + j]!;
        }
        total += weight * (Math.log(sum) + highest - targetLogit);
        if (!gradient) continue;
        for (let j = 0; j < vocabulary; j++) f[row + j] = (f[row + j]! * weight) / sum;
        f[row + target] = f[row + target]! - weight;
      }
      return total;
    },

    argmaxRows: (rows, vocabulary, logits, out) => {
      for (let i = 0; i < rows; i++) {
        const row = (logits >> 2) + i * vocabulary;
        let best = 0;
        for (let j = 1; j < vocabulary; j++) if (f[row + j]! > f[row + best]!) best = j;
        ints[(out >> 2) + i] = best;
      }
    },

    rmsNormForward: (rows, width, x, gain, y, inverse) => {
      for (let i = 0; i < rows; i++) {
        const [xi, yi] = [(x >> 2) + i * width, (y >> 2) + i * width];
        let squares = 0;
        for (let j = 0; j < width; j++) squares += f[xi + j]! ** 2;
        const scale = 1 / Math.sqrt(squares / width + 1e-5);
        f[(inverse >> 2) + i] = scale;
        for (let j = 0; j < width; j++) f[yi + j] = f[xi + j]! * scale * f[(gain >> 2) + j]!;
      }
    },

    rmsNormBackward: (rows, width, x, gain, inverse, dy, dx, dGain) => {
      const [g0, dg0] = [gain >> 2, dGain >> 2];
      for (let i = 0; i < rows; i++) {
        const [xi, dyi, dxi] = [(x >> 2) + i * width, (dy >> 2) + i * width, (dx >> 2) + i * width];
        const scale = f[(inverse >> 2) + i]!;
        let dot = 0;
        for (let j = 0; j < width; j++) {
          dot += f[dyi + j]! * f[g0 + j]! * f[xi + j]!;
          if (dGain) f[dg0 + j] = f[dg0 + j]! + f[dyi + j]! * f[xi + j]! * scale;
        }
        const shrink = (dot * scale ** 3) / width;
        for (let j = 0; j < width; j++) {
          f[dxi + j] = f[dxi + j]! + f[dyi + j]! * f[g0 + j]! * scale - f[xi + j]! * shrink;
        }
      }
    },

    squaredReluForward: (count, x, out) => {
      for (let i = 0; i < count; i++) f[(out >> 2) + i] = Math.max(f[(x >> 2) + i]!, 0) ** 2;
    },

    squaredReluBackward: (count, x, dOut, dx) => {
      for (let i = 0; i < count; i++)
        f[(dx >> 2) + i] = f[(dOut >> 2) + i]! * 2 * Math.max(f[(x >> 2) + i]!, 0);
    },

    embedForward: (rows, width, ids, embedding, x) => {
      for (let i = 0; i < rows; i++) {
        const source = (embedding >> 2) + ints[(ids >> 2) + i]! * width;
        f.copyWithin((x >> 2) + i * width, source, source + width);
      }
    },

    embedBackward: (rows, width, ids, dx, dEmbedding) => {
      for (let i = 0; i < rows; i++) {
        const target = (dEmbedding >> 2) + ints[(ids >> 2) + i]! * width;
        for (let j = 0; j < width; j++) f[target + j] = f[target + j]! + f[(dx >> 2) + i * width + j]!;
      }
    },

    maxAbsolute: (count, x) => {
      let highest = 0;
      for (let i = 0; i < count; i++) highest = Math.max(highest, Math.abs(f[(x >> 2) + i]!));
      return highest;
    },

    sumOfSquares: (count, x) => {
      let total = 0;
      for (let i = 0; i < count; i++) total += f[(x >> 2) + i]! ** 2;
      return total;
    },

    adamW: (count, weights, gradients, first, second, rate, beta1, beta2, epsilon, decay, c1, c2, scale) => {
      const [w0, g0, m0, v0] = [weights >> 2, gradients >> 2, first >> 2, second >> 2];
      for (let i = 0; i < count; i++) {
        const g = f[g0 + i]! * scale;
        const m = f[m0 + i]! * beta1 + g * (1 - beta1);
        const v = f[v0 + i]! * beta2 + g * g * (1 - beta2);
        f[m0 + i] = m;
        f[v0 + i] = v;
        f[w0 + i] = f[w0 + i]! * (1 - rate * decay) - (rate * c1 * m) / (Math.sqrt(v * c2) + epsilon);
      }
    },
  };
}
