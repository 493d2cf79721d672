import type { Kernels } from './kernels.ts';
import { kernelsBase64 } from './wasm.generated.ts';
import { type WasmMemory, webAssembly } from './webassembly.ts';

let compiled: object | undefined;

/** The WebAssembly kernels over this memory. The module is decoded and compiled once per process (a few ms). */
export function createWasmKernels(memory: WasmMemory): Kernels {
  compiled ??= new webAssembly.Module(Buffer.from(kernelsBase64, 'base64'));
  return new webAssembly.Instance(compiled, { env: { memory } }).exports as Kernels;
}
