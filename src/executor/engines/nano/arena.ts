import {
  type Architecture,
  adapterShapes,
  type LoraSettings,
  type LoraTarget,
  type ParameterShape,
  parameterShapes,
} from './architecture.ts';
import { matmulWorkFloats, reservedBytes } from './kernels/kernels.ts';

/** Settings on which the memory of a network depends. */
export interface ArenaSettings {
  architecture: Architecture;
  /** Keeps gradients, AdamW moments and every layer's activations; without it one layer's buffers are reused. */
  training: boolean;
  /** Sequences of one forward pass, and the maximum of tokens in each (rounded up to a multiple of 4). */
  batchSize: number;
  sequenceTokens: number;
  /** Prompts decoded together with a key-value cache; 0 = no decoding. */
  decodeRows: number;
  lora?: LoraSettings;
}

export interface Slot extends ParameterShape {
  /** Byte offset in the arena. */
  offset: number;
  /** Floats. */
  size: number;
}

/** Byte offsets of one layer's activations; M = batchSize * sequenceTokens, d = width. */
interface LayerBuffers {
  /** [M, d] the residual stream entering the layer. */
  input: number;
  attentionNormed: number;
  attentionInverse: number;
  /** [M, 3d] query | key | value after rotation. */
  qkv: number;
  /** [batch, heads, tokens, tokens]. */
  probabilities: number;
  mixed: number;
  /** [M, d] the residual stream between attention and MLP. */
  middle: number;
  mlpNormed: number;
  mlpInverse: number;
  /** [M, 4d] before and after the squared ReLU. */
  up: number;
  activated: number;
  /** [M, rank] input times A of each adapted target. */
  low: Partial<Record<LoraTarget, number>>;
}

interface TrainingBuffers {
  gradients: number;
  firstMoment: number;
  secondMoment: number;
  dResidual: number;
  dWidth: number;
  dQkv: number;
  dUp: number;
  dActivated: number;
  dScores: number;
  dLow: number;
}

export interface Arena {
  /** Exact size of the arena, known before anything is allocated. */
  bytes: number;
  parameters: Slot[];
  adapters: Slot[];
  /** The slots that AdamW updates: the parameters, or the adapters. `decayed` floats come first. */
  trainable: { offset: number; floats: number; decayed: number };
  training?: TrainingBuffers;
  layers: LayerBuffers[];
  /** Decoding caches per layer, [decodeRows, context, d] each. */
  caches: { keys: number; values: number }[];
  ids: number;
  targets: number;
  weights: number;
  rotary: number;
  final: number;
  finalNormed: number;
  finalInverse: number;
  logits: number;
  scores: number;
  work: number;
}

const alignment = 64;

/** Lays every tensor out in one memory. Pure: the same settings always give the same offsets and bytes. */
export function planArena(settings: ArenaSettings): Arena {
  const { architecture, training, lora, decodeRows } = settings;
  const { vocabulary, width, layers, heads, context } = architecture;
  const tokens = roundTokens(settings.sequenceTokens);
  const rows = Math.max(settings.batchSize * tokens, decodeRows);
  const rank = lora?.rank ?? 0;
  let end = reservedBytes;
  const take = (floats: number): number => {
    const offset = end;
    end += Math.ceil((floats * 4) / alignment) * alignment;
    return offset;
  };
  const place = (shape: ParameterShape): Slot => {
    const size = shape.rows * shape.columns;
    return { ...shape, size, offset: take(size) };
  };

  const parameters = parameterShapes(architecture).map(place);
  const adaptersStart = end;
  const adapters = lora ? adapterShapes(architecture, lora).map(place) : [];
  const trainable = region(lora ? adapters : parameters, lora ? adaptersStart : parameters[0]!.offset);

  const layerBuffers = (): LayerBuffers => ({
    input: take(rows * width),
    attentionNormed: take(rows * width),
    attentionInverse: take(rows),
    qkv: take(rows * 3 * width),
    probabilities: take(settings.batchSize * heads * tokens * tokens),
    mixed: take(rows * width),
    middle: take(rows * width),
    mlpNormed: take(rows * width),
    mlpInverse: take(rows),
    up: take(rows * 4 * width),
    activated: take(rows * 4 * width),
    low: Object.fromEntries((lora?.targets ?? []).map((target) => [target, take(rows * rank)])),
  });
  const shared = layerBuffers();
  const arena: Arena = {
    bytes: 0,
    parameters,
    adapters,
    trainable,
    layers: Array.from({ length: layers }, (_, layer) => (training && layer > 0 ? layerBuffers() : shared)),
    caches: decodeRows
      ? Array.from({ length: layers }, () => ({
          keys: take(decodeRows * context * width),
          values: take(decodeRows * context * width),
        }))
      : [],
    ids: take(rows),
    targets: take(rows),
    weights: take(rows),
    rotary: take((context * width) / heads),
    final: take(rows * width),
    finalNormed: take(rows * width),
    finalInverse: take(rows),
    logits: take(rows * vocabulary),
    scores: take(context + 4),
    work: take(matmulWorkFloats(Math.max(4 * width, vocabulary, tokens, rank))),
  };
  if (training) {
    arena.training = {
      gradients: take(trainable.floats),
      firstMoment: take(trainable.floats),
      secondMoment: take(trainable.floats),
      dResidual: take(rows * width),
      dWidth: take(rows * width),
      dQkv: take(rows * 3 * width),
      dUp: take(rows * 4 * width),
      dActivated: take(rows * 4 * width),
      dScores: take(tokens * tokens),
      dLow: take(rows * rank),
    };
  }
  arena.bytes = end;
  return arena;
}

/** Sequence lengths are padded to a multiple of 4, the width of a vector. */
export function roundTokens(tokens: number): number {
  return Math.ceil(tokens / 4) * 4;
}

/** The stretch of memory these slots fill, padding included. */
function region(slots: readonly Slot[], start: number): Arena['trainable'] {
  const last = slots.at(-1)!;
  const floats = (last.offset - start) / 4 + Math.ceil(last.size / 16) * 16;
  const firstGain = slots.find((slot) => !slot.decays);
  return { offset: start, floats, decayed: firstGain ? (firstGain.offset - start) / 4 : floats };
}
