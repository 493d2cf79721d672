import type { Brief } from '../../campaign/brief.ts';
import { NotFoundError } from '../../lib/errors.ts';
import type { DataCatalog, Row } from '../../recipe/types.ts';
import { assignSplits, splitEvaluation } from '../../scoring/splits.ts';
import type { EvalItem, SplitName } from '../../scoring/types.ts';

/** One salt for all campaigns: the same file is always split the same way, so two campaigns on it can be compared. */
const splitSettings = { salt: 'trex-1' };

export interface SplitRows {
  /** Null for a task of the catalogue, whose training data are pools. */
  train: Row[] | null;
  items: Record<Exclude<SplitName, 'train'>, EvalItem[]>;
  counts: Record<SplitName, number>;
}

/**
 * The four splits of a brief's data. `load` gives the rows of an attached file.
 * @throws TrexError when there are too few rows, with what to do
 */
export async function splitRows(
  brief: Pick<Brief, 'data'>,
  catalog: DataCatalog,
  load: (sha256: string) => Promise<Row[]>,
): Promise<SplitRows> {
  const { data } = brief;
  if (data.kind === 'task') {
    const found = catalog.tasks().find((task) => task.name === data.task);
    if (found === undefined) throw new NotFoundError(`the task ${data.task}`);
    const items = splitEvaluation(await catalog.evaluation(data.task), splitSettings);
    const rows = found.pools.reduce((sum, pool) => sum + pool.rows, 0);
    return counted(null, items, rows);
  }
  const train = await load(data.train.sha256);
  if (data.evaluation === null) {
    const parts = assignSplits(train, null, splitSettings);
    return counted(parts.train, parts, parts.train.length);
  }
  return counted(train, splitEvaluation(await load(data.evaluation.sha256), splitSettings), train.length);
}

function counted(train: Row[] | null, items: SplitRows['items'], trainCount: number): SplitRows {
  const { search, select, test } = items;
  return {
    train,
    items: { search, select, test },
    counts: { train: trainCount, search: search.length, select: select.length, test: test.length },
  };
}
