import type { Content } from '../../campaign/messages.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import type { Context } from '../context.ts';
import { linkToCampaign } from '../page-address.ts';
import { drawNodeCurves, pngOf } from '../view/draw-curves.ts';
import { loadView } from '../view/load-view.ts';

/** Everything about a node, with its training losses as the chat can show them. */
export async function resolveNode(
  ctx: Context,
  { campaignId, node }: Extract<OutboxPayload, { kind: 'node' }>,
): Promise<Content> {
  const view = await loadView({ ctx, campaignId });
  return { kind: 'node', view, number: node, curves: await curvesOf(ctx, campaignId, node) };
}

async function curvesOf(ctx: Context, campaignId: string, node: number): Promise<Uint8Array | string | null> {
  const { pictureMode } = ctx.settings;
  if (pictureMode === 'none') return null;
  const svg = await drawNodeCurves({ ctx, input: { campaignId, node } });
  if (svg === null) return null;
  return pictureMode === 'url'
    ? linkToCampaign(ctx, campaignId, `/nodes/${node}/curves.png`)
    : await pngOf(ctx, svg);
}
