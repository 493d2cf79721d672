import type { App, MessageShortcut } from '@slack/bolt';
import { aboutOfBlockId } from '../../views/message.ts';
import { answer, type ListenerContext } from '../answer.ts';

export const explainCallbackId = 'explain_result';

/** "Explain this result" on a message of ours: the first block's id says which campaign and node it is about. */
export function registerShortcuts(app: App, context: ListenerContext): void {
  const { bot, log } = context;
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
              'I can explain messages of mine that show a branch or a score. Or ask in the thread: "why 8?"',
          };
        }
        return bot.why({ campaignId: about.campaignId, node: about.node, user: user.id });
      });
    },
  );
}
