import {
  type App,
  type ReceiverEvent,
  SocketModeReceiver,
  type SocketModeReceiverOptions,
} from '@slack/bolt';
import type { Clock } from '../../lib/clock.ts';
import { asError } from '../../lib/errors.ts';
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
import { keepConnected } from './keep-connected.ts';

interface Intake {
  onEvent: OnEvent | undefined;
  onClick: OnClick | undefined;
  inFlight: InFlight;
  clock: Clock;
  log: Log;
}

/**
 * Bolt's Socket Mode receiver with the same intake as over HTTP: events are stored before they are acknowledged where
 * `onEvent` is given, all work under way is known, so that a shutdown can wait for it, and `keepConnected` maintains
 * the connection.
 */
export class SocketReceiver extends SocketModeReceiver {
  readonly #intake: Intake;
  #release: (() => void) | null = null;

  constructor(options: SocketModeReceiverOptions, intake: Intake) {
    super({ ...options, autoReconnectEnabled: false });
    this.#intake = intake;
  }

  override async start(): ReturnType<SocketModeReceiver['start']> {
    const connection = await super.start();
    this.#release = keepConnected(this.client, this.#intake.clock, this.#intake.log);
    return connection;
  }

  override async stop(): Promise<void> {
    this.#release?.();
    await super.stop();
  }

  override init(app: App): void {
    const { onEvent, onClick, inFlight, log } = this.#intake;
    const take = async (event: ReceiverEvent): Promise<void> => {
      if (onEvent && isEventBody(event.body)) {
        const incoming = readEvent(event.body, JSON.stringify(event.body));
        try {
          if (incoming !== null) await storeInTime(onEvent(incoming));
        } catch (error) {
          // Without an ack Slack sends it again.
          log.error({ err: asError(error) }, 'slack.event_not_stored');
          return;
        }
        await event.ack();
        return;
      }
      const click = clickKey(event.body);
      if (onClick && click !== null && !(await storeInTime(onClick(click)))) {
        log.warn({ key: click }, 'slack.click_repeated');
        await event.ack();
        return;
      }
      await app.processEvent(event);
    };
    // The base class calls nothing of the app but `processEvent`.
    super.init({ processEvent: (event: ReceiverEvent) => inFlight.track(take(event)) } as App);
  }
}
