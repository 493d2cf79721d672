import type { WebClient } from '@slack/web-api';
import { BadInputError, TrexError } from '../lib/errors.ts';

/** Larger attachments are not read: a data set of this size belongs on a shared disk. */
const maxFileBytes = 256 * 1024 * 1024;
const downloadTimeoutMs = 60_000;

/** The part of Slack's file object that we read. */
export interface SlackFile {
  id: string;
  name?: string | null;
  size?: number;
  mode?: string;
  mimetype?: string;
  file_access?: string;
  url_private?: string;
  url_private_download?: string;
}

/**
 * Reads a file a person shared. The bot token is sent to Slack's own hosts only (or to the configured API's host): a
 * file object can name any address, for example a remote file of another app.
 */
export async function downloadFile(input: {
  client: WebClient;
  file: SlackFile;
  botToken: string;
  apiUrl: string;
}): Promise<Uint8Array> {
  const { client, botToken, apiUrl } = input;
  let { file } = input;
  const name = file.name ?? file.id;
  // Files from a connected workspace arrive as a stub that has to be looked up.
  if (file.file_access === 'check_file_info' || !(file.url_private_download ?? file.url_private)) {
    const info = await client.files.info({ file: file.id });
    file = { ...file, ...(info.file as SlackFile | undefined) };
  }
  const address = file.url_private_download ?? file.url_private;
  if (!address) throw new BadInputError('file_unreadable', `Slack does not let me read \`${name}\`.`);
  const url = new URL(address);
  if (!isOurHost(url, apiUrl)) {
    throw new BadInputError(
      'file_elsewhere',
      `\`${name}\` lies outside Slack (${url.host}); please upload the file itself.`,
    );
  }
  if ((file.size ?? 0) > maxFileBytes) throw tooLarge(name);
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { authorization: `Bearer ${botToken}` },
      signal: AbortSignal.timeout(downloadTimeoutMs),
    });
  } catch (cause) {
    throw new TrexError(
      'file_download_failed',
      'provider',
      `Slack did not send \`${name}\`; please try again.`,
      { cause },
    );
  }
  // Without the scope `files:read`, Slack answers with its sign-in page and status 200.
  const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
  if (!response.ok || (isPage && !file.mimetype?.startsWith('text/html'))) {
    await response.body?.cancel();
    throw new TrexError(
      'file_refused',
      'config',
      `Slack refused to hand over \`${name}\` (HTTP ${response.status}); the app needs the scope files:read.`,
    );
  }
  return await readAtMost(response, maxFileBytes, () => tooLarge(name));
}

function isOurHost(url: URL, apiUrl: string): boolean {
  if (url.origin === new URL(apiUrl).origin) return true;
  return url.protocol === 'https:' && (url.hostname === 'slack.com' || url.hostname.endsWith('.slack.com'));
}

function tooLarge(name: string): BadInputError {
  return new BadInputError(
    'file_too_large',
    `\`${name}\` is larger than ${maxFileBytes / 1024 ** 2} MB, which is all I read.`,
  );
}

async function readAtMost(response: Response, max: number, problem: () => Error): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > max) throw problem();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
