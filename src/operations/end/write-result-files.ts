import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CampaignView } from '../../campaign/view.ts';
import { reportMarkdown } from '../../report/final-report.ts';
import { modelCard } from '../../report/model-card.ts';
import { svgSize } from '../../report/picture/svg.ts';
import { treeSvg } from '../../report/tree-picture.ts';
import type { TrialRow } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { drawResultCurves, pngOf } from '../view/draw-curves.ts';
import type { Tree } from '../view/load-tree.ts';
import type { Reproduction } from './reproduction.ts';

const campaignDir = (ctx: Context, campaignId: string): string =>
  join(ctx.settings.dataDir, 'campaigns', campaignId);

/** Absolute path of the folder with the files of an end of a campaign: each end has its own. */
export async function makeResultDir(ctx: Context, campaignId: string, end: number): Promise<string> {
  const dir = campaignDir(ctx, campaignId);
  const own = end <= 1 ? dir : join(dir, `end-${end}`);
  await mkdir(own, { recursive: true });
  return own;
}

/** A node that can be reproduced, with the trial that gave its score. */
export interface Subject {
  node: number;
  trial: TrialRow;
  weightsSha256: string;
  /** Null where it has not answered the test rows. */
  testValue: number | null;
}

/**
 * Writes report, model card, picture, and the input of `trex reproduce`; the same files again after a crash.
 * @param subject null: nothing was trained
 */
export async function writeResultFiles(
  ctx: Context,
  tree: Tree,
  view: CampaignView,
  { dir, subject }: { dir: string; subject: Subject | null },
): Promise<void> {
  const curves = subject === null ? null : await writeCurves(ctx, view.id, { dir, node: subject.node });
  await writeFile(join(dir, 'report.md'), reportMarkdown(view, { curves }));
  const svg = treeSvg(view);
  const { width, height } = svgSize(svg);
  await writeFile(join(dir, 'tree.png'), await ctx.rasterise(svg, width, height));
  if (subject === null) return;
  const about = { license: ctx.settings.license, round: subject.node };
  await writeFile(join(dir, 'model-card.md'), modelCard(view, about));
  const reproduction: Reproduction = {
    campaign: view.id,
    winner: subject.node,
    spec: subject.trial.spec,
    weightsSha256: subject.weightsSha256,
    seconds: tree.jobs.find((job) => job.key === subject.trial.outcome?.runKey)?.runSeconds ?? 0,
    testValue: subject.testValue,
  };
  // `trex reproduce` looks there, whichever end was the last.
  await writeFile(join(campaignDir(ctx, view.id), 'reproduce.json'), JSON.stringify(reproduction, null, 2));
}

/** Draws how a node trained. @returns the name of the file; null where there is nothing to draw */
export async function writeCurves(
  ctx: Context,
  campaignId: string,
  { dir, node }: { dir: string; node: number },
): Promise<string | null> {
  const png = await pngOf(ctx, await drawResultCurves({ ctx, input: { campaignId, node } }));
  if (png === null) return null;
  await writeFile(join(dir, 'curves.png'), png);
  return 'curves.png';
}
