import { type Brief, type DatasetRef, trainFiles } from '../../campaign/brief.ts';
import type { Worth } from '../../campaign/worth.ts';
import type { DataSource, Row } from '../../recipe/types.ts';
import type { Researcher } from '../../researcher/port.ts';
import { attachedId } from '../tree/load-rows.ts';
import type { Pricing } from '../tree/price-run.ts';
import { briefWorth } from './brief-worth.ts';
import type { RowPlace, SplitRows } from './split-rows.ts';

/**
 * What the budget of a brief buys, from rows that stand in no database.
 * @returns null where the rules know of nothing to train
 */
export async function worthOfRows(
  { brief, rows }: { brief: Brief; rows: SplitRows },
  { catalog }: RowPlace,
  { pricing, researcher }: { pricing: Pricing; researcher: Researcher },
): Promise<Worth | null> {
  const { train, items, counts, lengths, trainRows } = rows;
  const { data } = brief;
  const files = data.kind === 'attached' ? trainFiles(data) : [];
  const attached = (file: DatasetRef): DataSource => {
    const id = attachedId(file.sha256);
    const used = files.length === 1 ? counts.train : trainRows?.[id];
    return { id, title: file.name, note: '', rows: used ?? file.rows };
  };
  const pools = (task: string) => catalog.tasks().find(({ name }) => name === task)?.pools ?? [];
  const draft = {
    brief,
    splits: { counts, lengths, hashes: { train: '', search: '', select: '', test: '' } },
    searchItems: items.search,
    sources: data.kind === 'task' ? pools(data.task) : files.map(attached),
    load: async (id: string): Promise<Row[]> =>
      data.kind === 'task'
        ? catalog.load(id)
        : (train ?? []).filter(({ source }) => files.length === 1 || source === id),
  };
  return briefWorth(draft, pricing, researcher);
}
