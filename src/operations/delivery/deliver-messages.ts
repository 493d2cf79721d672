import type { Content } from '../../campaign/messages.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import { repeatEvery } from '../../lib/clock.ts';
import { asError, NotFoundError } from '../../lib/errors.ts';
import { svgSize } from '../../report/picture/svg.ts';
import { newThreadText } from '../../report/sentences/new-thread.ts';
import { treeSvg } from '../../report/tree-picture.ts';
import { getApproval } from '../../store/approvals.ts';
import { getCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import {
  claimOutbox,
  endOutboxAttempt,
  enqueue,
  findSlot,
  hasNewer,
  listAttempted,
  type OutboxRow,
  renewOutbox,
  setSlot,
} from '../../store/outbox.ts';
import { DeliveryError } from '../chat.ts';
import type { Context } from '../context.ts';
import { loadShipment } from '../shipping/show-shipment.ts';
import { loadRunning } from '../view/load-running.ts';
import { loadView } from '../view/load-view.ts';
import { checkThread } from './check-threads.ts';
import { deliverFiles } from './deliver-files.ts';
import { moveToThread } from './move-to-thread.ts';
import { peopleToCall } from './people-to-call.ts';
import { resolveNode } from './resolve-node.ts';
import { resolveReport } from './resolve-report.ts';

/** A worker that died is noticed after this long; one that lives prolongs it. */
const leaseMs = 20_000;
/** A message that has not arrived after this long is parked; until then every temporary failure is retried. */
const giveUpAfterMs = 7 * 86_400_000;
const maxPauseMs = 300_000;
/** Time between two attempts at a place that a person has to repair. */
const repairPauseMs = 60_000;

/** State of the loop between passes. */
export interface DeliveryPace {
  /** When each channel and each progress message was last written to. */
  channels: Map<string, number>;
  slots: Map<string, number>;
  /** Until when a channel, or the whole workspace (`*`), waits for a person to repair it. */
  heldUntil: Map<string, number>;
}

export const createPace = (): DeliveryPace => ({
  channels: new Map(),
  slots: new Map(),
  heldUntil: new Map(),
});
const everywhere = '*';

/**
 * Sends due messages, at most one a channel and pass. Order within a channel is the order of writing. A message that
 * will never arrive is parked with its reason and holds nothing up. A channel that a person has to repair waits as a
 * whole, so that everything arrives in order afterwards.
 * @returns the number of messages sent
 */
export async function deliverMessages({ ctx, pace }: { ctx: Context; pace: DeliveryPace }): Promise<number> {
  const now = ctx.clock.now();
  if (isHeld(pace, now)) return 0;
  const held = [...pace.heldUntil].filter(([, until]) => until > now.getTime());
  pace.heldUntil = new Map(held);
  const paced = [...pace.channels].filter(([, at]) => now.getTime() - at < ctx.settings.deliverGapMs);
  const busy = [...paced, ...held].map(([channel]) => channel);
  const claimed = await claimOutbox(ctx.db, { now, leaseMs, limit: 8, busyChannels: busy });
  if (claimed.length === 0) return 0;
  const endRenewal = repeatEvery(ctx.clock, leaseMs / 3, () => renewOutbox(ctx.db, claimed, leaseMs));
  let sent = 0;
  try {
    for (const row of claimed) if (await deliverRow(ctx, row, pace)) sent++;
  } finally {
    endRenewal();
  }
  return sent;
}

const isHeld = (pace: DeliveryPace, now: Date): boolean =>
  (pace.heldUntil.get(everywhere) ?? 0) > now.getTime();

async function deliverRow(ctx: Context, row: OutboxRow, pace: DeliveryPace): Promise<boolean> {
  const now = ctx.clock.now();
  if (isHeld(pace, now)) {
    await endOutboxAttempt(ctx.db, row, { state: 'pending', attempts: row.attempts - 1 });
    return false;
  }
  if (row.slot !== null && (await hasNewer(ctx.db, { id: row.id, slot: row.slot }))) {
    // It waited for another attempt meanwhile. If it did arrive, the newer one finds it.
    await endOutboxAttempt(ctx.db, row, { state: 'superseded', attempts: row.attempts - 1 });
    return false;
  }
  if (row.payload.kind === 'progress' && row.slot !== null) {
    const wait = (pace.slots.get(row.slot) ?? 0) + ctx.settings.progressGapMs - now.getTime();
    if (wait > 0) {
      // One picture every few seconds is enough; the row waits, and a newer one may replace it.
      await endOutboxAttempt(ctx.db, row, {
        state: 'pending',
        attempts: row.attempts - 1,
        availableAt: new Date(now.getTime() + wait),
      });
      return false;
    }
    pace.slots.set(row.slot, now.getTime());
  }
  pace.channels.set(row.channel, now.getTime());
  try {
    const isSent = await send(ctx, row);
    ctx.health.note('chat', null);
    return isSent;
  } catch (error) {
    noteChat(ctx, error);
    await endInFailure(ctx, row, error, pace);
    return false;
  }
}

/**
 * A chat that does not answer, or lets the bot in nowhere. Failures of one message or one channel are reported there.
 */
function noteChat(ctx: Context, error: unknown): void {
  if (!(error instanceof DeliveryError) || error.permanent || error.gone) return;
  if (error.repair?.scope === 'channel' || error.retryAfterMs !== null) return;
  ctx.health.note('chat', error.repair?.sentence ?? error.message);
}

/**
 * Before each call that people would see, the row must still be ours: a process that was suspended posts nothing
 * twice.
 * @returns false when another worker has taken the row over
 */
async function send(ctx: Context, row: OutboxRow): Promise<boolean> {
  const at = ctx.clock.now();
  const { payload } = row;
  if (payload.kind === 'private') return sendPrivately(ctx, row, payload);
  if (payload.kind === 'files') return deliverFiles(ctx, row, payload, () => isStillOurs(ctx, row));
  const content = await resolve(ctx, payload);
  const context = { pictureMode: ctx.settings.pictureMode };
  const slot = row.slot === null ? undefined : await findSlot(ctx.db, row.slot);
  if (slot !== undefined) {
    if (!(await isStillOurs(ctx, row))) return false;
    if (await edit(ctx, row, slot, content)) return true;
    // The message alone may have been deleted, or the whole thread with it.
    if (row.campaignId !== null && row.threadTs !== null && !(await checkThread(ctx, row.campaignId))) {
      await endOutboxAttempt(ctx.db, row, { state: 'pending', attempts: row.attempts - 1 });
      return false;
    }
  }
  const target = { channel: row.channel, threadTs: row.threadTs, key: row.key };
  const earlier = await findEarlier(ctx, row);
  // Once: a message that was deleted and is posted anew calls nobody again.
  const isShared = /^[CG]/.test(row.channel);
  const mention = slot === undefined && isShared ? await peopleToCall(ctx, payload) : [];
  if (!(await isStillOurs(ctx, row))) return false;
  // The slot shows something else by now.
  if (earlier !== null && row.slot !== null)
    await ctx.chat.update({ channel: row.channel, ts: earlier.ts, key: row.key, content, context });
  const { ts } = earlier ?? (await ctx.chat.post({ ...target, content, context, mention }));
  await ctx.db.transaction(async (tx) => {
    if (row.slot !== null) await setSlot(tx, { slot: row.slot, channel: row.channel, ts, at });
    await endOutboxAttempt(tx, row, { state: 'sent', sentAt: at });
    if (payload.kind === 'thread')
      await moveToThread(tx, payload.campaignId, { channel: row.channel, ts, at });
  });
  return true;
}

/** Slack keeps no trace of a private message, so one whose answer was lost may be seen twice. */
async function sendPrivately(
  ctx: Context,
  row: OutboxRow,
  { user, text }: Extract<OutboxPayload, { kind: 'private' }>,
): Promise<boolean> {
  if (!(await isStillOurs(ctx, row))) return false;
  await ctx.chat.ephemeral({ channel: row.channel, user, text, threadTs: row.threadTs });
  await endOutboxAttempt(ctx.db, row, { state: 'sent', sentAt: ctx.clock.now() });
  return true;
}

const isStillOurs = async (ctx: Context, row: OutboxRow): Promise<boolean> =>
  (await renewOutbox(ctx.db, [row], leaseMs)) > 0;

/**
 * The message of an attempt whose result is unknown, looked up before anything is posted again: a second attempt
 * means that the first may have arrived, and so may an older row of the slot that this one replaced.
 */
async function findEarlier(ctx: Context, row: OutboxRow): Promise<{ ts: string } | null> {
  const { channel, threadTs, slot } = row;
  const older = slot === null ? [] : await listAttempted(ctx.db, { ...row, slot });
  for (const { key, createdAt } of [...(row.attempts > 1 ? [row] : []), ...older]) {
    const found = await ctx.chat.find({ channel, threadTs, key, since: createdAt });
    if (found !== null) return found;
  }
  return null;
}

/** @returns false when the message is gone; it is then posted anew */
async function edit(
  ctx: Context,
  row: OutboxRow,
  slot: { channel: string; ts: string },
  content: Content,
): Promise<boolean> {
  try {
    const context = { pictureMode: ctx.settings.pictureMode };
    await ctx.chat.update({ channel: slot.channel, ts: slot.ts, key: row.key, content, context });
  } catch (error) {
    if (error instanceof DeliveryError && error.gone) return false;
    throw error;
  }
  await endOutboxAttempt(ctx.db, row, { state: 'sent', sentAt: ctx.clock.now() });
  return true;
}

async function endInFailure(ctx: Context, row: OutboxRow, error: unknown, pace: DeliveryPace): Promise<void> {
  const known = error instanceof DeliveryError ? error : null;
  if (known?.gone === true && row.campaignId !== null && row.threadTs !== null)
    await checkThread(ctx, row.campaignId);
  const now = ctx.clock.now();
  const isHopeless =
    known?.permanent === true ||
    error instanceof NotFoundError ||
    now.getTime() - row.createdAt.getTime() > giveUpAfterMs;
  ctx.log.warn({ err: asError(error), key: row.key, attempts: row.attempts }, 'message.delivery_failed');
  const repair = isHopeless ? null : (known?.repair ?? null);
  const pauseMs =
    known?.retryAfterMs ??
    (repair === null ? Math.min(maxPauseMs, 500 * 2 ** Math.min(row.attempts, 12)) : repairPauseMs);
  if (repair !== null)
    pace.heldUntil.set(repair.scope === 'channel' ? row.channel : everywhere, now.getTime() + pauseMs);
  await ctx.db.transaction(async (tx) => {
    await endOutboxAttempt(tx, row, {
      state: isHopeless ? 'parked' : 'pending',
      lastError: asError(error).message.slice(0, 500),
      availableAt: new Date(now.getTime() + pauseMs),
    });
    if (repair?.scope === 'channel') await tellOwner(tx, row, repair.sentence, now);
  });
}

/** Asks the campaign's requester, in a direct message, to let the bot into its channel again; once a day. */
async function tellOwner(tx: DbOrTx, row: OutboxRow, sentence: string, now: Date): Promise<void> {
  const isDirect = !/^[CG]/.test(row.channel);
  if (row.campaignId === null || isDirect) return;
  const { createdBy, brief } = await getCampaign(tx, row.campaignId);
  const about = brief === null ? 'your request' : `*${brief.title}*`;
  await enqueue(tx, {
    key: `unreachable:${row.channel}:${createdBy}:${now.toISOString().slice(0, 10)}`,
    campaignId: null,
    channel: createdBy,
    threadTs: null,
    payload: {
      kind: 'problem',
      text: `I cannot post about ${about} in <#${row.channel}>. ${sentence} What I have to say there waits and comes by itself afterwards.`,
    },
    at: now,
  });
}

/** Loads the content that a message refers to, as it is now. */
async function resolve(
  ctx: Context,
  payload: Exclude<OutboxPayload, { kind: 'private' | 'files' }>,
): Promise<Content> {
  switch (payload.kind) {
    case 'progress': {
      const view = await loadView({ ctx, campaignId: payload.campaignId });
      const svg = treeSvg(view);
      const { width, height } = svgSize(svg);
      const picture = ctx.settings.pictureMode === 'upload' ? await ctx.rasterise(svg, width, height) : null;
      return { kind: 'progress', view, picture };
    }
    case 'approval': {
      const row = await getApproval(ctx.db, payload.approvalId);
      const view = await loadView({ ctx, campaignId: row.campaignId });
      const which = row.kind === 'code' ? 'codeApproval' : 'approval';
      const node = view.nodes.find((n) => n[which]?.id === row.id);
      const approval = node?.[which];
      if (node === undefined || approval == null) throw new NotFoundError(`the approval ${row.id}`);
      const metric = view.brief?.metric ?? '';
      return { kind: 'approval', campaignId: row.campaignId, node, approval, metric };
    }
    case 'thread': {
      const view = await loadView({ ctx, campaignId: payload.campaignId });
      const page = view.pageUrl;
      return { kind: 'text', text: newThreadText(view), ...(page === null ? {} : { page }) };
    }
    case 'failure': {
      const view = await loadView({ ctx, campaignId: payload.campaignId });
      const node = view.nodes.find((n) => n.number === payload.node);
      if (node === undefined) throw new NotFoundError(`node #${payload.node}`);
      return { kind: 'failure', campaignId: payload.campaignId, node, next: payload.next };
    }
    case 'node':
      return resolveNode(ctx, payload);
    case 'report':
      return resolveReport(ctx, payload);
    case 'running':
      return loadRunning(ctx, payload);
    case 'shipment':
      return { kind: 'shipment', ...(await loadShipment(ctx, payload.shipmentId)) };
    default:
      return payload;
  }
}
