import { type Brief, trainFiles } from '../../campaign/brief.ts';
import type { Worth } from '../../campaign/worth.ts';
import type { DataSource, Row } from '../../recipe/types.ts';
import type { Researcher } from '../../researcher/port.ts';
import type { RowPlace } from '../data/collect-rows.ts';
import { attachedId, poolsOf, rowsOfFile, usedRows } from '../data/load-rows.ts';
import type { SplitRows } from '../data/split-rows.ts';
import type { Pricing } from '../plan/price-run.ts';
import { briefWorth } from './brief-worth.ts';

/**
 * The training that the budget of a brief buys, from rows that are in no database.
 * @returns null where the rules know of nothing to train
 */
export async function worthOfRows(
  { brief, rows }: { brief: Brief; rows: SplitRows },
  { catalog }: RowPlace,
  { pricing, researcher }: { pricing: Pricing; researcher: Researcher },
): Promise<Worth | null> {
  const { train, items, counts, lengths } = rows;
  const { data } = brief;
  const files = data.kind === 'attached' ? trainFiles(data) : [];
  const attached = usedRows(files, rows).map(
    ({ file, rows: used }): DataSource => ({
      id: attachedId(file.sha256),
      title: file.name,
      note: '',
      rows: used,
    }),
  );
  const draft = {
    brief,
    splits: { counts, lengths, hashes: { train: '', search: '', select: '', test: '' } },
    searchItems: items.search,
    sources: data.kind === 'task' ? poolsOf(catalog, data.task) : attached,
    load: async (id: string): Promise<Row[]> =>
      data.kind === 'task' ? catalog.load(id) : rowsOfFile(train ?? [], files, id),
  };
  return briefWorth(draft, pricing, researcher);
}
