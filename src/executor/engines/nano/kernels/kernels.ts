/**
 * The arithmetic of the trainer. Every tensor is a region of float32 (ids: int32) in one memory, row-major; arguments
 * are byte offsets, counts are in floats and divisible by 4 unless said otherwise. Two implementations share this
 * interface: WebAssembly (fast) and plain JavaScript (the oracle that tests and the bench compare against).
 */
export interface Kernels {
  /**
   * C[rows, columns] = alpha A B, plus the old C when `accumulate` is 1. Strides in floats, so a transposed operand is
   * the same matrix with its strides swapped. `work`: matmulWorkFloats(columns) floats.
   */
  matmul(
    rows: number,
    columns: number,
    inner: number,
    a: number,
    aRowStride: number,
    aColumnStride: number,
    b: number,
    bRowStride: number,
    bColumnStride: number,
    c: number,
    cRowStride: number,
    alpha: number,
    accumulate: 0 | 1,
    work: number,
  ): void;
  /** Softmax in place over the first `valid` entries; entries valid..length become 0. */
  softmaxRow(row: number, length: number, valid: number): void;
  /**
   * Sum of weights[i] * cross-entropy of logits[rows, vocabulary] against targets; a negative target skips its row.
   * With `gradient` = 1 the logits become their gradient (skipped rows: zero).
   */
  crossEntropy(
    rows: number,
    vocabulary: number,
    logits: number,
    targets: number,
    weights: number,
    gradient: 0 | 1,
  ): number;
  /** out[i] (int32) = index of the first largest entry of row i. */
  argmaxRows(rows: number, vocabulary: number, logits: number, out: number): void;
  /**
   * Causal self-attention. qkv: [batch * tokens, 3 * width] as query | key | value; probabilities: [batch, heads,
   * tokens, tokens] (entries far above the diagonal are not written); output: [batch * tokens, width].
   */
  attentionForward(
    batch: number,
    tokens: number,
    heads: number,
    headWidth: number,
    qkv: number,
    probabilities: number,
    output: number,
    work: number,
  ): void;
  /** Gradient of attentionForward; overwrites dQkv. `scratch`: tokens * tokens floats. */
  attentionBackward(
    batch: number,
    tokens: number,
    heads: number,
    headWidth: number,
    qkv: number,
    probabilities: number,
    dOutput: number,
    dQkv: number,
    scratch: number,
    work: number,
  ): void;
  /** One decoding step; keys and values: [rows, context, width] caches. `scores`: context + 4 floats. */
  attentionStep(
    rows: number,
    position: number,
    context: number,
    heads: number,
    headWidth: number,
    qkv: number,
    keys: number,
    values: number,
    output: number,
    scores: number,
  ): void;
  /**
   * Rotary positions on queries and keys in place. Row i is at i % tokens + firstPosition. table: [context,
   * headWidth / 2] pairs (cos, sin). direction 1 rotates, -1 rotates back.
   */
  rotate(
    rows: number,
    tokens: number,
    heads: number,
    headWidth: number,
    qkv: number,
    table: number,
    direction: 1 | -1,
    firstPosition: number,
  ): void;
  /** y = x / rms(x) * gain; inverse[i] keeps 1 / rms of row i. */
  rmsNormForward(rows: number, width: number, x: number, gain: number, y: number, inverse: number): void;
  /** Adds to dx, and to dGain unless it is 0. */
  rmsNormBackward(
    rows: number,
    width: number,
    x: number,
    gain: number,
    inverse: number,
    dy: number,
    dx: number,
    dGain: number,
  ): void;
  /** out = max(x, 0)^2. */
  squaredReluForward(count: number, x: number, out: number): void;
  /** dx = dOut * 2 max(x, 0). */
  squaredReluBackward(count: number, x: number, dOut: number, dx: number): void;
  /** x[i] = embedding[ids[i]]. */
  embedForward(rows: number, width: number, ids: number, embedding: number, x: number): void;
  /** dEmbedding[ids[i]] += dx[i]. */
  embedBackward(rows: number, width: number, ids: number, dx: number, dEmbedding: number): void;
  /** Largest absolute value; NaN when one is in there. */
  maxAbsolute(count: number, x: number): number;
  sumOfSquares(count: number, x: number): number;
  /** One AdamW update; correction = 1 / (1 - beta^step); the gradient is multiplied by gradientScale first. */
  adamW(
    count: number,
    weights: number,
    gradients: number,
    first: number,
    second: number,
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    weightDecay: number,
    correction1: number,
    correction2: number,
    gradientScale: number,
  ): void;
}

/** The first bytes of the memory belong to the kernels (tables of the logarithm, 1,024 to 5,136); tensors lie above. */
export const reservedBytes = 8_192;

export type Backend = 'wasm' | 'javascript';

/** Floats of scratch that matmul needs for a result of at most `columns` columns (tile + packed A + packed B). */
export function matmulWorkFloats(columns: number): number {
  return 64 + 96 * 256 + 256 * (Math.ceil(columns / 8) * 8);
}
