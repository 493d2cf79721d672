import type { RespondFn } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Reply } from '../../../operations/bot.ts';
import { slackCodeOf } from '../../delivery-errors.ts';
import { buildEditModal } from '../../views/edit-modal.ts';
import { parseActionId } from '../../views/elements.ts';
import { answer, type ListenerContext } from '../answer.ts';

export interface Click {
  actionId: string;
  value: string;
  user: string;
  teamId: string;
  /** Null in App Home. */
  channel: string | null;
  messageTs: string | null;
  threadTs: string | null;
  triggerId: string;
  client: WebClient;
  respond: RespondFn | undefined;
}

type Handler = (context: ListenerContext, click: Click, parts: string[]) => Promise<Reply | null>;

/** Every button there is: the verb of its action id, and what it does. */
const handlers = new Map<string, Handler>([
  [
    'answer',
    ({ bot }, { user, value, messageTs }, [campaignId = '', field = '']) =>
      bot.answerQuestion({ campaignId, field, value, user, messageTs: messageTs ?? '' }),
  ],
  ['start', ({ bot }, { user }, [campaignId = '']) => bot.start({ campaignId, user })],
  [
    'begin',
    ({ bot }, { user }, [campaignId = '', request = '', word = '']) =>
      bot.decideStart({ campaignId, request, decision: word === 'approve' ? 'approve' : 'reject', user }),
  ],
  ['cancel', ({ bot }, { user }, [campaignId = '']) => bot.cancel({ campaignId, user })],
  ['edit', openEditModal],
  [
    'budget',
    ({ bot }, { user, value }, [campaignId = '']) => bot.raiseBriefBudget({ campaignId, value, user }),
  ],
  [
    'approve',
    ({ bot }, { user }, [approvalId = '']) => bot.decide({ approvalId, decision: 'approve', user }),
  ],
  [
    'cheaper',
    ({ bot }, { user }, [approvalId = '']) => bot.decide({ approvalId, decision: 'cheaper', user }),
  ],
  ['reject', ({ bot }, { user }, [approvalId = '']) => bot.decide({ approvalId, decision: 'reject', user })],
  [
    'withdraw',
    ({ bot }, { user }, [campaignId = '', node = '']) =>
      bot.withdraw({ campaignId, node: Number(node), user }),
  ],
  [
    'why',
    ({ bot }, { user }, [campaignId = '', node = '']) => bot.why({ campaignId, node: Number(node), user }),
  ],
  [
    'raise',
    ({ bot }, { user, value }, [campaignId = '', question = '']) =>
      bot.raiseBudget({ campaignId, question, value, user }),
  ],
  [
    'continue',
    ({ bot }, { user, value }, [campaignId = '', end = '']) =>
      bot.continueFromReport({ campaignId, user, end: Number(end), value }),
  ],
  [
    'confirm',
    ({ bot }, { user }, [campaignId = '', confirmationId = '', choice = '']) =>
      bot.confirm({ campaignId, confirmationId, choice, user }),
  ],
  [
    'stop',
    ({ bot }, click, [campaignId = '', list = '']) =>
      bot.stopListed({ campaignIds: [campaignId], user: click.user, shown: shownList(click, list) }),
  ],
  [
    'stop_all',
    ({ bot }, click, [list = '']) =>
      bot.stopListed({ campaignIds: idsOf(click), user: click.user, shown: shownList(click, list) }),
  ],
  ['ship', ({ bot }, { user }, [campaignId = '', kind = '']) => bot.ship({ campaignId, kind, user })],
  [
    'shipping',
    ({ bot }, { user }, [shipmentId = '', word = '']) =>
      bot.decideShipment({ shipmentId, decision: word === 'approve' ? 'approve' : 'decline', user }),
  ],
  ['open', openCampaign],
]);

const idsOf = ({ value }: Click): string[] => value.split(',').filter((id) => id !== '');

/** The list that a Stop button belongs to; null for one that only this person sees. */
const shownList = (
  click: Click,
  list: string,
): Parameters<ListenerContext['bot']['stopListed']>[0]['shown'] =>
  list === '' || click.channel === null
    ? null
    : { list, ids: idsOf(click), channel: click.channel, threadTs: click.threadTs };

/** The answer to a click on a button of an older version, or on an unknown one. */
const unknownButton =
  'This button is from an older version of me and does nothing any more. Ask me in the thread instead.';

export async function onClick(context: ListenerContext, click: Click): Promise<void> {
  const { verb, parts } = parseActionId(click.actionId);
  const handler = handlers.get(verb);
  if (!handler) context.log.warn({ action: click.actionId.slice(0, 80) }, 'slack.unknown_button');
  await answer(click, context.log, async () =>
    handler ? handler(context, click, parts) : { private: unknownButton },
  );
}

async function openEditModal(
  { bot }: ListenerContext,
  click: Click,
  [campaignId = '']: string[],
): Promise<Reply | null> {
  const fields = await bot.editValues({ campaignId, user: click.user });
  const origin = { campaignId, channel: click.channel ?? click.user, threadTs: click.threadTs };
  try {
    await click.client.views.open({ trigger_id: click.triggerId, view: buildEditModal(fields, origin) });
    return null;
  } catch (error) {
    // Slack lets a click open a form for 3 s only.
    const code = slackCodeOf(error);
    if (code === 'expired_trigger_id' || code === 'invalid_trigger_id' || code === 'trigger_expired') {
      return { private: 'The form took too long to open. Please press Edit again.' };
    }
    throw error;
  }
}

async function openCampaign(
  { bot }: ListenerContext,
  { teamId, user }: Click,
  [campaignId = '']: string[],
): Promise<Reply | null> {
  const found = (await bot.campaigns({ teamId, user })).find((campaign) => campaign.id === campaignId);
  if (!found) return { private: 'I cannot find that campaign any more.' };
  return { private: found.link ? `${found.line}\n${found.link}` : found.line };
}
