import type { App } from '@slack/bolt';
import { answer, type ListenerContext } from '../answer.ts';

export const commandName = '/trex';

export function registerCommands(app: App, context: ListenerContext): void {
  const { bot, log } = context;
  app.command(commandName, async ({ ack, command, client, respond }) => {
    await ack();
    const { team_id: teamId, channel_id: channel, user_id: user, text } = command;
    await answer({ client, user, channel, threadTs: null, respond }, log, () =>
      bot.command({ teamId, channel, user, text: (text ?? '').trim() }),
    );
  });
}
