import { z } from 'zod';
import { cleanLine } from '../../clean-text.ts';
import { readAnswer, readEntries } from '../read-answer.ts';
import type { Ask } from '../types.ts';
import { Gating, licenceOf, oneOrMany, RepoId, repoPath } from './hub-fields.ts';
import { mostDownloaded } from './most-downloaded.ts';

/** The Hub's record of a data set. */
export interface DatasetInfo {
  id: string;
  licence: string | null;
  gated: boolean | null;
  downloads: number | null;
  description: string | null;
}

export interface DatasetSplit {
  config: string;
  split: string;
}

/** The dataset viewer's preview of one split. Cells are cut to `maxCellChars`. */
export interface DatasetPreview {
  columns: { name: string; type: string }[];
  rows: Record<string, string>[];
}

export interface DatasetSize {
  rows: number | null;
  bytes: number | null;
  /** Rows by `config/split`. */
  splits: Map<string, number>;
}

export interface HfDatasets {
  /** Ids, most downloaded first. */
  search(words: string, limit: number): Promise<string[]>;
  byId(id: string): Promise<DatasetInfo>;
  splits(id: string): Promise<DatasetSplit[]>;
  size(id: string): Promise<DatasetSize>;
  firstRows(id: string, split: DatasetSplit, limit: number): Promise<DatasetPreview>;
}

const maxCellChars = 150;

const Detail = z.object({
  id: RepoId,
  gated: Gating,
  downloads: z.number().nullish(),
  description: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  cardData: z.object({ license: oneOrMany }).nullish().catch(null),
});
const Splits = z.object({ splits: z.array(z.unknown()) });
const Split = z.object({ config: z.string(), split: z.string() });
const Size = z.object({
  size: z.object({
    dataset: z.object({ num_rows: z.number().nullish(), num_bytes_parquet_files: z.number().nullish() }),
    splits: z.array(z.unknown()).nullish(),
  }),
});
const SplitSize = z.object({ config: z.string(), split: z.string(), num_rows: z.number() });
const FirstRows = z.object({ features: z.array(z.unknown()), rows: z.array(z.unknown()) });
const Feature = z.object({
  name: z.string(),
  type: z.object({ dtype: z.string().nullish(), _type: z.string().nullish() }).nullish().catch(null),
});
const Row = z.object({ row: z.record(z.string(), z.unknown()) });

export function createHfDatasets(ask: Ask): HfDatasets {
  const hub = 'Hugging Face';
  const viewer = 'The dataset viewer';
  const view = (path: string, parameters: Record<string, string>): Promise<string> =>
    ask('datasetViewer', `${path}?${new URLSearchParams(parameters)}`);
  return {
    search: (words, limit) => mostDownloaded(ask, 'datasets', words, limit),
    byId: async (id) => {
      const text = await ask('huggingFace', `/api/datasets/${repoPath(id)}`, { fresh: true });
      const { cardData, gated, downloads, description, tags, ...found } = readAnswer(Detail, text, hub);
      return {
        id: found.id,
        licence: licenceOf(cardData?.license ?? [], tags ?? []),
        gated,
        downloads: downloads ?? null,
        description: description ?? null,
      };
    },
    splits: async (dataset) =>
      readEntries(Split, readAnswer(Splits, await view('/splits', { dataset }), viewer).splits),
    size: async (dataset) => {
      const { size } = readAnswer(Size, await view('/size', { dataset }), viewer);
      return {
        rows: size.dataset.num_rows ?? null,
        bytes: size.dataset.num_bytes_parquet_files ?? null,
        splits: new Map(
          readEntries(SplitSize, size.splits ?? []).map((s) => [`${s.config}/${s.split}`, s.num_rows]),
        ),
      };
    },
    firstRows: async (dataset, { config, split }, limit) => {
      const { features, rows } = readAnswer(
        FirstRows,
        await view('/first-rows', { dataset, config, split }),
        viewer,
      );
      return {
        columns: readEntries(Feature, features).map(({ name, type }) => ({
          name,
          type: type?.dtype ?? type?._type ?? 'unknown',
        })),
        rows: readEntries(Row, rows.slice(0, limit)).map(({ row }) =>
          Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, cellText(cell)])),
        ),
      };
    },
  };
}

const cellText = (cell: unknown): string =>
  cleanLine(typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? ''), maxCellChars);
