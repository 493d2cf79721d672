import { createJavascriptAttention } from './javascript-attention.ts';
import { createJavascriptMatmul } from './javascript-matmul.ts';
import { createJavascriptPointwise } from './javascript-pointwise.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './webassembly.ts';

/** The same kernels in plain JavaScript: the oracle of the tests and the peer of the bench, never the product path. */
export function createJavascriptKernels(memory: WasmMemory): Kernels {
  const floats = new Float32Array(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  const matmul = createJavascriptMatmul(floats);
  const pointwise = createJavascriptPointwise(floats, ints);
  return { matmul, ...pointwise, ...createJavascriptAttention(floats, matmul, pointwise.softmaxRow) };
}
