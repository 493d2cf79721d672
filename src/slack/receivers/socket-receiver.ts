import {
  type App,
  type ReceiverEvent,
  SocketModeReceiver,
  type SocketModeReceiverOptions,
} from '@slack/bolt';
import { asError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { type InFlight, isEventBody, type OnEvent } from './intake.ts';

/**
 * Bolt's Socket Mode receiver with the same intake as over HTTP: events are stored before they are acknowledged
 * where `onEvent` is given, and everything under way is known, so that a shutdown can wait for it.
 *
 * NOTE: @slack/socket-mode 3.1.0 is without a connection for 5 to 12 s at each refresh Slack asks for, every few
 * hours (fixed in 3.2.0); Slack keeps what it could not deliver and sends it again.
 */
export class SocketReceiver extends SocketModeReceiver {
  readonly #intake: { onEvent: OnEvent | undefined; inFlight: InFlight; log: Log };

  constructor(
    options: SocketModeReceiverOptions,
    intake: { onEvent: OnEvent | undefined; inFlight: InFlight; log: Log },
  ) {
    super(options);
    this.#intake = intake;
  }

  override init(app: App): void {
    const { onEvent, inFlight, log } = this.#intake;
    const take = async (event: ReceiverEvent): Promise<void> => {
      if (onEvent && isEventBody(event.body)) {
        try {
          await onEvent(JSON.stringify(event.body));
        } catch (error) {
          // Without an ack Slack sends it again.
          log.error({ err: asError(error) }, 'slack.event_not_stored');
          return;
        }
        await event.ack();
        return;
      }
      await app.processEvent(event);
    };
    // The base class calls nothing of the app but `processEvent`.
    super.init({ processEvent: (event: ReceiverEvent) => inFlight.track(take(event)) } as App);
  }
}
