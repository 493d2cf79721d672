import type { LoraTarget } from './architecture.ts';
import type { Slot } from './arena.ts';
import { type Network, slotOf } from './network.ts';

/** y = x W (+ adapter), or y += with `accumulate`. x: [rows, inputs], y: [rows, outputs], byte offsets. */
export function applyLinear(
  network: Network,
  target: LoraTarget,
  layer: number,
  rows: number,
  x: number,
  y: number,
  accumulate: 0 | 1,
): void {
  const { kernels, arena } = network;
  const w = slotOf(network, `${target}.${layer}`);
  kernels.matmul(
    rows,
    w.columns,
    w.rows,
    x,
    w.rows,
    1,
    w.offset,
    w.columns,
    1,
    y,
    w.columns,
    1,
    accumulate,
    arena.work,
  );
  const adapter = adapterOf(network, target, layer);
  if (!adapter) return;
  const { a, b, rank, scale, low } = adapter;
  kernels.matmul(rows, rank, w.rows, x, w.rows, 1, a.offset, rank, 1, low, rank, 1, 0, arena.work);
  kernels.matmul(
    rows,
    w.columns,
    rank,
    low,
    rank,
    1,
    b.offset,
    w.columns,
    1,
    y,
    w.columns,
    scale,
    1,
    arena.work,
  );
}

/** Gradients of applyLinear: overwrites dx, adds to the gradient of W, or of A and B where the target is adapted. */
export function backpropLinear(
  network: Network,
  target: LoraTarget,
  layer: number,
  rows: number,
  x: number,
  dy: number,
  dx: number,
): void {
  const { kernels, arena, settings } = network;
  const w = slotOf(network, `${target}.${layer}`);
  const [inputs, outputs] = [w.rows, w.columns];
  kernels.matmul(rows, inputs, outputs, dy, outputs, 1, w.offset, 1, outputs, dx, inputs, 1, 0, arena.work);
  if (!settings.lora) {
    const dw = gradientOf(network, w);
    kernels.matmul(inputs, outputs, rows, x, 1, inputs, dy, outputs, 1, dw, outputs, 1, 1, arena.work);
    return;
  }
  const adapter = adapterOf(network, target, layer);
  if (!adapter) return;
  const { a, b, rank, scale, low } = adapter;
  const dLow = arena.training!.dLow;
  const [da, db] = [gradientOf(network, a), gradientOf(network, b)];
  kernels.matmul(rank, outputs, rows, low, 1, rank, dy, outputs, 1, db, outputs, scale, 1, arena.work);
  kernels.matmul(rows, rank, outputs, dy, outputs, 1, b.offset, 1, outputs, dLow, rank, scale, 0, arena.work);
  kernels.matmul(inputs, rank, rows, x, 1, inputs, dLow, rank, 1, da, rank, 1, 1, arena.work);
  kernels.matmul(rows, inputs, rank, dLow, rank, 1, a.offset, 1, rank, dx, inputs, 1, 1, arena.work);
}

/** Where the gradient of this trainable slot lies; gradients mirror the trainable stretch of the arena. */
export function gradientOf(network: Network, slot: Slot): number {
  const { arena } = network;
  return slot.offset - arena.trainable.offset + arena.training!.gradients;
}

interface Adapter {
  a: Slot;
  b: Slot;
  rank: number;
  scale: number;
  low: number;
}

function adapterOf(network: Network, target: LoraTarget, layer: number): Adapter | undefined {
  const { lora } = network.settings;
  const low = network.arena.layers[layer]?.low[target];
  if (!lora || low === undefined) return undefined;
  const a = slotOf(network, `${target}.${layer}.A`);
  const b = slotOf(network, `${target}.${layer}.B`);
  return { a, b, rank: lora.rank, scale: lora.alpha / lora.rank, low };
}
