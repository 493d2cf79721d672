import { describe, expect, it } from 'vitest';
import { createRng } from '../../../../lib/rng.ts';
import { compileKernels, renderKernelModule } from './compile.ts';
import { createJavascriptKernels } from './javascript.ts';
import { type Kernels, matmulWorkFloats, reservedBytes } from './kernels.ts';
import { kernelsBase64 } from './wasm.generated.ts';
import { createWasmKernels } from './wasm.ts';
import { webAssembly } from './webassembly.ts';

const memoryFloats = 600_000;

const noise = (() => {
  const rng = createRng(1);
  return Float32Array.from({ length: memoryFloats }, () => rng.gauss());
})();

/** Runs one call on both implementations over equal memories; returns the worst difference, relative to 1 + |oracle|. */
function worstDifference(run: (kernels: Kernels, ints: Int32Array, result: number[]) => void): number {
  const [oracle, fast] = [createJavascriptKernels, createWasmKernels].map((create) => {
    const memory = new webAssembly.Memory({ initial: Math.ceil((memoryFloats * 4) / 65_536) });
    const floats = new Float32Array(memory.buffer);
    const kernels = create(memory);
    floats.set(noise.subarray(reservedBytes >> 2), reservedBytes >> 2);
    const result: number[] = [];
    run(kernels, new Int32Array(memory.buffer), result);
    return { floats, result };
  }) as [{ floats: Float32Array; result: number[] }, { floats: Float32Array; result: number[] }];
  let worst = 0;
  const compare = (expected: number, actual: number): void => {
    const difference = Math.abs(actual - expected) / (1 + Math.abs(expected));
    if (!(difference <= worst)) worst = difference;
  };
  for (let i = reservedBytes >> 2; i < workAt >> 2; i++) compare(oracle.floats[i]!, fast.floats[i]!);
  for (const [index, expected] of oracle.result.entries()) compare(expected, fast.result[index]!);
  return worst;
}

/** Tensors lie below this byte offset, scratch that may differ lies above. */
const workAt = 250_000 * 4;
const a = reservedBytes;
const [b, c, d] = [62_500 * 4, 125_000 * 4, 187_500 * 4];
const scratch = workAt + matmulWorkFloats(256) * 4;

const tolerance = 2e-5;

describe('wasm kernels agree with the plain JavaScript ones', () => {
  it.each([
    [1, 1, 1],
    [6, 8, 256],
    [7, 9, 257],
    [97, 100, 64],
    [100, 3, 300],
    [5, 192, 64],
    [200, 16, 130],
  ])('matmul %i x %i x %i, every transposition', (rows, columns, inner) => {
    for (const [aRow, aColumn] of [
      [inner, 1],
      [1, rows],
    ] as const) {
      for (const [bRow, bColumn] of [
        [columns, 1],
        [1, inner],
      ] as const) {
        for (const accumulate of [0, 1] as const) {
          const difference = worstDifference((kernels) => {
            kernels.matmul(
              rows,
              columns,
              inner,
              a,
              aRow,
              aColumn,
              b,
              bRow,
              bColumn,
              c,
              columns + 3,
              0.3,
              accumulate,
              workAt,
            );
          });
          expect(difference).toBeLessThan(tolerance);
        }
      }
    }
  });

  it.each([
    [1, 4, 1, 4],
    [2, 48, 2, 16],
    [2, 52, 3, 8],
    [1, 128, 4, 16],
    [3, 100, 2, 4],
  ])('attention: batch %i, %i tokens, %i heads of %i', (batch, tokens, heads, headWidth) => {
    const width = heads * headWidth;
    const probabilities = scratch;
    const scores = scratch + batch * heads * tokens * tokens * 4;
    const forward = worstDifference((kernels) => {
      kernels.attentionForward(batch, tokens, heads, headWidth, a, probabilities, c, workAt);
    });
    const backward = worstDifference((kernels) => {
      kernels.attentionForward(batch, tokens, heads, headWidth, a, probabilities, c, workAt);
      kernels.attentionBackward(batch, tokens, heads, headWidth, a, probabilities, d, b, scores, workAt);
    });
    expect(batch * tokens * 3 * width).toBeLessThanOrEqual(60_000);
    expect(scores + tokens * tokens * 4).toBeLessThan(memoryFloats * 4);
    expect(forward).toBeLessThan(tolerance);
    expect(backward).toBeLessThan(tolerance);
  });

  it.each([4, 20, 100, 64])('row by row, %i wide', (width) => {
    const rows = 37;
    const difference = worstDifference((kernels, ints, result) => {
      const rng = createRng(width);
      const [ids, weights, out, angles] = [d, d + 400, d + 800, d + 1200];
      for (let i = 0; i < rows; i++) ints[(ids >> 2) + i] = rng.int(width);
      kernels.softmaxRow(a, width, Math.max(1, width - 3));
      kernels.argmaxRows(rows, width, b, out);
      kernels.embedForward(rows, width, ids, b, c);
      kernels.embedBackward(rows, width, ids, c, b);
      kernels.rmsNormForward(rows, width, a, b, c, angles);
      kernels.rmsNormBackward(rows, width, a, b, angles, c, a + 40_000, b + 40_000);
      kernels.squaredReluForward(rows * width, a, a + 80_000);
      kernels.squaredReluBackward(rows * width, a, b, b + 80_000);
      kernels.rotate(3, 2, 1, width / 2, a + 120_000, angles, -1, 1);
      kernels.attentionStep(2, 5, 8, 1, width, a + 160_000, b + 120_000, b + 160_000, c + 160_000, scratch);
      ints[ids >> 2] = -1;
      result.push(kernels.crossEntropy(rows, width, c, ids, weights, 1));
      result.push(kernels.maxAbsolute(rows * width, a), Math.sqrt(kernels.sumOfSquares(rows * width, b)));
      kernels.adamW(rows * width, a, b, c, a + 80_000, 0.01, 0.9, 0.98, 1e-8, 0.1, 1.5, 2, 0.7);
    });
    expect(difference).toBeLessThan(tolerance);
  });

  it('skips rows without a target and gives the gradient of the rest', () => {
    const [kernels, floats, ints] = freshKernels();
    const [logits, targets, weights] = [a >> 2, b >> 2, c >> 2];
    floats.set([1, 2, 3, 4, 5, 6, 7, 8], logits);
    ints.set([-1, 2], targets);
    floats.set([1, 1], weights);
    const loss = kernels.crossEntropy(2, 4, a, b, c, 1);
    const exponentials = [5, 6, 7, 8].map((x) => Math.exp(x - 8));
    const total = exponentials.reduce((sum, x) => sum + x, 0);
    expect(loss).toBeCloseTo(Math.log(total) + 8 - 7, 6);
    expect([...floats.subarray(logits, logits + 4)]).toEqual([0, 0, 0, 0]);
    expect(floats[logits + 6]).toBeCloseTo(exponentials[2]! / total - 1, 6);
  });

  it('lets NaN through, so that a broken run is seen', () => {
    const [kernels, floats] = freshKernels();
    floats.set([1, Number.NaN, 3, 4], a >> 2);
    expect(kernels.maxAbsolute(4, a)).toBeNaN();
    expect(kernels.sumOfSquares(4, a)).toBeNaN();
  });
});

describe('wasm.generated.ts', () => {
  it('is what the AssemblyScript sources compile to', async () => {
    const compiled = await compileKernels();
    expect(renderKernelModule(compiled)).toContain(kernelsBase64);
    expect(Buffer.from(kernelsBase64, 'base64').equals(compiled)).toBe(true);
  });
});

function freshKernels(): [Kernels, Float32Array, Int32Array] {
  const memory = new webAssembly.Memory({ initial: 64 });
  return [createWasmKernels(memory), new Float32Array(memory.buffer), new Int32Array(memory.buffer)];
}
