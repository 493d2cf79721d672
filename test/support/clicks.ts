import { App } from '@slack/bolt';
import { silentLog } from '../../src/lib/log.ts';
import type { Bot } from '../../src/operations/bot.ts';
import { registerListeners } from '../../src/slack/listeners/register.ts';

export interface Clicks {
  /** Presses a button, as Slack reports it. @returns when Slack had its answer, and the messages to the person */
  press(action: {
    id: string;
    value?: string;
    user: string;
    threadTs?: string;
  }): Promise<{ acknowledgedFirst: boolean; told: string[] }>;
}

/** Our listeners under Bolt, fed in this process: from a click as Slack sends it to the bot and back to the person. */
export function createClicks(bot: Bot): Clicks {
  let told: string[] = [];
  let steps: string[] = [];
  const app = new App({
    authorize: async () => ({ botToken: 'xoxb-1', botUserId: 'U0BOT', botId: 'B0BOT', teamId: 'T1' }),
    receiver: { init: () => {}, start: async () => {}, stop: async () => {} },
    convoStore: false,
    clientOptions: {
      slackApiUrl: 'http://slack.invalid/api/',
      retryConfig: { retries: 0 },
      fetch: async (url, init) => {
        const text = new URLSearchParams(String(init?.body ?? '')).get('text');
        if (String(url).endsWith('chat.postEphemeral') && text !== null) told.push(text);
        return Response.json({ ok: true });
      },
    },
  });
  const noting = Object.fromEntries(
    Object.entries(bot).map(([verb, run]) => [
      verb,
      (input: never) => {
        steps.push('work');
        return (run as (input: never) => unknown)(input);
      },
    ]),
  ) as unknown as Bot;
  registerListeners(app, {
    bot: noting,
    log: silentLog,
    botToken: 'xoxb-1',
    apiUrl: 'http://slack.invalid/api/',
  });
  return {
    press: async ({ id, value, user, threadTs = '7.1' }) => {
      told = [];
      steps = [];
      await app.processEvent({
        body: {
          type: 'block_actions',
          team: { id: 'T1' },
          user: { id: user },
          channel: { id: 'C1' },
          container: { type: 'message', message_ts: '7.3' },
          message: { ts: '7.3', thread_ts: threadTs },
          trigger_id: 't-1',
          actions: [{ type: 'button', action_id: id, ...(value === undefined ? {} : { value }) }],
        },
        ack: async () => {
          steps.push('ack');
        },
      });
      return { acknowledgedFirst: steps[0] === 'ack', told };
    },
  };
}
