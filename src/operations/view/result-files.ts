import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CampaignView } from '../../campaign/view.ts';
import type { Context } from '../context.ts';

/** A file that the last end of a campaign left. */
export interface ResultFile {
  name: string;
  /** Absolute. */
  path: string;
  bytes: number;
  kind: 'markdown' | 'picture' | 'weights';
}

const documents: Pick<ResultFile, 'name' | 'kind'>[] = [
  { name: 'report.md', kind: 'markdown' },
  { name: 'model-card.md', kind: 'markdown' },
  { name: 'tree.png', kind: 'picture' },
  { name: 'curves.png', kind: 'picture' },
];

/**
 * Files of a campaign that has ended, documents first. Weights only where they are on this machine and are those that
 * the run reported, with the files that belong to them. Empty while it runs.
 */
export async function listResultFiles(
  ctx: Pick<Context, 'engine'>,
  view: Pick<CampaignView, 'final' | 'kept'>,
): Promise<ResultFile[]> {
  const dir = view.final !== null ? dirname(view.final.reportPath) : (view.kept?.dir ?? null);
  if (dir === null) return [];
  const { weightsFile, weightsCompanions = [] } = ctx.engine;
  const place = view.final !== null ? view.final.weights : view.kept?.best?.weights;
  const isHere = place?.host === null && place.check === 'verified';
  const weights = isHere ? [weightsFile, ...weightsCompanions] : [];
  const from = isHere ? dirname(place.path) : dir;
  const wanted = [
    ...documents.map((one) => ({ ...one, path: join(dir, one.name) })),
    ...weights.map((name) => ({ name, kind: 'weights' as const, path: join(from, name) })),
  ];
  const found = await Promise.all(
    wanted.map(async (one) => {
      const facts = await stat(one.path).catch(() => null);
      return facts?.isFile() ? [{ ...one, bytes: facts.size }] : [];
    }),
  );
  return found.flat();
}
