import type { App, BlockAction, ButtonAction, MessageShortcut, ViewSubmitAction } from '@slack/bolt';
import { editCallbackId } from '../views/edit-modal.ts';
import { aboutOfBlockId } from '../views/message.ts';
import { onClick } from './actions/dispatch.ts';
import { answer, type ListenerContext } from './answer.ts';
import { onAppHomeOpened } from './events/app-home-opened.ts';
import { onAppMention, onMessage } from './events/incoming.ts';
import { onEditSubmitted } from './views/edit.ts';

export const commandName = '/trex';
export const explainCallbackId = 'explain_result';

/** Seven listeners in all: Bolt runs the chain of every listener for every payload, so a small number stays fast. */
export function registerListeners(app: App, context: ListenerContext): void {
  const { bot, log } = context;

  app.event('app_mention', ({ event, body, client, context: { botUserId, delivery } }) =>
    onAppMention(context, { event, teamId: body.team_id, client, botUserId: botUserId ?? '', delivery }),
  );
  app.event('message', ({ event, body, client, context: { botUserId, delivery } }) =>
    onMessage(context, { event, teamId: body.team_id, client, botUserId: botUserId ?? '', delivery }),
  );
  app.event('app_home_opened', ({ event, body, client }) =>
    onAppHomeOpened(context, { tab: event.tab, user: event.user, teamId: body.team_id, client }),
  );

  // One for every button; `onClick` finds the button by the verb in its id.
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

  app.view<ViewSubmitAction>(
    { type: 'view_submission', callback_id: editCallbackId },
    ({ ack, view, body, client }) => onEditSubmitted(context, { ack, view, user: body.user.id, client }),
  );

  app.command(commandName, async ({ ack, command, client, respond }) => {
    await ack();
    const { team_id: teamId, channel_id: channel, user_id: user, text } = command;
    await answer({ client, user, channel, threadTs: null, respond }, log, () =>
      bot.command({ teamId, channel, user, text: (text ?? '').trim() }),
    );
  });

  // "Explain this result" on a message of ours: the first block's id names its campaign and node.
  app.shortcut<MessageShortcut>(
    { type: 'message_action', callback_id: explainCallbackId },
    async ({ ack, shortcut, client, respond }) => {
      await ack();
      const { message, channel, user } = shortcut;
      const blocks = message.blocks as { block_id?: string }[] | undefined;
      const about = aboutOfBlockId(blocks?.[0]?.block_id);
      const threadTs = (message.thread_ts as string | undefined) ?? message.ts;
      const audience = { client, user: user.id, channel: channel.id, threadTs, respond };
      await answer(audience, log, async () => {
        if (about === null || about.node === null) {
          return {
            private:
              'I can explain messages of mine that show a node or a score. Or ask in the thread: "why 8?"',
          };
        }
        return bot.why({ campaignId: about.campaignId, node: about.node, user: user.id });
      });
    },
  );
}
