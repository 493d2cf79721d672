import { setTimeout as sleep } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import { DeliveryError } from '../operations/chat.ts';
import { slackCodeOf } from './delivery-errors.ts';

/** Slack scans an upload before it can be shown; until then a block that names it is refused. */
const pictureReadyMs = 15_000;
const uploadTimeoutMs = 120_000;

/** Uploads a file, which nobody sees before the upload is completed. @returns its id */
export async function uploadFile(
  client: WebClient,
  { name, bytes, altText }: { name: string; bytes: Uint8Array; altText: string },
): Promise<string> {
  const place = await client.files.getUploadURLExternal({
    filename: name,
    length: bytes.byteLength,
    ...(/\.png$/.test(name) ? { alt_text: altText } : {}),
  });
  const { upload_url: url, file_id: id } = place;
  if (!url || !id)
    throw new DeliveryError(`Slack named no place for ${name}.`, { permanent: false, uncertain: false });
  // The address carries its own authorization: the token is sent to Slack's API and nowhere else.
  const response = await fetch(url, {
    method: 'POST',
    body: bytes as Uint8Array<ArrayBuffer>,
    headers: { 'content-type': 'application/octet-stream' },
    signal: AbortSignal.timeout(uploadTimeoutMs),
  });
  await response.body?.cancel();
  if (!response.ok)
    throw new DeliveryError(`Slack did not take ${name} (HTTP ${response.status}).`, {
      permanent: response.status === 413,
      uncertain: false,
    });
  return id;
}

/** Uploads a picture for a block that names it. @returns its id, once Slack can show it */
export async function uploadPicture(
  client: WebClient,
  picture: { name: string; bytes: Uint8Array; altText: string },
): Promise<string> {
  const id = await uploadFile(client, picture);
  await client.files.completeUploadExternal({ files: [{ id, title: picture.name }] });
  const startedMs = performance.now();
  for (;;) {
    const { file } = await client.files.info({ file: id });
    if (file?.mimetype) return id;
    if (performance.now() - startedMs > pictureReadyMs)
      throw new Error('Slack is still checking the picture');
    await sleep(300);
  }
}

/** Slack deletes uploads that have not been shown for some time. */
const dropped = new Set(['file_not_found', 'file_deleted', 'file_update_failed']);

/** Shows uploaded files as one message. @param message `text` is mrkdwn */
export async function shareFiles(
  client: WebClient,
  message: {
    channel: string;
    threadTs: string | null;
    text: string;
    uploaded: readonly { id: string; name: string }[];
  },
): Promise<void> {
  const { channel, threadTs, text, uploaded } = message;
  const [first, ...rest] = uploaded.map(({ id, name }) => ({ id, title: name }));
  if (first === undefined) return;
  const files: [typeof first, ...(typeof first)[]] = [first, ...rest];
  const shown = { files, channel_id: channel, initial_comment: text };
  try {
    await client.files.completeUploadExternal(threadTs ? { ...shown, thread_ts: threadTs } : shown);
  } catch (cause) {
    if (!dropped.has(slackCodeOf(cause) ?? '')) throw cause;
    throw new DeliveryError('Slack has dropped the files.', {
      permanent: false,
      uncertain: false,
      gone: true,
      cause,
    });
  }
}
