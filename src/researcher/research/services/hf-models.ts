import { z } from 'zod';
import { readAnswer, readEntries } from '../read-answer.ts';
import type { Ask } from '../types.ts';
import { Gating, licenceOf, oneOrMany, RepoId, repoPath } from './hub-fields.ts';
import { mostDownloaded } from './most-downloaded.ts';

/** A fine-tuned model with its sources and results, as its card states them. */
export interface ModelInfo {
  id: string;
  licence: string | null;
  gated: boolean | null;
  downloads: number | null;
  baseModels: string[];
  datasets: string[];
  /** Results of the card: metric, value and data set, as written there. */
  results: { dataset: string; metric: string; value: string }[];
  tags: string[];
}

export interface HfModels {
  /** Ids, most downloaded first. */
  search(words: string, limit: number): Promise<string[]>;
  byId(id: string): Promise<ModelInfo>;
}

const Metric = z.object({
  type: z.string().nullish(),
  name: z.string().nullish(),
  value: z.union([z.number(), z.string()]),
});
const Result = z.object({
  dataset: z.object({ name: z.string().nullish(), type: z.string().nullish() }).nullish(),
  metrics: z.array(z.unknown()).nullish(),
});
const ModelIndex = z
  .array(z.object({ results: z.array(z.unknown()).nullish() }))
  .nullish()
  .catch(null);
const Detail = z.object({
  id: RepoId,
  gated: Gating,
  downloads: z.number().nullish(),
  tags: z.array(z.string()).nullish(),
  'model-index': ModelIndex,
  cardData: z
    .object({ license: oneOrMany, base_model: oneOrMany, datasets: oneOrMany, 'model-index': ModelIndex })
    .nullish()
    .catch(null),
});

export function createHfModels(ask: Ask): HfModels {
  const name = 'Hugging Face';
  return {
    search: (words, limit) => mostDownloaded(ask, 'models', words, limit),
    byId: async (id) => {
      const text = await ask('huggingFace', `/api/models/${repoPath(id)}`, { fresh: true });
      const found = readAnswer(Detail, text, name);
      const tags = found.tags ?? [];
      return {
        id: found.id,
        licence: licenceOf(found.cardData?.license ?? [], tags),
        gated: found.gated,
        downloads: found.downloads ?? null,
        baseModels: found.cardData?.base_model ?? [],
        datasets: found.cardData?.datasets ?? [],
        results: readResults(found['model-index'] ?? found.cardData?.['model-index'] ?? []),
        tags,
      };
    },
  };
}

function readResults(index: { results?: unknown[] | null | undefined }[]): ModelInfo['results'] {
  return readEntries(
    Result,
    index.flatMap(({ results }) => results ?? []),
  ).flatMap(({ dataset, metrics }) =>
    readEntries(Metric, metrics ?? []).flatMap(({ name, type, value }) => {
      const metric = name ?? type;
      const data = dataset?.name ?? dataset?.type;
      return metric == null || data == null ? [] : [{ dataset: data, metric, value: String(value) }];
    }),
  );
}
