import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Content } from '../../campaign/messages.ts';
import type { OutboxPayload } from '../../campaign/outbox-payload.ts';
import type { CampaignView } from '../../campaign/view.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { filesText } from '../../report/sentences/files.ts';
import { treeAltText } from '../../report/tree-picture.ts';
import { endOutboxAttempt, type OutboxRow, updateOutboxPayload } from '../../store/outbox.ts';
import { DeliveryError } from '../chat.ts';
import type { Context } from '../context.ts';
import { loadView } from '../view/load-view.ts';
import { listResultFiles, type ResultFile } from '../view/result-files.ts';

/** Weights and their files are attached up to this size together; larger ones have a place, and a way to ship. */
const maxAttachedWeightsBytes = 20_000_000;
/** After this many attempts, files that cannot be attached are only named: a report must not wait for them for ever. */
const maxTries = 8;

type Payload = Extract<OutboxPayload, { kind: 'files' }>;

/**
 * Attaches the files of an end of a campaign as one message. The files are uploaded first, where nobody sees them,
 * and their ids are kept with the row: an attempt whose answer was lost is looked up by them before anything is shown
 * again. Where they cannot be attached, a message says why, and where they are.
 * @param isStillOurs asked before each call that people would see
 * @returns false when another worker has taken the row over
 */
export async function deliverFiles(
  ctx: Context,
  row: OutboxRow,
  payload: Payload,
  isStillOurs: () => Promise<boolean>,
): Promise<boolean> {
  const view = await loadView({ ctx, campaignId: payload.campaignId });
  const files = await listResultFiles(ctx, view);
  // The campaign was continued before its files could be sent; the next end has its own.
  if (view.ends !== payload.end || files.length === 0)
    throw new NotFoundError(`the files of end ${payload.end} of ${payload.campaignId}`);
  const attached = attachable(files);
  const target = { channel: row.channel, threadTs: row.threadTs };
  const [known] = payload.uploaded ?? [];
  if (
    known !== undefined &&
    (await ctx.chat.findShared({ ...target, fileId: known.id, since: row.createdAt }))
  ) {
    await endOutboxAttempt(ctx.db, row, { state: 'sent', sentAt: ctx.clock.now() });
    return true;
  }
  const uploaded = payload.uploaded ?? (await tryUpload(ctx, row, view, attached));
  if (typeof uploaded === 'string') return post(ctx, row, contentOf(view, files, uploaded), isStillOurs);
  if (payload.uploaded === undefined && !(await updateOutboxPayload(ctx.db, row, { ...payload, uploaded })))
    return false;
  if (!(await isStillOurs())) return false;
  try {
    await ctx.chat.share({ ...target, key: row.key, content: contentOf(view, files, null), uploaded });
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    if (error.gone) {
      // Slack has dropped the uploads; the next attempt uploads again.
      await updateOutboxPayload(ctx.db, row, {
        kind: 'files',
        campaignId: payload.campaignId,
        end: payload.end,
      });
      throw new DeliveryError(error.message, { permanent: false, uncertain: false, cause: error });
    }
    const isRefused =
      error.permanent || (row.attempts >= maxTries && error.repair === null && !error.uncertain);
    if (!isRefused) throw error;
    return post(ctx, row, contentOf(view, files, error.message), isStillOurs);
  }
  await endOutboxAttempt(ctx.db, row, { state: 'sent', sentAt: ctx.clock.now() });
  return true;
}

/**
 * @returns the ids, or the reason as a sentence where it never will be possible. A failure that passes by itself is
 * thrown, and retried.
 */
async function tryUpload(
  ctx: Context,
  row: OutboxRow,
  view: CampaignView,
  files: ResultFile[],
): Promise<NonNullable<Payload['uploaded']> | string> {
  const uploaded: NonNullable<Payload['uploaded']> = [];
  try {
    for (const { name, path } of files) {
      const altText = name === 'tree.png' ? treeAltText(view) : name;
      uploaded.push({ id: await ctx.chat.upload({ name, bytes: await readFile(path), altText }), name });
    }
    return uploaded;
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    // A right that is missing for files does not keep the rest from being said.
    const isFinal = error.permanent || error.repair !== null || row.attempts >= maxTries;
    if (!isFinal) throw error;
    return error.message;
  }
}

async function post(
  ctx: Context,
  row: OutboxRow,
  content: Content,
  isStillOurs: () => Promise<boolean>,
): Promise<boolean> {
  const target = { channel: row.channel, threadTs: row.threadTs, key: row.key };
  const earlier = row.attempts > 1 ? await ctx.chat.find({ ...target, since: row.createdAt }) : null;
  if (!(await isStillOurs())) return false;
  if (earlier === null)
    await ctx.chat.post({ ...target, content, context: { pictureMode: ctx.settings.pictureMode } });
  await endOutboxAttempt(ctx.db, row, { state: 'sent', sentAt: ctx.clock.now() });
  return true;
}

const sizeOf = (files: ResultFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);
const weightsOf = (files: ResultFile[]): ResultFile[] => files.filter(({ kind }) => kind === 'weights');

function attachable(files: ResultFile[]): ResultFile[] {
  return sizeOf(weightsOf(files)) <= maxAttachedWeightsBytes
    ? files
    : files.filter(({ kind }) => kind !== 'weights');
}

function contentOf(
  view: CampaignView,
  files: ResultFile[],
  refused: string | null,
): Extract<Content, { kind: 'files' }> {
  const attached = attachable(files);
  const text = filesText(view, {
    attached: attached.map(({ name }) => name),
    largeBytes: attached.length < files.length ? sizeOf(weightsOf(files)) : null,
    refused,
    dir: dirname(files[0]?.path ?? ''),
  });
  return { kind: 'files', campaignId: view.id, text };
}
