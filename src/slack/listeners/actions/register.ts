import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import type { ListenerContext } from '../answer.ts';
import { onClick } from './dispatch.ts';

/** One listener for every button; `dispatch` knows the buttons by the verb in their id. */
export function registerActions(app: App, context: ListenerContext): void {
  app.action<BlockAction>({ type: 'block_actions' }, async ({ ack, action, body, client, respond }) => {
    await ack();
    const button = action as ButtonAction;
    const { channel, message } = body;
    const threadTs = (message?.thread_ts as string | undefined) ?? body.container.thread_ts;
    await onClick(context, {
      actionId: button.action_id,
      value: button.value ?? '',
      user: body.user.id,
      teamId: body.team?.id ?? '',
      channel: channel?.id ?? null,
      messageTs: message?.ts ?? null,
      threadTs: (threadTs as string | undefined) ?? null,
      triggerId: body.trigger_id,
      client,
      respond: body.response_url ? respond : undefined,
    });
  });
}
