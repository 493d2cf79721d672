import type { Engine, RowUse } from '../../executor/engine.ts';
import { countText, numberText } from '../../lib/text.ts';
import { pauseForEventLoop } from '../../recipe/pause.ts';
import type { Row } from '../../recipe/types.ts';

const rowsBetweenPauses = 2000;

/** Rows that the engine can use. */
export interface FittingRows {
  rows: Row[];
  /** Rows that are left out and the reason: `12 with characters that it cannot read (it reads ASCII)`. */
  reasons: string[];
}

/** Asks the engine of every row. */
export async function fitRows(
  engine: Pick<Engine, 'unfit'>,
  rows: readonly Row[],
  use: RowUse,
): Promise<FittingRows> {
  if (engine.unfit === undefined) return { rows: [...rows], reasons: [] };
  const fitting: Row[] = [];
  const leftOut = new Map<string, number>();
  for (let i = 0; i < rows.length; i++) {
    const why = engine.unfit(rows[i]!, use);
    if (why === null) fitting.push(rows[i]!);
    else leftOut.set(why, (leftOut.get(why) ?? 0) + 1);
    if (i % rowsBetweenPauses === rowsBetweenPauses - 1) await pauseForEventLoop();
  }
  return { rows: fitting, reasons: [...leftOut].map(([why, count]) => `${numberText(count)} ${why}`) };
}

/** The note about rows of a file that are left out. */
export const sayLeftOut = (model: string, file: string, total: number, reasons: readonly string[]): string =>
  `${model} cannot use some of the ${countText(total, 'row')} of \`${file}\`; I leave out ${reasons.join(', ')}.`;
