import { parseThreadCommand, type ThreadCommand } from '../../campaign/commands/parse-command.ts';
import { noWish } from '../../campaign/steering.ts';
import type { ThreadReading } from '../../campaign/thread-reading.ts';
import type { CampaignView } from '../../campaign/view.ts';
import { TrexError } from '../../lib/errors.ts';
import { findingsText, nodeText, orderText, statusText, whyText } from '../../report/thread-text.ts';
import { listApprovals } from '../../store/approvals.ts';
import { type CampaignRow, getCampaign } from '../../store/campaigns.ts';
import { listNodes } from '../../store/nodes.ts';
import { findSlot } from '../../store/outbox.ts';
import type { OutboxPayload } from '../../store/outbox-types.ts';
import { findResearch } from '../../store/research.ts';
import type { IncomingMessage, Reply } from '../bot.ts';
import { changeBudget } from '../campaign/change-budget.ts';
import { continueCampaign } from '../campaign/continue-campaign.ts';
import { pauseCampaign, stopCampaign } from '../campaign/control-campaign.ts';
import { decideApproval } from '../campaign/decide-approval.ts';
import { loadView } from '../campaign/load-view.ts';
import { setPrice } from '../campaign/set-price.ts';
import type { Context } from '../context.ts';
import { linkToCampaign } from '../page-address.ts';
import { approvalSlot, say } from '../say.ts';
import { requestShipment } from '../shipping/request-shipment.ts';
import { answerQuestion } from './answer-question.ts';
import { explainDifference } from './explain-difference.ts';
import { forecastGain } from './forecast-gain.ts';
import { channelSummary, helpText } from './list-campaigns.ts';
import { listenTo } from './listen-to.ts';
import { namesSource } from './name-sources.ts';
import { steerCampaign, tellSteering } from './steer-campaign.ts';

/**
 * What people write in the thread of a started campaign. Without a mention only a clear command is answered: people
 * talk to each other here. @returns true when it was for the bot
 */
export async function runThreadCommand({
  ctx,
  campaign,
  input,
  spokenTo,
}: {
  ctx: Context;
  campaign: CampaignRow;
  input: IncomingMessage;
  spokenTo: boolean;
}): Promise<boolean> {
  const command = commandOf(input, spokenTo);
  if (!spokenTo && !(await isClear(ctx, campaign, command, input))) return false;
  const payload = await reply(ctx, campaign, command, input).catch((error: unknown) => {
    // What is not about what they wrote is the surface's to tell, and to try again.
    if (error instanceof TrexError && (error.fault === 'user' || error.fault === 'data'))
      return answerOf(ctx, campaign, error.message);
    throw error;
  });
  await say(ctx.db, campaign, { key: `reply:${input.ts}`, payload, at: ctx.clock.now() });
  return true;
}

async function reply(
  ctx: Context,
  campaign: CampaignRow,
  command: ThreadCommand,
  message: IncomingMessage,
): Promise<OutboxPayload> {
  if (command.kind === 'summary') return channelSummary(ctx, campaign);
  if (command.kind !== 'unknown') {
    return answerOf(ctx, campaign, await answer(ctx, campaign, command, message));
  }
  const reading = await listenTo(ctx, campaign, message);
  if (reading?.kind === 'command') return reply(ctx, campaign, reading.command, message);
  return answerOf(ctx, campaign, await answerReading(ctx, campaign, reading, message));
}

/** What a language model made of words that the rules cannot read. It gives no order, whatever it read. */
async function answerReading(
  ctx: Context,
  campaign: CampaignRow,
  reading: Exclude<ThreadReading, { kind: 'command' }> | null,
  { text }: IncomingMessage,
): Promise<string> {
  switch (reading?.kind) {
    case 'order':
      return orderText(reading.order, reading.node);
    case 'question':
      return answerQuestion({ ctx, campaign, question: text });
    case 'unclear':
      return `${reading.askBack} Nothing was changed.`;
    case 'talk':
      return 'There is nothing in that for me to do. `help` says what I understand.';
    case undefined:
      return `I did not understand that; nothing was changed.\n${helpText}`;
  }
}

/** Rows attached for the bot are data to try, whatever is said with them. */
function commandOf(input: IncomingMessage, spokenTo: boolean): ThreadCommand {
  const command = parseThreadCommand(input.text);
  if (command.kind !== 'unknown' || !spokenTo || input.files.length === 0) return command;
  return { kind: 'steer', wish: { ...noWish, source: 'this' } };
}

/** People also tell each other to use files; that is for the bot when it knows the source, or has the file. */
async function isClear(
  ctx: Context,
  campaign: CampaignRow,
  command: ThreadCommand,
  input: IncomingMessage,
): Promise<boolean> {
  if (command.kind === 'unknown') return false;
  if (command.kind !== 'steer' || command.wish.source === null || input.files.length > 0) return true;
  return namesSource(ctx, campaign, command.wish.source);
}

/** A text whose rounds link to the campaign's page, where it has one. */
function answerOf(ctx: Context, { id }: CampaignRow, text: string): OutboxPayload {
  const page = linkToCampaign(ctx, id);
  return { kind: 'text', text, ...(page === null ? {} : { page }) };
}

async function answer(
  ctx: Context,
  campaign: CampaignRow,
  command: Exclude<ThreadCommand, { kind: 'summary' | 'unknown' }>,
  message: IncomingMessage,
): Promise<string> {
  const { user } = message;
  const source = `message:${message.ts}`;
  const input = { campaignId: campaign.id, user, source };
  switch (command.kind) {
    case 'status':
      return statusText(await loadView({ ctx, campaignId: campaign.id }));
    case 'help':
      return helpText;
    case 'pause':
      return pauseCampaign({ ctx, input });
    case 'resume':
      return continueCampaign({ ctx, input: { ...input, more: null, until: null } });
    case 'stop':
      return stopCampaign({ ctx, input });
    case 'show': {
      const view = await loadView({ ctx, campaignId: campaign.id });
      return withNode(view, command.node, (number) => nodeText(view, number));
    }
    case 'why': {
      const view = await loadView({ ctx, campaignId: campaign.id });
      const { against } = command;
      if (against !== null && command.node !== null) {
        return explainDifference({ ctx, campaign, number: command.node, against });
      }
      return withNode(view, command.node, (number) => whyText(view, number));
    }
    case 'budget':
      return changeBudget({ ctx, input: { ...input, change: command.change, limit: command.limit } });
    case 'price':
      return setPrice({ ctx, input: { ...input, usd: command.usd, perGpu: command.perGpu } });
    case 'steer': {
      const by = { user, source, words: message.text };
      return steerCampaign({ ctx, campaign, wish: command.wish, files: message.files, by });
    }
    case 'steering':
      return tellSteering(campaign);
    case 'forecast':
      return forecastGain({ ctx, campaign, more: command.more });
    case 'findings':
      return tellFindings(ctx, campaign);
    case 'ship':
      return requestShipment({ ctx, input: { ...input, round: command.node, kind: command.target } });
    case 'approve':
    case 'reject':
      return decideByWord(ctx, campaign, command, message);
  }
}

function withNode(view: CampaignView, node: number | null, tell: (number: number) => string): string {
  const number = node ?? view.best;
  return number === null ? 'There is no round yet.' : tell(number);
}

async function tellFindings(ctx: Context, campaign: CampaignRow): Promise<string> {
  const findings = await findResearch(ctx.db, campaign.id);
  if (findings !== undefined) return findingsText(findings);
  return ctx.research === null
    ? 'I look nothing up here: research is switched off (`TREX_RESEARCH`).'
    : 'I have not finished looking yet.';
}

async function decideByWord(
  ctx: Context,
  campaign: CampaignRow,
  command: Extract<ThreadCommand, { kind: 'approve' | 'reject' }>,
  { ts, user }: IncomingMessage,
): Promise<string> {
  const pending = (await listApprovals(ctx.db, campaign.id)).filter((a) => a.state === 'pending');
  const nodes = await listNodes(ctx.db, campaign.id);
  const numberOf = (nodeId: number): number | undefined => nodes.find((n) => n.id === nodeId)?.number;
  const meant =
    command.node === null
      ? pending.length === 1
        ? pending[0]
        : undefined
      : pending.find((a) => numberOf(a.nodeId) === command.node);
  if (meant === undefined) {
    if (pending.length === 0) {
      const known = nodes.some((n) => n.number === command.node);
      const hint =
        command.kind === 'reject' && known
          ? ` To grow nothing more from #${command.node}, write \`ban ${command.node}\`.`
          : '';
      return `Nothing waits for a yes or no.${hint}`;
    }
    const names = pending.map((a) => `#${numberOf(a.nodeId)}`).join(', ');
    return `Which one? ${names} ${pending.length === 1 ? 'waits' : 'wait'}. Write for example \`approve ${numberOf(pending[0]?.nodeId ?? 0)}\`.`;
  }
  // A word that arrives late, or twice, is never about a question that came up after it was written.
  const card = await findSlot(ctx.db, approvalSlot(meant.id));
  if (card === undefined || card.ts > ts) {
    return `The question about #${numberOf(meant.nodeId)} came up after you wrote that. Look at its card, please, and answer once more.`;
  }
  const decision = command.kind === 'reject' ? 'reject' : command.cheaper ? 'cheaper' : 'approve';
  const reply = await decideApproval({ ctx, input: { approvalId: meant.id, decision, user } });
  const done = {
    approve: 'is approved',
    cheaper: 'is approved in its cheaper version',
    reject: 'is rejected',
  }[decision];
  const number = numberOf(meant.nodeId);
  if (meant.kind === 'code' && reply.private === null)
    return decision === 'reject'
      ? `The code of #${number} is rejected; it never ran, and I do not propose it again.`
      : `The code of #${number} is approved. It runs next, and its round after it.`;
  return reply.private ?? `#${number} ${done}.`;
}

/** "Ask why" on a card, and the message shortcut. */
export async function explainNode({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; node: number; user: string };
}): Promise<Reply> {
  const campaign = await getCampaign(ctx.db, input.campaignId);
  const view = await loadView({ ctx, campaignId: campaign.id });
  const at = ctx.clock.now();
  await say(ctx.db, campaign, {
    key: `why:${input.node}:${at.getTime()}`,
    payload: answerOf(ctx, campaign, nodeText(view, input.node)),
    at,
  });
  return { private: null };
}
