import { backpropLinear } from './linear.ts';
import { gradientOf, matrix, multiply, transposed, weightsOf } from './matrix.ts';
import { type Network, slotOf } from './network.ts';

/**
 * Gradients of everything trainable, added to arena.training.gradients, from arena.logits holding the gradient of the
 * loss (see crossEntropy) right after forward() on the same batch. With LoRA the frozen weights get none.
 */
export function backward(network: Network, batch: number, tokens: number): void {
  const { vocabulary, width, layers } = network.settings.architecture;
  const { kernels, arena, floats } = network;
  const buffers = arena.training;
  if (!buffers) throw new Error('This network was made without training buffers.');
  const full = network.settings.lora === undefined;
  const rows = batch * tokens;
  const gain = (name: string): [number, number] => {
    const slot = slotOf(network, name);
    return [slot.offset, full ? gradientOf(network, slot).offset : 0];
  };
  const { dResidual, dWidth } = buffers;

  const embedding = slotOf(network, 'embedding');
  const dLogits = matrix(arena.logits, rows, vocabulary);
  multiply(network, dLogits, weightsOf(embedding), matrix(dWidth, rows, width));
  if (full) {
    const normed = matrix(arena.finalNormed, rows, width);
    multiply(network, transposed(dLogits), normed, gradientOf(network, embedding), { add: true });
  }
  floats.fill(0, dResidual >> 2, (dResidual >> 2) + rows * width);
  const [finalGain, dFinalGain] = gain('finalGain');
  kernels.rmsNormBackward(
    rows,
    width,
    arena.final,
    finalGain,
    arena.finalInverse,
    dWidth,
    dResidual,
    dFinalGain,
  );
  for (let layer = layers - 1; layer >= 0; layer--) {
    backpropMlp(network, layer, rows, gain(`mlpGain.${layer}`));
    backpropAttention(network, layer, batch, tokens, gain(`attentionGain.${layer}`));
  }
  if (full) kernels.embedBackward(rows, width, arena.ids, dResidual, gradientOf(network, embedding).offset);
}

function backpropMlp(network: Network, layer: number, rows: number, [gain, dGain]: [number, number]): void {
  const { width } = network.settings.architecture;
  const { dResidual, dWidth, dUp, dActivated } = network.arena.training!;
  const at = network.arena.layers[layer]!;
  backpropLinear(network, 'down', layer, rows, { x: at.activated, dy: dResidual, dx: dActivated });
  network.kernels.squaredReluBackward(rows * 4 * width, at.up, dActivated, dUp);
  backpropLinear(network, 'up', layer, rows, { x: at.mlpNormed, dy: dUp, dx: dWidth });
  network.kernels.rmsNormBackward(rows, width, at.middle, gain, at.mlpInverse, dWidth, dResidual, dGain);
}

function backpropAttention(
  network: Network,
  layer: number,
  batch: number,
  tokens: number,
  [gain, dGain]: [number, number],
): void {
  const { width, heads } = network.settings.architecture;
  const { kernels, arena } = network;
  const { dResidual, dWidth, dQkv, dScores } = arena.training!;
  const at = arena.layers[layer]!;
  const rows = batch * tokens;
  const headWidth = width / heads;
  backpropLinear(network, 'out', layer, rows, { x: at.mixed, dy: dResidual, dx: dWidth });
  kernels.attentionBackward(
    batch,
    tokens,
    heads,
    headWidth,
    at.qkv,
    at.probabilities,
    dWidth,
    dQkv,
    dScores,
    arena.work,
  );
  kernels.rotate(rows, tokens, heads, headWidth, dQkv, arena.rotary, -1, 0);
  backpropLinear(network, 'qkv', layer, rows, { x: at.attentionNormed, dy: dQkv, dx: dWidth });
  kernels.rmsNormBackward(rows, width, at.input, gain, at.attentionInverse, dWidth, dResidual, dGain);
}
