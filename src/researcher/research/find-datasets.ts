import type { DatasetFinding } from '../../campaign/findings.ts';
import { cleanLine } from '../clean-text.ts';
import type { Run } from './run.ts';
import {
  createHfDatasets,
  type DatasetInfo,
  type DatasetSplit,
  type HfDatasets,
} from './services/hf-datasets.ts';
import { searchRepos } from './services/search-repos.ts';

const kept = 3;
const maxSplits = 5;
const maxColumns = 12;

/** Data sets by name, each with licence, gating, size, splits, columns and one row, as far as they are shown. */
export async function findDatasets(run: Run, words: readonly string[]): Promise<DatasetFinding[]> {
  const datasets = createHfDatasets(run.ask);
  const ids = await run.attempt(() => searchRepos(datasets.search, words, kept), []);
  const findings: DatasetFinding[] = [];
  for (const id of ids) {
    const info = await run.attempt<DatasetInfo | null>(() => datasets.byId(id), null);
    if (info !== null) findings.push(await look(run, datasets, info));
  }
  return findings;
}

async function look(run: Run, datasets: HfDatasets, info: DatasetInfo): Promise<DatasetFinding> {
  const splits = await run.attempt<DatasetSplit[]>(() => datasets.splits(info.id), []);
  const size = await run.attempt(() => datasets.size(info.id), null);
  const first = splits.find(({ split }) => split === 'train') ?? splits[0];
  const preview =
    first === undefined ? null : await run.attempt(() => datasets.firstRows(info.id, first, 1), null);
  const [example] = preview?.rows ?? [];
  return {
    kind: 'dataset',
    id: info.id,
    url: `https://huggingface.co/datasets/${info.id}`,
    licence: info.licence === null ? null : cleanLine(info.licence, 60),
    gated: info.gated,
    rows: size?.rows ?? null,
    bytes: size?.bytes ?? null,
    splits: splits.slice(0, maxSplits).map(({ config, split }) => ({
      name: cleanLine(config === 'default' ? split : `${config}/${split}`, 60),
      rows: size?.splits.get(`${config}/${split}`) ?? null,
    })),
    columns: (preview?.columns ?? [])
      .slice(0, maxColumns)
      .map(({ name, type }) => ({ name: cleanLine(name, 60), type: cleanLine(type, 40) })),
    example: example === undefined ? null : cutColumns(example),
    quote: cleanLine(info.description ?? '', 200),
  };
}

const cutColumns = (row: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(row)
      .slice(0, maxColumns)
      .map(([name, cell]) => [cleanLine(name, 60), cell]),
  );
