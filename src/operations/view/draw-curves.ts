import { curveSvg, type LossCurve } from '../../report/curve-picture.ts';
import { svgSize } from '../../report/picture/svg.ts';
import { listLosses } from '../../store/curves.ts';
import { listNodes, type NodeRow } from '../../store/nodes.ts';
import { listTrials, type TrialRow } from '../../store/trials.ts';
import type { Context } from '../context.ts';

/** More than a picture can show. */
const maxPoints = 240;

/** The training losses of a node's trials as SVG; null where nothing of it has trained, or there is no such node. */
export async function drawNodeCurves({
  ctx,
  input: { campaignId, node: number },
}: {
  ctx: Pick<Context, 'db'>;
  input: { campaignId: string; node: number };
}): Promise<string | null> {
  const [nodes, trials] = await Promise.all([listNodes(ctx.db, campaignId), listTrials(ctx.db, campaignId)]);
  const node = nodes.find((one) => one.number === number);
  if (node === undefined) return null;
  const own = trials.filter((t) => t.nodeId === node.id && t.purpose === 'search');
  return draw(
    ctx,
    `#${node.number} ${node.title}`,
    own.map((trial) => ({ trial, label: labelOf(trial) })),
  );
}

/** The winner's training beside that of the node it grew from; null where neither has left a loss. */
export async function drawResultCurves({
  ctx,
  input: { campaignId, node: number },
}: {
  ctx: Pick<Context, 'db'>;
  input: { campaignId: string; node: number };
}): Promise<string | null> {
  const [nodes, trials] = await Promise.all([listNodes(ctx.db, campaignId), listTrials(ctx.db, campaignId)]);
  const winner = nodes.find((one) => one.number === number);
  const parent = nodes.find((one) => one.id === winner?.parentId);
  const shown = [winner, parent].flatMap((node) => {
    const trial = trials.find((t) => t.id === node?.bestTrialId);
    return node === undefined || trial === undefined ? [] : [{ trial, label: nameOf(node, node === winner) }];
  });
  return draw(ctx, `Training of #${number}`, shown);
}

const nameOf = ({ number }: NodeRow, isWinner: boolean): string =>
  isWinner ? `#${number}` : `#${number}, its parent`;

const labelOf = ({ index, changes }: TrialRow): string => changes.join(', ') || `trial ${index + 1}`;

async function draw(
  ctx: Pick<Context, 'db'>,
  title: string,
  shown: { trial: TrialRow; label: string }[],
): Promise<string | null> {
  const points = await listLosses(
    ctx.db,
    shown.map(({ trial }) => trial.id),
    maxPoints,
  );
  if (points.length === 0) return null;
  const curves: LossCurve[] = shown.map(({ trial, label }) => ({
    label,
    points: points.filter(({ trialId }) => trialId === trial.id),
  }));
  return curveSvg(title, curves);
}

/** PNG of a picture of ours; null where there is none, or it cannot be drawn. */
export async function pngOf(
  ctx: Pick<Context, 'rasterise' | 'log'>,
  svg: string | null,
): Promise<Uint8Array | null> {
  if (svg === null) return null;
  const { width, height } = svgSize(svg);
  return ctx.rasterise(svg, width, height).catch((err: unknown) => {
    ctx.log.warn({ err }, 'curves.not_drawn');
    return null;
  });
}
