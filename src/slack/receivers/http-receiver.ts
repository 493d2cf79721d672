import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import type { Clock } from '../../lib/clock.ts';
import { asError } from '../../lib/errors.ts';
import { asListenProblem } from '../../lib/listen-problem.ts';
import type { Log } from '../../lib/log.ts';
import {
  clickKey,
  type InFlight,
  isEventBody,
  type OnClick,
  type OnEvent,
  readEvent,
  storeInTime,
} from './intake.ts';
import { checkSignature, maxSkewSeconds } from './verify-signature.ts';

/** Slack's own payloads stay far below; the same bound as Bolt's receivers. */
const maxBodyBytes = 4 * 1024 * 1024;

export interface HttpReceiverOptions {
  signingSecret: string;
  port: number;
  /** Unset: loopback, for a reverse proxy on the same machine. */
  host?: string;
  /** One address for events, interactions and commands. Unset: `/slack/events`. */
  path?: string;
  onEvent: OnEvent | undefined;
  onClick: OnClick | undefined;
  inFlight: InFlight;
  clock: Clock;
  log: Log;
}

/**
 * The receiver of signed requests from Slack. Events are stored (or, without `onEvent`, handled in memory) and answered
 * at once; clicks, modals, shortcuts and commands are passed to Bolt with the HTTP response as their `ack`.
 */
export class HttpReceiver implements Receiver {
  readonly #options: HttpReceiverOptions;
  readonly #seen: SeenSignatures;
  #app: App | null = null;
  #server: Server | null = null;

  constructor(options: HttpReceiverOptions) {
    this.#options = options;
    this.#seen = new SeenSignatures(maxSkewSeconds);
  }

  init(app: App): void {
    this.#app = app;
  }

  /** The port it listens on; null before `start`. */
  get port(): number | null {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port ?? null;
  }

  async start(): Promise<void> {
    const { port, host = '127.0.0.1', log } = this.#options;
    const server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => {
        log.error({ err: asError(error) }, 'slack.request_failed');
        if (!response.headersSent) answer(response, 500);
      });
    });
    server.requestTimeout = 10_000;
    server.headersTimeout = 5_000;
    await new Promise<void>((resolve, reject) => {
      const refuse = (error: Error): void =>
        reject(
          asListenProblem(error, { host, port, hostVariable: 'SLACK_HOST', portVariable: 'SLACK_PORT' }),
        );
      server.once('error', refuse);
      server.listen(port, host, () => {
        server.removeListener('error', refuse);
        resolve();
      });
    });
    this.#server = server;
  }

  /** Accepts no new requests; the in-flight counter waits for those under way. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const force = setTimeout(() => server.closeAllConnections(), 3000);
    await closed;
    clearTimeout(force);
  }

  /** Handles one request; also usable behind another server. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { signingSecret, clock, log, path = '/slack/events' } = this.#options;
    if (new URL(request.url ?? '/', 'http://slack.invalid').pathname !== path) return answer(response, 404);
    if (request.method !== 'POST') return answer(response, 405, { allow: 'POST' });
    const body = await readBody(request, maxBodyBytes);
    if (body === 'too_large') {
      log.warn({ maxBodyBytes }, 'slack.request_too_large');
      answer(response, 413, { connection: 'close' });
      // The remaining input is discarded for a moment, or the client would see a reset instead of the answer.
      request.resume();
      setTimeout(() => request.destroy(), 1000).unref();
      return;
    }
    if (body === 'aborted') return;
    const nowSeconds = Math.floor(clock.now().getTime() / 1000);
    const signature = header(request, 'x-slack-signature');
    const problem = checkSignature({
      secret: signingSecret,
      timestamp: header(request, 'x-slack-request-timestamp'),
      signature,
      body,
      nowSeconds,
    });
    if (problem !== null) {
      log.warn({ problem }, 'slack.signature_refused');
      return answer(response, 401);
    }
    const raw = body.toString('utf8');
    const payload = parseBody(raw, header(request, 'content-type') ?? '');
    if (payload === null) return answer(response, 400);
    if (payload.ssl_check !== undefined) return answer(response, 200);
    if (payload.type === 'url_verification') {
      return answer(response, 200, { 'content-type': 'text/plain' }, String(payload.challenge ?? ''));
    }
    if (payload.type === 'app_rate_limited') {
      log.warn({ minute: payload.minute_rate_limited }, 'slack.events_rate_limited');
      return answer(response, 200);
    }
    if (isEventBody(payload)) return this.#takeEvent(raw, payload, request, response);
    if (this.#seen.has(signature as string, nowSeconds)) {
      // A proxy repeated the request, or somebody replays a recorded one: it was handled already.
      log.warn('slack.request_replayed');
      return answer(response, 200);
    }
    this.#seen.add(signature as string, nowSeconds);
    if (!(await this.#isNewClick(payload))) return answer(response, 200);
    await this.#options.inFlight.track(this.#takeInteraction(payload, response));
  }

  /** @throws when the outcome is unknown: the person then sees that the click did not work */
  async #isNewClick(payload: Record<string, unknown>): Promise<boolean> {
    const { onClick, log } = this.#options;
    const key = clickKey(payload);
    if (onClick === undefined || key === null || (await storeInTime(onClick(key)))) return true;
    log.warn({ key }, 'slack.click_repeated');
    return false;
  }

  async #takeEvent(
    raw: string,
    body: Record<string, unknown>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { onEvent, inFlight, log } = this.#options;
    if (onEvent) {
      const event = readEvent(body, raw);
      try {
        if (event !== null) await storeInTime(onEvent(event));
      } catch (error) {
        log.error({ err: asError(error) }, 'slack.event_not_stored');
        // Slack sends it again: at once, after 1 and after 5 minutes.
        return answer(response, 503);
      }
      return answer(response, 200);
    }
    const retryNum = header(request, 'x-slack-retry-num');
    const retryReason = header(request, 'x-slack-retry-reason');
    answer(response, 200);
    inFlight.run('event', async () => {
      await this.#app?.processEvent({
        body,
        ack: async () => {},
        ...(retryNum ? { retryNum: Number(retryNum) } : {}),
        ...(retryReason ? { retryReason } : {}),
      });
    });
  }

  async #takeInteraction(body: Record<string, unknown>, response: ServerResponse): Promise<void> {
    const { log } = this.#options;
    const late = setTimeout(() => {
      log.error({ type: body.type ?? body.command }, 'slack.ack_late');
    }, 3000);
    const ack: ReceiverEvent['ack'] = async (reply?: unknown) => {
      clearTimeout(late);
      if (response.headersSent) return;
      if (reply === undefined || reply === null || reply === '') return answer(response, 200);
      if (typeof reply === 'string') return answer(response, 200, { 'content-type': 'text/plain' }, reply);
      answer(response, 200, { 'content-type': 'application/json' }, JSON.stringify(reply));
    };
    try {
      await this.#app?.processEvent({ body, ack });
      // No listener acknowledged it: Slack shows the person that it did not work.
      if (!response.headersSent) answer(response, 404);
    } catch (error) {
      log.error({ err: asError(error) }, 'slack.listener_failed');
      if (!response.headersSent) answer(response, 500);
    } finally {
      clearTimeout(late);
    }
  }
}

function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  body = '',
): void {
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | 'too_large' | 'aborted'> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return 'too_large';
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        request.removeAllListeners('data');
        resolve('too_large');
      } else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => resolve('aborted'));
    request.once('close', () => resolve('aborted'));
  });
}

/** Events are JSON; interactions are a form with JSON in `payload`; commands are a plain form. Null: none of these. */
function parseBody(raw: string, contentType: string): Record<string, unknown> | null {
  try {
    if (contentType.startsWith('application/x-www-form-urlencoded')) {
      const form = new URLSearchParams(raw);
      const payload = form.get('payload');
      return payload === null ? Object.fromEntries(form) : asObject(JSON.parse(payload));
    }
    return asObject(JSON.parse(raw));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** Signatures of the last minutes: a repeated signature means a repeated request. Holds at most 20,000. */
class SeenSignatures {
  readonly #seenAt = new Map<string, number>();
  readonly #keepSeconds: number;

  constructor(keepSeconds: number) {
    this.#keepSeconds = keepSeconds;
  }

  has(signature: string, nowSeconds: number): boolean {
    const at = this.#seenAt.get(signature);
    return at !== undefined && nowSeconds - at <= 2 * this.#keepSeconds;
  }

  add(signature: string, nowSeconds: number): void {
    this.#seenAt.set(signature, nowSeconds);
    // Insertion order is age order.
    for (const [old, at] of this.#seenAt) {
      if (this.#seenAt.size <= 20_000 && nowSeconds - at <= 2 * this.#keepSeconds) break;
      this.#seenAt.delete(old);
    }
  }
}
