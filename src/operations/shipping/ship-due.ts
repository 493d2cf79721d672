import { asError, TrexError } from '../../lib/errors.ts';
import { type Parcel, ShipLater, type ShipTarget } from '../../shipping/port.ts';
import { type CampaignRow, getCampaign } from '../../store/campaigns.ts';
import { isDatabaseOutage } from '../../store/db.ts';
import { LeaseLost } from '../../store/leases.ts';
import { listDueShipments, moveShipment, type ShipmentRow } from '../../store/shipments.ts';
import { changeCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { say } from '../say.ts';
import { matchesCurrentTarget } from './decide-shipment.ts';
import { clearParcel, packParcel } from './pack-parcel.ts';
import { showShipment } from './show-shipment.ts';

const firstPauseMs = 5_000;
const longestPauseMs = 600_000;
/** The longest text of a target; the rest is cut. */
const longestAskedPauseMs = 3600_000;
/** With those pauses an hour and a quarter. */
const maxFailures = 12;
/** The card is edited when the progress has grown by this much. */
const progressStep = 0.05;

/**
 * Sends approved shipments, one after the other. A shipment interrupted at any point is resumed: a target does
 * nothing for files that are there. Temporary failures are retried with growing pauses; a failure that a person has
 * to repair is reported.
 * @param signal aborted when the bot stops: the shipment goes on at the next start
 * @returns the number of shipments that arrived
 */
export async function shipDue({ ctx, signal }: { ctx: Context; signal: AbortSignal }): Promise<number> {
  let arrived = 0;
  for (const row of await listDueShipments(ctx.db, ctx.clock.now())) {
    if (signal.aborted) break;
    if (await shipOne(ctx, row, signal)) arrived++;
  }
  return arrived;
}

async function shipOne(ctx: Context, row: ShipmentRow, signal: AbortSignal): Promise<boolean> {
  const campaign = await getCampaign(ctx.db, row.campaignId);
  try {
    const target = ctx.shipTargets.find((one) => one.kind === row.terms.kind);
    if (target === undefined || !matchesCurrentTarget(ctx, row)) {
      throw new TrexError(
        'terms_changed',
        'config',
        `What is configured now is not what was agreed to (${row.terms.place}, ${row.terms.visibility}).`,
      );
    }
    await moveShipment(ctx.db, row.id, ['approved', 'shipping'], 'shipping');
    const parcel = await packParcel(ctx, row);
    await ctx.confirmLease();
    const { url } = await send(ctx, { campaign, row, target, parcel }, signal);
    await tellArrival(ctx, row, url);
    await clearParcel(ctx, row);
    return true;
  } catch (error) {
    if (error instanceof LeaseLost || isDatabaseOutage(error)) throw error;
    // Stopping is no failure: it goes on at the next start.
    if (!signal.aborted) await tellFailure(ctx, row, error);
    return false;
  }
}

async function send(
  ctx: Context,
  {
    campaign,
    row,
    target,
    parcel,
  }: { campaign: CampaignRow; row: ShipmentRow; target: ShipTarget; parcel: Parcel },
  signal: AbortSignal,
): Promise<{ url: string }> {
  let told = 0;
  let telling = Promise.resolve();
  const tell = async (progress: number): Promise<void> => {
    const at = ctx.clock.now();
    await ctx.db.transaction(async (tx) => {
      if (await moveShipment(tx, row.id, ['shipping'], 'shipping', { progress, problem: null }))
        await showShipment(tx, campaign, row.id, at);
    });
  };
  const onProgress = (share: number): void => {
    if (share < told + progressStep) return;
    told = share;
    telling = telling
      .then(() => tell(share))
      .catch((error: unknown) => ctx.log.warn({ err: asError(error) }, 'shipment.progress_untold'));
  };
  try {
    return await target.ship(parcel, { onProgress, signal });
  } finally {
    await telling;
  }
}

async function tellArrival(ctx: Context, row: ShipmentRow, url: string): Promise<void> {
  await changeCampaign(ctx, row.campaignId, async (change) => {
    const { tx, campaign, at } = change;
    const values = { url, progress: 1, problem: null, endedAt: at };
    if (!(await moveShipment(tx, row.id, ['shipping'], 'shipped', values))) return;
    await recordChange(change, 'shipment.shipped', {
      shipment: row.id,
      url,
      weightsSha256: row.weightsSha256,
    });
    await showShipment(tx, campaign, row.id, at);
    const text = `#${row.round} is shipped: ${url} (${row.terms.visibility === 'machine' ? 'a folder' : row.terms.visibility}, sha256 ${row.weightsSha256.slice(0, 12)}).`;
    await say(tx, campaign, { key: `shipped:${row.id}`, payload: { kind: 'text', text }, at });
  });
}

async function tellFailure(ctx: Context, row: ShipmentRow, error: unknown): Promise<void> {
  const at = ctx.clock.now();
  const isPassing = error instanceof TrexError && (error.fault === 'provider' || error.fault === 'cluster');
  const failures = row.failures + 1;
  ctx.log.warn({ err: asError(error), shipment: row.id, failures }, 'shipment.failed');
  const why = sentenceOf(ctx, error);
  const isAgain = isPassing && failures < maxFailures;
  await changeCampaign(ctx, row.campaignId, async (change) => {
    const { tx, campaign } = change;
    if (isAgain) {
      const dueAt = new Date(at.getTime() + pauseMs(error, failures));
      await moveShipment(tx, row.id, ['approved', 'shipping'], 'shipping', { failures, dueAt, problem: why });
      await showShipment(tx, campaign, row.id, at);
      return;
    }
    const values = { failures, problem: why, endedAt: at };
    if (!(await moveShipment(tx, row.id, ['approved', 'shipping'], 'failed', values))) return;
    await recordChange(change, 'shipment.failed', { shipment: row.id, why, failures });
    await showShipment(tx, campaign, row.id, at);
    const tries = isPassing ? ` I have tried ${failures} times.` : '';
    const text = `#${row.round} did not get to ${row.terms.place}: ${why}${tries} Write \`ship it\` when that is set right; the yes still counts while weights and place are the same.`;
    await say(tx, campaign, {
      key: `ship_failed:${row.id}:${at.getTime()}`,
      payload: { kind: 'problem', text },
      at,
    });
  });
  if (!isAgain) await clearParcel(ctx, row);
}

function pauseMs(error: TrexError, failures: number): number {
  const own = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
  const asked = error instanceof ShipLater ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(own, Math.min(asked, longestAskedPauseMs));
}

function sentenceOf(ctx: Context, error: unknown): string {
  if (error instanceof TrexError) return error.message;
  const reference = ctx.newId('e');
  ctx.log.error({ err: asError(error), reference }, 'shipment.broken');
  return `Something broke on my side (reference ${reference}).`;
}
