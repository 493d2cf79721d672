import { createRng } from '../../../lib/rng.ts';
import { countParameters } from './architecture.ts';
import { type Arena, type ArenaSettings, planArena, type Slot } from './arena.ts';
import { createJavascriptKernels } from './kernels/javascript.ts';
import type { Backend, Kernels } from './kernels/kernels.ts';
import { createWasmKernels } from './kernels/wasm.ts';
import { webAssembly } from './kernels/webassembly.ts';

/** One network in one memory. Plain data: the functions are in forward.ts, backward.ts, train-step.ts, decode.ts. */
export interface Network {
  settings: ArenaSettings;
  arena: Arena;
  kernels: Kernels;
  floats: Float32Array;
  ints: Int32Array;
  /** Parameters and adapters by name. */
  slots: Map<string, Slot>;
  /** AdamW steps taken so far. */
  updates: number;
}

const pageBytes = 65_536;
/** Base of the rotary frequencies; 1,000 suits contexts of a hundred characters better than the usual 10,000. */
const rotaryBase = 1_000;

/** Allocates the memory and fills weights from `seed` (adapters: A normal, B zero, so they begin as no change). */
export function createNetwork(settings: ArenaSettings, seed: number, backend: Backend = 'wasm'): Network {
  const arena = planArena(settings);
  const pages = Math.ceil(arena.bytes / pageBytes);
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
  const network: Network = {
    settings,
    arena,
    kernels: backend === 'wasm' ? createWasmKernels(memory) : createJavascriptKernels(memory),
    floats: new Float32Array(memory.buffer),
    ints: new Int32Array(memory.buffer),
    slots: new Map([...arena.parameters, ...arena.adapters].map((slot) => [slot.name, slot])),
    updates: 0,
  };
  fillRotaryTable(network);
  initialise(network, seed);
  return network;
}

/** The floats of one slot, as a view. */
export function view(network: Network, slot: Slot): Float32Array {
  return network.floats.subarray(slot.offset >> 2, (slot.offset >> 2) + slot.size);
}

export function slotOf(network: Network, name: string): Slot {
  const slot = network.slots.get(name);
  if (!slot) throw new Error(`The network has no parameter ${name}.`);
  return slot;
}

/** All parameters in file order (adapters not merged). Length: countParameters of the architecture. */
export function readWeights(network: Network): Float32Array {
  const weights = new Float32Array(countParameters(network.arena.parameters));
  let position = 0;
  for (const slot of network.arena.parameters) {
    weights.set(view(network, slot), position);
    position += slot.size;
  }
  return weights;
}

/** @throws Error when the number of weights does not fit the architecture. */
export function loadWeights(network: Network, weights: Float32Array): void {
  const expected = countParameters(network.arena.parameters);
  if (weights.length !== expected) {
    throw new Error(
      `The weights have ${weights.length} numbers, ${network.settings.architecture.name} has ${expected}.`,
    );
  }
  let position = 0;
  for (const slot of network.arena.parameters) {
    view(network, slot).set(weights.subarray(position, position + slot.size));
    position += slot.size;
  }
}

function fillRotaryTable(network: Network): void {
  const { context, width, heads } = network.settings.architecture;
  const half = width / heads / 2;
  const table = network.arena.rotary >> 2;
  for (let position = 0; position < context; position++) {
    for (let x = 0; x < half; x++) {
      const angle = position * rotaryBase ** (-x / half);
      network.floats[table + (position * half + x) * 2] = Math.cos(angle);
      network.floats[table + (position * half + x) * 2 + 1] = Math.sin(angle);
    }
  }
}

/** Normal weights of variance 1 / inputs; maps into the residual stream start smaller, by depth (as GPT-2 does). */
function initialise(network: Network, seed: number): void {
  const rng = createRng(seed);
  const residualScale = 0.5 / Math.sqrt(2 * network.settings.architecture.layers);
  const deviation = (slot: Slot): number => {
    if (slot.name === 'embedding') return 0.05;
    const intoResidual = slot.name.startsWith('out.') || slot.name.startsWith('down.');
    return (intoResidual ? residualScale : 1) / Math.sqrt(slot.rows);
  };
  for (const slot of network.arena.parameters) {
    const values = view(network, slot);
    if (!slot.decays) values.fill(1);
    else for (let i = 0, s = deviation(slot); i < values.length; i++) values[i] = rng.gauss() * s;
  }
  for (const slot of network.arena.adapters) {
    const values = view(network, slot);
    if (slot.name.endsWith('.B')) values.fill(0);
    else for (let i = 0; i < values.length; i++) values[i] = rng.gauss() / Math.sqrt(slot.rows);
  }
}
