import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFoundError, TrexError } from '../../lib/errors.ts';
import { hashFile } from '../../lib/hash-file.ts';
import { reportMarkdown } from '../../report/final-report.ts';
import { forOutside } from '../../report/for-outside.ts';
import { modelCard } from '../../report/model-card.ts';
import { svgSize } from '../../report/picture/svg.ts';
import { treeSvg } from '../../report/tree-picture.ts';
import type { Parcel, ParcelFile } from '../../shipping/port.ts';
import { findJob } from '../../store/jobs.ts';
import type { ShipmentRow } from '../../store/shipments.ts';
import { getTrial } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import type { Reproduction } from '../end/reproduction.ts';
import { writeCurves } from '../end/write-result-files.ts';
import { runFolder } from '../launch/run-folder.ts';
import { loadView } from '../view/load-view.ts';

/**
 * Everything that is shipped, each file with its hash: the weights as the run left them, the files that load them,
 * and the texts about them. The texts are written once and kept until it has arrived, so that a second attempt sends
 * the same bytes.
 * @throws TrexError with fault `data` when the weights are not those that were approved; `cluster` when they cannot
 * be fetched
 */
export async function packParcel(ctx: Context, row: ShipmentRow): Promise<Parcel> {
  const { engine } = ctx;
  const companions = engine.weightsCompanions ?? [];
  await ctx.cluster.fetch(row.runKey, [engine.weightsFile, ...companions]);
  const from = runFolder(ctx, row.runKey);
  const weights = await describe(from, engine.weightsFile);
  if (weights === null) {
    throw new TrexError(
      'weights_missing',
      'data',
      `The weights of #${row.round} are not where the run left them.`,
    );
  }
  if (weights.sha256 !== row.weightsSha256) {
    throw new TrexError(
      'weights_mismatch',
      'data',
      `The weights of #${row.round} are not the ones that were agreed to (sha256 ${weights.sha256.slice(0, 12)}, agreed ${row.weightsSha256.slice(0, 12)}): something has changed the file.`,
    );
  }
  const texts = await writeTexts(ctx, row);
  const files = [weights];
  for (const name of companions) files.push(...present(await describe(from, name)));
  for (const name of (await readdir(texts)).sort()) files.push(...present(await describe(texts, name)));
  return {
    name: row.terms.place.split('/').at(-1) ?? '',
    title: `Node ${row.round} of ${row.campaignId}`,
    files,
  };
}

const textsDir = (ctx: Context, id: string): string => join(ctx.settings.dataDir, 'shipments', id);

/** Removes files that only a shipment in progress needs. */
export async function clearParcel(ctx: Context, row: ShipmentRow): Promise<void> {
  await rm(textsDir(ctx, row.id), { recursive: true, force: true });
  // They were brought here for this alone; what the cluster has stays there.
  if (!ctx.settings.fetchWeights)
    await rm(join(runFolder(ctx, row.runKey), ctx.engine.weightsFile), { force: true });
}

async function writeTexts(ctx: Context, row: ShipmentRow): Promise<string> {
  const dir = textsDir(ctx, row.id);
  if (existsSync(dir)) return dir;
  const view = forOutside(await loadView({ ctx, campaignId: row.campaignId }), ctx.engine.weightsFile);
  const isWinner = view.final?.winner === row.round;
  const job = await findJob(ctx.db, row.runKey);
  if (job === undefined) throw new NotFoundError(`the run ${row.runKey}`);
  const trial = await getTrial(ctx.db, job.trialId);
  const reproduction: Reproduction = {
    campaign: row.campaignId,
    winner: row.round,
    spec: trial.spec,
    weightsSha256: row.weightsSha256,
    seconds: job.runSeconds,
    testValue: isWinner ? (view.final?.bestTest.value ?? null) : null,
  };
  const svg = treeSvg(view);
  const { width, height } = svgSize(svg);
  const part = `${dir}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  await writeFile(join(part, 'README.md'), modelCard(view, { license: row.terms.license, round: row.round }));
  const curves = await writeCurves(ctx, view.id, { dir: part, node: row.round });
  await writeFile(join(part, 'report.md'), reportMarkdown(view, { curves }));
  await writeFile(join(part, 'reproduce.json'), JSON.stringify(reproduction, null, 2));
  await writeFile(join(part, 'tree.png'), await ctx.rasterise(svg, width, height));
  await rename(part, dir);
  return dir;
}

async function describe(dir: string, name: string): Promise<ParcelFile | null> {
  const path = join(dir, name);
  const found = await hashFile(path);
  return found && { name, path, ...found };
}

const present = <T>(value: T | null): T[] => (value === null ? [] : [value]);
