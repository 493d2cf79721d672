/** The part of the WebAssembly interface that we use; Node has it, the type packages we compile with do not. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface WebAssemblyInterface {
  Memory: new (limits: { initial: number; maximum?: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: { env: { memory: WasmMemory } }) => { exports: unknown };
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly;
