import { z } from 'zod';

const count = z.number().int().positive();

/** Sizes of a decoder-only transformer, under the names of a Hugging Face config.json in the brackets. */
export const ModelShape = z.strictObject({
  parameters: count,
  /** [num_hidden_layers] */
  layers: count,
  /** [hidden_size] */
  hidden: count,
  /** [intermediate_size] */
  feedForward: count,
  /** [vocab_size] */
  vocabulary: count,
  /** Width of keys, and of values, in a layer: [num_key_value_heads] times [head_dim]. */
  keyValueWidth: count,
});
export type ModelShape = z.infer<typeof ModelShape>;
