import { z } from 'zod';
import { TrexError } from '../../../lib/errors.ts';
import { ModelShape } from '../../estimates/model-shape.ts';

/** A base model that campaigns may fine-tune. */
const GpuModel = z.strictObject({
  /** Name for people and in run specs. */
  id: z.string().regex(/^[\w.:-]{1,80}$/, 'must be letters, digits and . _ : -'),
  title: z.string().min(1).max(100),
  /** Folder on the cluster, or a name of the Hugging Face Hub where downloads are allowed. */
  path: z.string().min(1),
  /** Whether prompts go through the chat template of its tokenizer. */
  chat: z.boolean(),
  /** Maximum tokens of a row, prompt and answer; not above the model's context. */
  maxSequenceTokens: z.int().min(8),
  shape: ModelShape,
});
export type GpuModel = z.infer<typeof GpuModel>;

const Models = z
  .array(GpuModel)
  .min(1)
  .refine(
    (models) => new Set(models.map(({ id }) => id)).size === models.length,
    'two models have the same id',
  );

/** Reads the file of TREX_MODELS. @throws TrexError `bad_config` with a sentence for every field that is wrong */
export function parseModels(text: string, file: string): GpuModel[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TrexError('bad_config', 'config', `TREX_MODELS: ${file} is not JSON.`, { cause });
  }
  const parsed = Models.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the list'}: ${issue.message}`,
  );
  throw new TrexError('bad_config', 'config', `TREX_MODELS: ${file} cannot be used: ${problems.join('; ')}.`);
}
