import { multiply, weightsOf } from './matrix.ts';
import { type Network, slotOf, view } from './network.ts';

/** Adds alpha / rank * A B to each adapted weight and empties the adapters: same function, plain weights. */
export function mergeAdapters(network: Network): void {
  const { lora, architecture } = network.settings;
  if (!lora) return;
  const scale = lora.alpha / lora.rank;
  for (let layer = 0; layer < architecture.layers; layer++) {
    for (const target of lora.targets) {
      const [w, a, b] = ['', '.A', '.B'].map((part) => slotOf(network, `${target}.${layer}${part}`));
      multiply(network, weightsOf(a!), weightsOf(b!), weightsOf(w!), { scale, add: true });
      view(network, b!).fill(0);
    }
  }
}
