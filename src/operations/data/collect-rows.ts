import { type Brief, type DatasetRef, trainFiles } from '../../campaign/brief.ts';
import type { Engine } from '../../executor/engine.ts';
import { BadInputError } from '../../lib/errors.ts';
import { countText, numberText } from '../../lib/text.ts';
import type { DataCatalog, Row } from '../../recipe/types.ts';
import { canEvaluate } from '../../scoring/splits.ts';
import { fitRows, sayLeftOut } from './fit-rows.ts';
import { attachedId } from './load-rows.ts';

/** Below this share of usable rows, a file is not what the model was meant for. */
const minUsableShare = 0.1;

/** Where rows come from, and who has to be able to use them. */
export interface RowPlace {
  engine: Pick<Engine, 'unfit' | 'countTokens'>;
  catalog: DataCatalog;
  /** The rows of an attached file, by its hash. */
  load: (sha256: string) => Promise<Row[]>;
}

export interface CollectedRows {
  /** Rows to train on, or to hold back evaluation rows from; those of several files name theirs as `source`. */
  train: Row[];
  /** Null: to be held back. */
  evaluation: Row[] | null;
  /** Which rows are not among them, a sentence each. */
  notes: string[];
}

/**
 * The rows of a brief's files that the engine can use. A file for evaluation goes before rows that a training file keeps
 * for evaluation itself.
 * @throws BadInputError `rows_unfit` when nearly none of a file's rows can be used
 */
export async function collectRows(
  place: Pick<RowPlace, 'engine' | 'load'>,
  data: Extract<Brief['data'], { kind: 'attached' }>,
  scope: Brief['scope'],
): Promise<CollectedRows> {
  const notes: string[] = [];
  const files = trainFiles(data);
  const train: Row[] = [];
  const kept: Row[] = [];
  for (const file of files) {
    const source = files.length === 1 ? {} : { source: attachedId(file.sha256) };
    for (const { split, ...row } of await usableRows(place, file, scope, notes))
      (split === undefined ? train : kept).push({ ...row, ...source });
  }
  if (data.evaluation !== null) {
    const rows = await usableRows(place, data.evaluation, scope, notes);
    const marked = rows.filter(({ split }) => split !== undefined);
    if (kept.length > 0)
      notes.push(
        `I measure on \`${data.evaluation.name}\`, and leave out the ${countText(kept.length, 'row')} that the training data keep for evaluation.`,
      );
    return { train, evaluation: marked.length > 0 ? marked : rows, notes };
  }
  if (kept.length === 0) return { train, evaluation: null, notes };
  if (canEvaluate(kept)) return { train, evaluation: kept, notes };
  notes.push(
    `The ${countText(kept.length, 'row')} that the file keeps for evaluation are too few to measure on; I leave them out and hold back some of the others.`,
  );
  return { train, evaluation: null, notes };
}

async function usableRows(
  place: Pick<RowPlace, 'engine' | 'load'>,
  file: DatasetRef,
  scope: Brief['scope'],
  notes: string[],
): Promise<Row[]> {
  const all = await place.load(file.sha256);
  const { rows, reasons } = await fitRows(place.engine, all, scope);
  if (rows.length < minUsableShare * all.length)
    throw new BadInputError(
      'rows_unfit',
      `${scope.baseModel} can use ${rows.length === 0 ? 'none' : `only ${numberText(rows.length)}`} of the ${countText(all.length, 'row')} of \`${file.name}\`: it cannot use ${reasons.join(', ')}. Take another model, or send other rows.`,
    );
  if (reasons.length > 0) notes.push(sayLeftOut(scope.baseModel, file.name, all.length, reasons));
  return rows;
}
