import { vocabularySize } from './vocabulary.ts';

/**
 * A decoder-only transformer: RMSNorm before each block, rotary positions, squared-ReLU MLP of 4 x width, no biases,
 * the output head shares the embedding. width / heads must be even, all sizes divisible by 4.
 */
export interface Architecture {
  name: string;
  vocabulary: number;
  width: number;
  layers: number;
  heads: number;
  /** Longest input in tokens. */
  context: number;
}

export const nano154k: Architecture = {
  name: 'nano-154k',
  vocabulary: vocabularySize,
  width: 64,
  layers: 3,
  heads: 4,
  context: 128,
};

/** The linear maps of a block that LoRA can adapt: attention in and out, MLP up and down. */
export const loraTargets = ['qkv', 'out', 'up', 'down'] as const;
export type LoraTarget = (typeof loraTargets)[number];

/** W + alpha / rank * A B on the chosen targets of every layer (Hu et al., arXiv 2106.09685); only A and B learn. */
export interface LoraSettings {
  rank: number;
  alpha: number;
  targets: LoraTarget[];
}

export interface ParameterShape {
  name: string;
  rows: number;
  columns: number;
  /** Matrices decay, gains of the norms do not. */
  decays: boolean;
}

/** Shape [rows, columns] of one target: input width x output width. */
function targetShape(architecture: Architecture, target: LoraTarget): [number, number] {
  const d = architecture.width;
  if (target === 'qkv') return [d, 3 * d];
  if (target === 'out') return [d, d];
  return target === 'up' ? [d, 4 * d] : [4 * d, d];
}

/** Every parameter in file order: matrices first, then gains. Names are `kind.layer`, or `embedding`, `finalGain`. */
export function parameterShapes(architecture: Architecture): ParameterShape[] {
  const { vocabulary, width, layers } = architecture;
  const matrices: ParameterShape[] = [{ name: 'embedding', rows: vocabulary, columns: width, decays: true }];
  const gains: ParameterShape[] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (const target of loraTargets) {
      const [rows, columns] = targetShape(architecture, target);
      matrices.push({ name: `${target}.${layer}`, rows, columns, decays: true });
    }
    gains.push({ name: `attentionGain.${layer}`, rows: 1, columns: width, decays: false });
    gains.push({ name: `mlpGain.${layer}`, rows: 1, columns: width, decays: false });
  }
  gains.push({ name: 'finalGain', rows: 1, columns: width, decays: false });
  return [...matrices, ...gains];
}

/** The adapters of these settings: `target.layer.A` [input, rank] and `target.layer.B` [rank, output]. */
export function adapterShapes(architecture: Architecture, lora: LoraSettings): ParameterShape[] {
  const shapes: ParameterShape[] = [];
  for (let layer = 0; layer < architecture.layers; layer++) {
    for (const target of lora.targets) {
      const [rows, columns] = targetShape(architecture, target);
      shapes.push({ name: `${target}.${layer}.A`, rows, columns: lora.rank, decays: true });
      shapes.push({ name: `${target}.${layer}.B`, rows: lora.rank, columns, decays: true });
    }
  }
  return shapes;
}

export function countParameters(shapes: readonly ParameterShape[]): number {
  return shapes.reduce((sum, shape) => sum + shape.rows * shape.columns, 0);
}
