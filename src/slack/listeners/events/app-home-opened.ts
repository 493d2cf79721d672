import type { WebClient } from '@slack/web-api';
import { asError } from '../../../lib/errors.ts';
import { buildHome } from '../../views/home.ts';
import { type ListenerContext, sentenceOf } from '../answer.ts';

export async function onAppHomeOpened(
  context: ListenerContext,
  input: { tab: string | undefined; user: string; teamId: string; client: WebClient },
): Promise<void> {
  const { bot, log } = context;
  const { tab, user, teamId, client } = input;
  if (tab !== 'home') return;
  let view: ReturnType<typeof buildHome>;
  try {
    view = buildHome({ campaigns: await bot.campaigns({ teamId, user }), problem: null });
  } catch (error) {
    view = buildHome({ campaigns: [], problem: sentenceOf(error, log) });
  }
  try {
    await client.views.publish({ user_id: user, view });
  } catch (error) {
    log.warn({ err: asError(error), user }, 'slack.home_not_published');
  }
}
