import type { App } from '@slack/bolt';
import type { ListenerContext } from '../answer.ts';
import { onAppHomeOpened } from './app-home-opened.ts';
import { onAppMention, onMessage } from './incoming.ts';

export function registerEvents(app: App, context: ListenerContext): void {
  app.event('app_mention', ({ event, body, client, context: { botUserId, delivery } }) =>
    onAppMention(context, { event, teamId: body.team_id, client, botUserId: botUserId ?? '', delivery }),
  );
  app.event('message', ({ event, body, client, context: { botUserId, delivery } }) =>
    onMessage(context, { event, teamId: body.team_id, client, botUserId: botUserId ?? '', delivery }),
  );
  app.event('app_home_opened', ({ event, body, client }) =>
    onAppHomeOpened(context, { tab: event.tab, user: event.user, teamId: body.team_id, client }),
  );
}
