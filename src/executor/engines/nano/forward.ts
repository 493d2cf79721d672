import { applyLinear } from './linear.ts';
import { matrix, multiply, transposed, weightsOf } from './matrix.ts';
import { type Network, slotOf } from './network.ts';

/** The attention of a layer: over whole sequences, or of one new position against the caches. */
type Attend = (layer: number) => void;

/** Logits of `batch` sequences of `tokens` ids in arena.ids; keeps the activations that backward needs. */
export function forward(network: Network, batch: number, tokens: number): void {
  const { heads, width } = network.settings.architecture;
  const { kernels, arena } = network;
  const rows = batch * tokens;
  const headWidth = width / heads;
  runLayers(network, rows, (layer) => {
    const buffers = arena.layers[layer]!;
    kernels.rotate(rows, tokens, heads, headWidth, buffers.qkv, arena.rotary, 1, 0);
    const { qkv, probabilities, mixed } = buffers;
    kernels.attentionForward(batch, tokens, heads, headWidth, qkv, probabilities, mixed, arena.work);
  });
}

/** Logits of one new position for `rows` sequences, extending the caches. */
export function forwardStep(network: Network, rows: number, position: number): void {
  const { heads, width, context } = network.settings.architecture;
  const { kernels, arena } = network;
  const headWidth = width / heads;
  runLayers(network, rows, (layer) => {
    const { qkv, mixed } = arena.layers[layer]!;
    const { keys, values } = arena.caches[layer]!;
    kernels.rotate(rows, 1, heads, headWidth, qkv, arena.rotary, 1, position);
    kernels.attentionStep(rows, position, context, heads, headWidth, qkv, keys, values, mixed, arena.scores);
  });
}

function runLayers(network: Network, rows: number, attend: Attend): void {
  const { vocabulary, width, layers } = network.settings.architecture;
  const { kernels, arena } = network;
  const embedding = slotOf(network, 'embedding');
  kernels.embedForward(rows, width, arena.ids, embedding.offset, arena.layers[0]!.input);
  for (let layer = 0; layer < layers; layer++) {
    const at = arena.layers[layer]!;
    const next = layer + 1 < layers ? arena.layers[layer + 1]!.input : arena.final;
    const attentionGain = slotOf(network, `attentionGain.${layer}`).offset;
    kernels.rmsNormForward(rows, width, at.input, attentionGain, at.attentionNormed, at.attentionInverse);
    applyLinear(network, 'qkv', layer, rows, { x: at.attentionNormed, y: at.qkv });
    attend(layer);
    copy(network, rows * width, at.middle, at.input);
    applyLinear(network, 'out', layer, rows, { x: at.mixed, y: at.middle, add: true });
    const mlpGain = slotOf(network, `mlpGain.${layer}`).offset;
    kernels.rmsNormForward(rows, width, at.middle, mlpGain, at.mlpNormed, at.mlpInverse);
    applyLinear(network, 'up', layer, rows, { x: at.mlpNormed, y: at.up });
    kernels.squaredReluForward(rows * 4 * width, at.up, at.activated);
    copy(network, rows * width, next, at.middle);
    applyLinear(network, 'down', layer, rows, { x: at.activated, y: next, add: true });
  }
  const finalGain = slotOf(network, 'finalGain').offset;
  kernels.rmsNormForward(rows, width, arena.final, finalGain, arena.finalNormed, arena.finalInverse);
  const normed = matrix(arena.finalNormed, rows, width);
  multiply(network, normed, transposed(weightsOf(embedding)), matrix(arena.logits, rows, vocabulary));
}

function copy(network: Network, count: number, target: number, source: number): void {
  network.floats.copyWithin(target >> 2, source >> 2, (source >> 2) + count);
}
