import type { Content } from '../../campaign/messages.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import { continuedText } from '../../report/sentences/openings.ts';
import { reportLines } from '../../report/sentences/report.ts';
import type { Context } from '../context.ts';
import { listContinues } from '../control/list-continues.ts';
import { linkToCampaign } from '../page-address.ts';
import { loadView } from '../view/load-view.ts';
import { listResultFiles } from '../view/result-files.ts';

/** The report of an end, as it is now, with its buttons while it is the newest. */
export async function resolveReport(
  ctx: Context,
  { campaignId, end: asked }: Extract<OutboxPayload, { kind: 'report' }>,
): Promise<Content> {
  const view = await loadView({ ctx, campaignId });
  const end = asked ?? 1;
  const hasEnded = view.finishedAt !== null;
  // People continued it before the report of that end arrived.
  if (!hasEnded || view.ends !== end) return { kind: 'text', text: continuedText(view, end) };
  const { final } = view;
  const isUsable = final !== null && (final.weights === undefined || final.weights.check === 'verified');
  const files = (await listResultFiles(ctx, view)).flatMap(({ name }) => {
    const url = linkToCampaign(ctx, campaignId, `/files/${encodeURIComponent(name)}`);
    return url === null ? [] : [{ name, url }];
  });
  const ships = isUsable
    ? ctx.shipTargets.map(({ kind, label }) => ({ kind, label: `Ship to ${label}` }))
    : [];
  const continues = await listContinues({ ctx, campaignId });
  return { kind: 'report', view, lines: reportLines(view), files, ships, continues, end };
}
