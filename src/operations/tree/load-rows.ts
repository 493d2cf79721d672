import { NotFoundError } from '../../lib/errors.ts';
import { fromJsonl, toJsonl } from '../../recipe/jsonl.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { runRecipe } from '../../recipe/run-recipe.ts';
import type { DataSource, Row } from '../../recipe/types.ts';
import { decontaminate } from '../../scoring/decontaminate.ts';
import type { EvalItem } from '../../scoring/types.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { findDataset } from '../../store/datasets.ts';
import type { Context } from '../context.ts';

/** The data sources that recipes of this campaign may name. */
export async function listSources(ctx: Context, campaign: CampaignRow): Promise<DataSource[]> {
  const data = campaign.brief?.data;
  if (data === undefined) return [];
  if (data.kind === 'task') {
    return ctx.catalog.tasks().find((t) => t.name === data.task)?.pools ?? [];
  }
  const report = (await findDataset(ctx.db, data.train.sha256))?.report;
  const title = data.train.name;
  return [
    {
      id: attachedId(data.train.sha256),
      title,
      note: report?.warnings[0] ?? 'attached by a person',
      rows: campaign.splits?.counts.train ?? data.train.rows,
    },
  ];
}

const attachedId = (sha256: string): string => `attached:${sha256.slice(0, 8)}`;

async function loadSource(ctx: Context, campaign: CampaignRow, id: string): Promise<Row[]> {
  const data = campaign.brief?.data;
  if (data?.kind === 'attached') {
    if (id !== attachedId(data.train.sha256)) throw new NotFoundError(`the data source ${id}`);
    const rows = fromJsonl<Row>(await ctx.blobs.get(campaign.splits?.hashes.train ?? ''));
    return rows.map((row) => ({ ...row, source: id }));
  }
  return ctx.catalog.load(id);
}

export async function loadItems(
  ctx: Context,
  campaign: CampaignRow,
  split: 'search' | 'select' | 'test',
): Promise<EvalItem[]> {
  return fromJsonl<EvalItem>(await ctx.blobs.get(campaign.splits?.hashes[split] ?? ''));
}

export interface PreparedRows {
  rows: Row[];
  /** Blob of exactly these rows: the run spec names it, repeats and later attempts read it. */
  rowsHash: string;
  trace: { step: string; before: number; after: number; note?: string }[];
}

/**
 * Runs a recipe. Whatever it says, rows that stand in an evaluation split are removed at the end.
 * @throws TrexError when nothing is left
 */
export async function prepareRows(
  ctx: Context,
  campaign: CampaignRow,
  recipe: Recipe,
): Promise<PreparedRows> {
  const made = await runRecipe(recipe, (source) => loadSource(ctx, campaign, source));
  const evaluation = (
    await Promise.all((['search', 'select', 'test'] as const).map((s) => loadItems(ctx, campaign, s)))
  ).flat();
  const clean = decontaminate(made.rows, evaluation);
  const trace = [
    ...made.trace,
    { step: 'remove rows of the evaluation data', before: made.rows.length, after: clean.kept.length },
  ];
  return { rows: clean.kept, rowsHash: await ctx.blobs.put(toJsonl(clean.kept)), trace };
}

/** A small fixed sample of what the Researcher may look at, from all sources evenly. */
export async function sampleRows(ctx: Context, campaign: CampaignRow, count: number): Promise<Row[]> {
  const sources = await listSources(ctx, campaign);
  const each = Math.max(1, Math.floor(count / Math.max(1, sources.length)));
  const samples = await Promise.all(
    sources.map(async ({ id }) => {
      const rows = await loadSource(ctx, campaign, id);
      const step = Math.max(1, Math.floor(rows.length / each));
      return rows
        .filter((_, i) => i % step === 0)
        .slice(0, each)
        .map((row) => ({ ...row, source: id }));
    }),
  );
  return samples.flat();
}
