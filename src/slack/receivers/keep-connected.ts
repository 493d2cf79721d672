import type { Clock } from '../../lib/clock.ts';
import { asError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';

/** The parts of the SDK's Socket Mode client that are used here; made with `autoReconnectEnabled: false`. */
interface SocketClient {
  start(): Promise<unknown>;
  on(name: string, listener: (data?: unknown) => void): unknown;
  off(name: string, listener: (data?: unknown) => void): unknown;
}

const firstWaitMs = 250;
const longestWaitMs = 30_000;

/**
 * Opens the connection again whenever it is lost or Slack asks for a fresh one (every few hours). It replaces the SDK's
 * own reconnecting: @slack/socket-mode 3.1.0 first waits a whole ping timeout (5 to 15 s without a connection at each
 * refresh), and ends the process when Slack cannot be reached at that moment. Slack resends events that it could not
 * deliver meanwhile.
 * @returns ends the watch
 */
export function keepConnected(client: SocketClient, clock: Clock, log: Log): () => void {
  const ended = new AbortController();
  let lostAt: number | null = null;
  let connecting = false;

  const reconnect = async (reason: string): Promise<void> => {
    if (ended.signal.aborted || connecting) return;
    connecting = true;
    lostAt ??= performance.now();
    log.info({ reason }, 'slack.connection_lost');
    for (let waitMs = firstWaitMs; lostAt !== null && !ended.signal.aborted; waitMs *= 2) {
      try {
        await client.start();
      } catch (error) {
        // Rejected with nothing: the old connection closed while the new one opens.
        if (error !== undefined) log.warn({ err: asError(error) }, 'slack.connection_refused');
        await clock.sleep(Math.min(waitMs, longestWaitMs), ended.signal);
      }
    }
    connecting = false;
  };
  const onConnected = (): void => {
    if (lostAt !== null) {
      log.info({ gapMs: Math.round(performance.now() - lostAt) }, 'slack.connection_back');
    }
    lostAt = null;
  };
  const onDisconnected = (): void => void reconnect('closed');
  const onMessage = (data: unknown): void => {
    // The SDK closes the old connection by itself, which may take seconds; the new one need not wait for that.
    if (typeof data !== 'string' || !data.includes('"disconnect"')) return;
    const message = JSON.parse(data) as { type?: string; reason?: string };
    if (message.type === 'disconnect') void reconnect(message.reason ?? 'refresh');
  };
  client.on('connected', onConnected);
  client.on('disconnected', onDisconnected);
  client.on('ws_message', onMessage);
  return () => {
    ended.abort();
    client.off('connected', onConnected);
    client.off('disconnected', onDisconnected);
    client.off('ws_message', onMessage);
  };
}
