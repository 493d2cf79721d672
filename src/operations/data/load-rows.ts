import { type DatasetRef, trainFiles } from '../../campaign/brief.ts';
import { NotFoundError, TrexError } from '../../lib/errors.ts';
import { fromJsonl, toJsonl } from '../../recipe/jsonl.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { type RecipeTrace, runRecipe } from '../../recipe/run-recipe.ts';
import type { DataCatalog, DataSource, Row } from '../../recipe/types.ts';
import { decontaminate } from '../../scoring/decontaminate.ts';
import type { EvalItem } from '../../scoring/types.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { findDataset } from '../../store/datasets.ts';
import type { StoredSplits } from '../../store/schema.ts';
import type { Context } from '../context.ts';
import { approvedPython } from './approved-code.ts';
import { fitRows } from './fit-rows.ts';

const attachedPrefix = 'attached:';

/** The data sources that recipes of this campaign may name. */
export async function listSources(ctx: Context, campaign: CampaignRow): Promise<DataSource[]> {
  const data = campaign.brief?.data;
  if (data === undefined) return [];
  const added = await Promise.all(
    (campaign.steering.addedData ?? []).map((file) => attachedSource(ctx, file, file.rows)),
  );
  if (data.kind === 'task') return [...poolsOf(ctx.catalog, data.task), ...added];
  const used = usedRows(trainFiles(data), campaign.splits ?? {});
  const train = await Promise.all(used.map(({ file, rows }) => attachedSource(ctx, file, rows)));
  return [...train, ...added];
}

export const poolsOf = (catalog: DataCatalog, task: string): DataSource[] =>
  catalog.tasks().find(({ name }) => name === task)?.pools ?? [];

/** How many rows of each training file are left to learn from. */
export const usedRows = (
  files: readonly DatasetRef[],
  { counts, trainRows }: Partial<Pick<StoredSplits, 'counts' | 'trainRows'>>,
): { file: DatasetRef; rows: number }[] =>
  files.map((file) => ({
    file,
    rows: (files.length === 1 ? counts?.train : trainRows?.[attachedId(file.sha256)]) ?? file.rows,
  }));

/** Of the training rows of several files, those of one; a single file has them all. */
export const rowsOfFile = (rows: Row[], files: readonly DatasetRef[], id: string): Row[] =>
  files.length === 1 ? rows : rows.filter(({ source }) => source === id);

async function attachedSource(ctx: Context, file: DatasetRef, rows: number): Promise<DataSource> {
  const report = (await findDataset(ctx.db, file.sha256))?.report;
  const note = report?.warnings[0] ?? 'attached by a person';
  return { id: attachedId(file.sha256), title: file.name, note, rows };
}

export const attachedId = (sha256: string): string => attachedPrefix + sha256.slice(0, 8);

/** @throws NotFoundError when there is no such source in this campaign */
export async function loadSource(ctx: Context, campaign: CampaignRow, id: string): Promise<Row[]> {
  const data = campaign.brief?.data;
  const files = data?.kind === 'attached' ? trainFiles(data) : [];
  if (files.some(({ sha256 }) => attachedId(sha256) === id)) {
    return rowsOfFile(await readRows(ctx, campaign.splits?.hashes.train ?? '', id), files, id);
  }
  if (data?.kind === 'task' && !id.startsWith(attachedPrefix)) return ctx.catalog.load(id);
  const file = campaign.steering.addedData?.find(({ sha256 }) => attachedId(sha256) === id);
  const stored = file === undefined ? undefined : await findDataset(ctx.db, file.sha256);
  if (stored === undefined) throw new NotFoundError(`the data source ${id}`);
  // Its rows were not there when the splits were made: evaluation rows must not even be read.
  const rows = (await readRows(ctx, stored.rowsBlob, id)).filter(({ split }) => split === undefined);
  return decontaminate(rows, await loadEvaluation(ctx, campaign)).kept;
}

async function readRows(ctx: Context, blob: string, source: string): Promise<Row[]> {
  return fromJsonl<Row>(await ctx.blobs.get(blob, `the training rows of ${source}`)).map((row) => ({
    source,
    ...row,
  }));
}

export async function loadItems(
  ctx: Context,
  campaign: CampaignRow,
  split: 'search' | 'select' | 'test',
): Promise<EvalItem[]> {
  return fromJsonl<EvalItem>(await ctx.blobs.get(campaign.splits?.hashes[split] ?? '', `the ${split} split`));
}

async function loadEvaluation(ctx: Context, campaign: CampaignRow): Promise<EvalItem[]> {
  const splits = ['search', 'select', 'test'] as const;
  return (await Promise.all(splits.map((split) => loadItems(ctx, campaign, split)))).flat();
}

export interface PreparedRows {
  rows: Row[];
  /** Blob of exactly these rows: the run spec names it, repeats and later attempts read it. */
  rowsHash: string;
  trace: RecipeTrace[];
}

/**
 * Runs a recipe; code in it runs only as approved. Rows that are in an evaluation split are removed at the end,
 * whatever the recipe says.
 * @throws TrexError when nothing is left, or code in it may not run or fails
 */
export async function prepareRows(
  ctx: Context,
  campaign: CampaignRow,
  recipe: Recipe,
): Promise<PreparedRows> {
  const made = await runRecipe(recipe, (source) => loadSource(ctx, campaign, source), {
    runPython: approvedPython(ctx, campaign.id),
  });
  const clean = decontaminate(made.rows, await loadEvaluation(ctx, campaign)).kept;
  const isPaired = campaign.brief?.scope.objective === 'dpo';
  const paired = isPaired ? clean.filter(({ rejected }) => rejected !== undefined) : clean;
  const scope = campaign.brief?.scope;
  const { rows, reasons } =
    scope === undefined ? { rows: paired, reasons: [] } : await fitRows(ctx.engine, paired, scope);
  if (rows.length === 0)
    throw new TrexError(
      'recipe_empty',
      'data',
      `Nothing is left to train on: the rows that remain stand in the evaluation data${isPaired ? ', have no `rejected` answer' : ''}${reasons.length > 0 ? ` or cannot be used by the model (${reasons.join(', ')})` : ''}.`,
    );
  const trace = [
    ...made.trace,
    { step: 'remove rows of the evaluation data', before: made.rows.length, after: clean.length },
    ...(isPaired
      ? [{ step: 'leave out rows without a rejected answer', before: clean.length, after: paired.length }]
      : []),
    ...(reasons.length > 0
      ? [
          {
            step: 'leave out rows that the model cannot use',
            before: paired.length,
            after: rows.length,
            note: reasons.join(', '),
          },
        ]
      : []),
  ];
  return { rows, rowsHash: await ctx.blobs.put(toJsonl(rows)), trace };
}

/** A small fixed sample of what the Researcher may look at, from all sources evenly. */
export async function sampleRows(
  sources: DataSource[],
  load: (source: string) => Promise<Row[]>,
  count: number,
): Promise<Row[]> {
  const each = Math.max(1, Math.floor(count / Math.max(1, sources.length)));
  const samples = await Promise.all(
    sources.map(async ({ id }) => {
      const rows = await load(id);
      const step = Math.max(1, Math.floor(rows.length / each));
      return rows
        .filter((_, i) => i % step === 0)
        .slice(0, each)
        .map((row) => ({ ...row, source: id }));
    }),
  );
  return samples.flat();
}
