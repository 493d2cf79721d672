import { App, type Logger, LogLevel, type Receiver } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import { type Clock, systemClock } from '../lib/clock.ts';
import { asError, TrexError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Bot } from '../operations/bot.ts';
import type { Delivery } from '../operations/inbox/handle-inbox.ts';
import { slackCodeOf } from './delivery-errors.ts';
import { registerListeners } from './listeners/register.ts';
import { HttpReceiver } from './receivers/http-receiver.ts';
import { createInFlight, type OnClick, type OnEvent } from './receivers/intake.ts';
import { SocketReceiver } from './receivers/socket-receiver.ts';

export const slackApiUrl = 'https://slack.com/api/';

export interface SlackOptions {
  /** `socket` needs no address of our own; `http` takes signed requests at `path` (unset: `/slack/events`). */
  connection:
    | { mode: 'socket'; appToken: string }
    | { mode: 'http'; signingSecret: string; port: number; host?: string; path?: string };
  botToken: string;
  /** Unset: slack.com. */
  apiUrl?: string;
  bot: Bot;
  log: Log;
  clock?: Clock;
  /** Stores an event before it is acknowledged to Slack; see `OnEvent`. */
  onEvent?: OnEvent;
  /** Marks a click as used before it is handled; see `OnClick`. */
  onClick?: OnClick;
}

interface SlackIdentity {
  botUserId: string;
  botId: string;
  teamId: string;
  teamName: string;
}

export interface Slack {
  /**
   * Asks Slack for the bot's identity, then starts to receive. @throws TrexError `slack_refused` with Slack's reason.
   */
  start(): Promise<SlackIdentity>;
  /** Receives nothing new and waits for work under way, at most `drainMs` (unset: 10 s). */
  stop(options?: { drainMs?: number }): Promise<void>;
  /**
   * Handles an event that `onEvent` stored earlier; resolves when its listeners are done.
   * @throws an error of a listener that a retry may repair, `authorize` included
   */
  handleEvent(rawBody: string, delivery?: Delivery): Promise<void>;
  /** The port of HTTP mode; null in Socket Mode and before `start`. */
  readonly port: number | null;
  /** For tests: payloads enter with `app.processEvent`. */
  readonly app: App;
}

/**
 * By default the SDK waits for ever and retries for half an hour, and one 429 pauses the whole client. Here a call ends
 * in 10 s and 429 is returned to the caller.
 */
export function webClientOptions(apiUrl: string, log: Log, retries: number): WebClientOptions {
  return {
    slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`,
    timeout: 10_000,
    retryConfig: { retries, minTimeout: 300, maxTimeout: 2000 },
    rejectRateLimitedCalls: true,
    logger: createSdkLogger(log),
  };
}

export function createSlack(options: SlackOptions): Slack {
  const {
    botToken,
    bot,
    log,
    onEvent,
    onClick,
    apiUrl = slackApiUrl,
    clock = systemClock,
    connection,
  } = options;
  const clientOptions = webClientOptions(apiUrl, log, 1);
  const inFlight = createInFlight(log);
  const receiver: Receiver & { port?: number | null } =
    connection.mode === 'socket'
      ? new SocketReceiver(
          {
            appToken: connection.appToken,
            logger: createSdkLogger(log),
            installerOptions: { clientOptions },
            // Training shares the processor with us: a late pong is not a lost connection.
            clientPingTimeout: 15_000,
          },
          { onEvent, onClick, inFlight, clock, log },
        )
      : new HttpReceiver({ ...connection, onEvent, onClick, inFlight, clock, log });
  let identity: SlackIdentity | null = null;
  const app = new App({
    receiver,
    // One token from the configuration, so nothing is looked up per event and no lookup can lose one.
    authorize: async () => {
      const { botUserId, botId, teamId } = identity ?? (await identify());
      return { botToken, botUserId, botId, teamId };
    },
    convoStore: false,
    logger: createSdkLogger(log),
    clientOptions,
  });
  // Bolt would log it and call that success; the caller that passed the payload in has to know, and logs it.
  app.error(async (error) => {
    throw error;
  });
  registerListeners(app, { bot, log, botToken, apiUrl });

  async function identify(): Promise<SlackIdentity> {
    const client = new WebClient(botToken, webClientOptions(apiUrl, log, 2));
    try {
      const me = await client.auth.test();
      identity = {
        botUserId: me.user_id ?? '',
        botId: me.bot_id ?? '',
        teamId: me.team_id ?? '',
        teamName: me.team ?? '',
      };
      return identity;
    } catch (cause) {
      const code = slackCodeOf(cause);
      throw new TrexError(
        code ? 'slack_refused' : 'slack_unreachable',
        code ? 'config' : 'provider',
        code
          ? `Slack refused the bot token (${code}). Check SLACK_BOT_TOKEN.`
          : `Slack cannot be reached at ${apiUrl}: ${asError(cause).message}`,
        { cause },
      );
    }
  }

  return {
    app,
    get port() {
      return receiver.port ?? null;
    },
    start: async () => {
      const who = await identify();
      await app.start();
      log.info({ team: who.teamName, mode: connection.mode }, 'slack.connected');
      return who;
    },
    stop: async ({ drainMs = 10_000 } = {}) => {
      await app.stop();
      if (!(await inFlight.drain(drainMs))) log.warn({ drainMs }, 'slack.stopped_with_work_left');
    },
    handleEvent: (rawBody, delivery) =>
      inFlight.track(
        app.processEvent({
          body: JSON.parse(rawBody) as Record<string, unknown>,
          ack: async () => {},
          ...(delivery === undefined ? {} : { customProperties: { delivery } }),
        }),
      ),
  };
}

/** The SDK's messages in our log: its info level is our debug level. */
function createSdkLogger(log: Log): Logger {
  const text = (parts: unknown[]): string =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: () => {},
    info: (...parts) => log.debug({ sdk: text(parts) }, 'slack.sdk'),
    warn: (...parts) => log.warn({ sdk: text(parts) }, 'slack.sdk'),
    error: (...parts) => log.error({ sdk: text(parts) }, 'slack.sdk'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
