import type { LoraTarget } from './architecture.ts';
import { gradientOf, type Matrix, matrix, multiply, transposed, weightsOf } from './matrix.ts';
import { type Network, slotOf } from './network.ts';

/** y = x W (+ adapter), or y += with `add`. x: [rows, inputs], y: [rows, outputs], byte offsets. */
export function applyLinear(
  network: Network,
  target: LoraTarget,
  layer: number,
  rows: number,
  { x, y, add = false }: { x: number; y: number; add?: boolean },
): void {
  const w = weightsOf(slotOf(network, `${target}.${layer}`));
  const input = matrix(x, rows, w.rows);
  const output = matrix(y, rows, w.columns);
  multiply(network, input, w, output, { add });
  const adapter = adapterOf(network, target, layer, rows);
  if (!adapter) return;
  multiply(network, input, weightsOf(adapter.a), adapter.low);
  multiply(network, adapter.low, weightsOf(adapter.b), output, { scale: adapter.scale, add: true });
}

/** Gradients of applyLinear: overwrites dx, adds to the gradient of W, or of A and B where the target is adapted. */
export function backpropLinear(
  network: Network,
  target: LoraTarget,
  layer: number,
  rows: number,
  { x, dy, dx }: { x: number; dy: number; dx: number },
): void {
  const slot = slotOf(network, `${target}.${layer}`);
  const w = weightsOf(slot);
  const input = matrix(x, rows, w.rows);
  const dInput = matrix(dx, rows, w.rows);
  const dOutput = matrix(dy, rows, w.columns);
  multiply(network, dOutput, transposed(w), dInput);
  if (!network.settings.lora) {
    multiply(network, transposed(input), dOutput, gradientOf(network, slot), { add: true });
    return;
  }
  const adapter = adapterOf(network, target, layer, rows);
  if (!adapter) return;
  const { a, b, low, scale } = adapter;
  const dLow = { ...low, offset: network.arena.training!.dLow };
  multiply(network, transposed(low), dOutput, gradientOf(network, b), { scale, add: true });
  multiply(network, dOutput, transposed(weightsOf(b)), dLow, { scale });
  multiply(network, transposed(input), dLow, gradientOf(network, a), { add: true });
  multiply(network, dLow, transposed(weightsOf(a)), dInput, { add: true });
}

interface Adapter {
  a: ReturnType<typeof slotOf>;
  b: ReturnType<typeof slotOf>;
  /** x A, [rows, rank], kept for the gradient of B. */
  low: Matrix;
  scale: number;
}

function adapterOf(network: Network, target: LoraTarget, layer: number, rows: number): Adapter | undefined {
  const { lora } = network.settings;
  const low = network.arena.layers[layer]?.low[target];
  if (!lora || low === undefined) return undefined;
  return {
    a: slotOf(network, `${target}.${layer}.A`),
    b: slotOf(network, `${target}.${layer}.B`),
    low: matrix(low, rows, lora.rank),
    scale: lora.alpha / lora.rank,
  };
}
