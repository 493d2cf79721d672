import type { ShipmentView } from '../../campaign/shipment.ts';
import { type CampaignRow, getCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { listNodes } from '../../store/nodes.ts';
import { getShipment } from '../../store/shipments.ts';
import type { Context } from '../context.ts';
import { nameOf } from '../people.ts';
import { say, shipmentSlot } from '../say.ts';

/** Brings the card of a shipment up to date, or posts it. */
export async function showShipment(
  tx: DbOrTx,
  campaign: Pick<CampaignRow, 'id' | 'channel' | 'threadTs'>,
  shipmentId: string,
  at: Date,
): Promise<void> {
  const { state, failures, progress } = await getShipment(tx, shipmentId);
  await say(tx, campaign, {
    key: `shipment:${shipmentId}:${state}:${failures}:${progress ?? 0}:${at.getTime()}`,
    slot: shipmentSlot(shipmentId),
    payload: { kind: 'shipment', shipmentId },
    at,
  });
}

/** A shipment as its card shows it, as it is now. */
export async function loadShipment(
  ctx: Context,
  shipmentId: string,
): Promise<{ campaignId: string; shipment: ShipmentView }> {
  const row = await getShipment(ctx.db, shipmentId);
  const { final } = await getCampaign(ctx.db, row.campaignId);
  const isWinner = final?.winner === row.round;
  const node = (await listNodes(ctx.db, row.campaignId)).find((one) => one.number === row.round);
  const isWaiting = row.state === 'shipping' && row.problem !== null;
  return {
    campaignId: row.campaignId,
    shipment: {
      id: row.id,
      state: row.state,
      round: row.round,
      isWinner,
      score: isWinner
        ? { split: 'test', score: final.bestTest }
        : node?.score == null
          ? null
          : { split: 'search', score: node.score },
      terms: row.terms,
      weights: {
        file: ctx.engine.weightsFile,
        bytes: row.weightsBytes,
        sha256: row.weightsSha256,
      },
      requestedBy: await nameOf(ctx, row.requestedBy),
      decidedBy: row.decidedBy === null ? null : await nameOf(ctx, row.decidedBy),
      decidedAt: row.decidedAt?.toISOString() ?? null,
      retryAt: isWaiting ? row.dueAt.toISOString() : null,
      progress: row.progress,
      url: row.url,
      problem: row.problem,
    },
  };
}
