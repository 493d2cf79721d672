import type { Brief } from '../../campaign/brief.ts';
import { parseThreadCommand, type ThreadCommand } from '../../campaign/commands.ts';
import type { Strategy } from '../../campaign/states.ts';
import type { Steering } from '../../campaign/steering.ts';
import type { CampaignView } from '../../campaign/view.ts';
import { TrexError } from '../../lib/errors.ts';
import { nodeText, statusText, whyText } from '../../report/thread-text.ts';
import { listApprovals } from '../../store/approvals.ts';
import { type CampaignRow, getCampaign, lockCampaign, updateCampaign } from '../../store/campaigns.ts';
import { findEventBySource, recordEvent } from '../../store/events.ts';
import { listNodes } from '../../store/nodes.ts';
import { findSlot } from '../../store/outbox.ts';
import type { IncomingMessage, Reply } from '../bot.ts';
import { changeBudget } from '../campaign/change-budget.ts';
import { pauseCampaign, resumeCampaign, stopCampaign } from '../campaign/control-campaign.ts';
import { decideApproval } from '../campaign/decide-approval.ts';
import { loadView } from '../campaign/load-view.ts';
import type { Context } from '../context.ts';
import { approvalSlot, say } from '../say.ts';
import { explainDifference } from './explain-difference.ts';
import { channelSummary, helpText } from './list-campaigns.ts';

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
  const command = parseThreadCommand(input.text);
  if (command.kind === 'unknown' && !spokenTo) return false;
  const at = ctx.clock.now();
  const key = `reply:${input.ts}`;
  if (command.kind === 'summary') {
    await say(ctx.db, campaign, { key, payload: await channelSummary(ctx, campaign), at });
    return true;
  }
  const text = await answer(ctx, campaign, command, input).catch((error: unknown) => {
    // What is not about what they wrote is the surface's to tell, and to try again.
    if (error instanceof TrexError && (error.fault === 'user' || error.fault === 'data'))
      return error.message;
    throw error;
  });
  await say(ctx.db, campaign, { key, payload: { kind: 'text', text }, at });
  return true;
}

async function answer(
  ctx: Context,
  campaign: CampaignRow,
  command: ThreadCommand,
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
      return resumeCampaign({ ctx, input });
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
    case 'steer':
      return steer(ctx, campaign, command, { user, source });
    case 'approve':
    case 'reject':
      return decideByWord(ctx, campaign, command, message);
    case 'summary':
    case 'unknown':
      return `I did not understand that; nothing was changed.\n${helpText}`;
  }
}

function withNode(view: CampaignView, node: number | null, tell: (number: number) => string): string {
  const number = node ?? view.best;
  return number === null ? 'There is no round yet.' : tell(number);
}

const strategyWords: Record<Strategy, string> = {
  establish_baseline: 'baseline rounds',
  refine_data_pipeline: 'data cleaning rounds',
  construct_synthetic_data: 'synthetic data rounds',
  adjust_training_scheme: 'training scheme rounds',
};

async function steer(
  ctx: Context,
  campaign: CampaignRow,
  command: Extract<ThreadCommand, { kind: 'steer' }>,
  by: { user: string; source: string },
): Promise<string> {
  const at = ctx.clock.now();
  return ctx.db.transaction(async (tx) => {
    const now = await lockCampaign(tx, campaign.id);
    const earlier = await findEventBySource(tx, now.id, by.source);
    if (earlier !== undefined) return String(earlier.text);
    const brief = now.brief as Brief;
    const merge = <T>(old: T[], ban: T[], allow: T[]): T[] => [
      ...new Set([...old.filter((x) => !allow.includes(x)), ...ban]),
    ];
    const steering: Steering = {
      bannedMethods: merge(now.steering.bannedMethods, command.ban.methods, command.allow.methods),
      bannedStrategies: merge(
        now.steering.bannedStrategies,
        command.ban.strategies,
        command.allow.strategies,
      ),
      focus:
        command.focus === null
          ? now.steering.focus
          : [...new Set([...now.steering.focus, command.focus])].slice(-5),
    };
    const left = brief.scope.methods.filter((m) => !steering.bannedMethods.includes(m));
    if (left.length === 0) return 'That would leave no training method at all, so I have changed nothing.';
    await updateCampaign(tx, now.id, { steering });
    const said = [
      ...command.ban.methods.map((m) => `no more ${m === 'lora' ? 'LoRA' : 'full fine-tuning'}`),
      ...command.ban.strategies.map((s) => `no more ${strategyWords[s]}`),
      ...command.allow.methods.map((m) => `${m === 'lora' ? 'LoRA' : 'full fine-tuning'} is allowed again`),
      ...command.allow.strategies.map((s) => `${strategyWords[s]} are allowed again`),
      ...(command.focus === null ? [] : [`I prefer what concerns "${command.focus}"`]),
    ];
    const waiting = (await listApprovals(tx, now.id)).filter((a) => a.state === 'pending').length;
    const pending = waiting === 0 ? '' : ` What waits for a yes or no still waits.`;
    const text = `Understood: ${said.join('; ')}. From the next round on.${pending}`;
    await recordEvent(tx, {
      campaignId: now.id,
      name: 'campaign.steered',
      actor: by.user,
      data: { command, source: by.source, text },
      at,
    });
    return text;
  });
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
    if (pending.length === 0) return 'Nothing waits for a yes or no.';
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
  return reply.private ?? `#${numberOf(meant.nodeId)} ${done}.`;
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
    payload: { kind: 'text', text: nodeText(view, input.node) },
    at,
  });
  return { private: null };
}
