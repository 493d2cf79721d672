import type { Brief, CostLimit } from '../../campaign/brief.ts';
import { parseThreadCommand, type ThreadCommand } from '../../campaign/commands.ts';
import type { Strategy } from '../../campaign/states.ts';
import type { Steering } from '../../campaign/steering.ts';
import type { CampaignView } from '../../campaign/view.ts';
import { asError, TrexError } from '../../lib/errors.ts';
import { limitText } from '../../report/format.ts';
import { nodeText, statusText, whyText } from '../../report/thread-text.ts';
import { listApprovals } from '../../store/approvals.ts';
import { type CampaignRow, getCampaign, lockCampaign, updateCampaign } from '../../store/campaigns.ts';
import { recordEvent } from '../../store/events.ts';
import { listNodes } from '../../store/nodes.ts';
import type { IncomingMessage, Reply } from '../bot.ts';
import { pauseCampaign, resumeCampaign, setBudget, stopCampaign } from '../campaign/control-campaign.ts';
import { decideApproval } from '../campaign/decide-approval.ts';
import { loadView } from '../campaign/load-view.ts';
import type { Context } from '../context.ts';
import { say } from '../say.ts';
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
  const text = await answer(ctx, campaign, command, input.user).catch((error: unknown) => {
    if (error instanceof TrexError) return error.message;
    const reference = ctx.newId('e');
    ctx.log.error({ err: asError(error), reference }, 'command.failed');
    return `Something broke on my side (reference ${reference}). Nothing was changed.`;
  });
  await say(ctx.db, campaign, { key, payload: { kind: 'text', text }, at });
  return true;
}

async function answer(
  ctx: Context,
  campaign: CampaignRow,
  command: ThreadCommand,
  user: string,
): Promise<string> {
  const input = { campaignId: campaign.id, user };
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
      return changeBudget(ctx, campaign, command.change, command.limit, user);
    case 'steer':
      return steer(ctx, campaign, command, user);
    case 'approve':
    case 'reject':
      return decideByWord(ctx, campaign, command, user);
    case 'summary':
    case 'unknown':
      return `I did not understand that; nothing was changed.\n${helpText}`;
  }
}

function withNode(view: CampaignView, node: number | null, tell: (number: number) => string): string {
  const number = node ?? view.best;
  return number === null ? 'There is no round yet.' : tell(number);
}

async function changeBudget(
  ctx: Context,
  campaign: CampaignRow,
  change: 'set' | 'add',
  limit: CostLimit,
  user: string,
): Promise<string> {
  const brief = campaign.brief as Brief;
  if (limit.usd !== null && !ctx.settings.usdPerHour) {
    return 'An hour here has no price, so I cannot keep a budget in dollars. Give me minutes, for example `raise the budget to 20 min`.';
  }
  const plus = (old: number | null, more: number | null): number | null =>
    more === null ? old : change === 'set' ? more : (old ?? 0) + more;
  const budget = {
    computeSeconds: plus(brief.budget.computeSeconds, limit.computeSeconds),
    usd: plus(brief.budget.usd, limit.usd),
  };
  return setBudget({ ctx, input: { campaignId: campaign.id, user, budget, text: limitText(budget) } });
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
  user: string,
): Promise<string> {
  const at = ctx.clock.now();
  return ctx.db.transaction(async (tx) => {
    const now = await lockCampaign(tx, campaign.id);
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
    await recordEvent(tx, {
      campaignId: now.id,
      name: 'campaign.steered',
      actor: user,
      data: { command },
      at,
    });
    const said = [
      ...command.ban.methods.map((m) => `no more ${m === 'lora' ? 'LoRA' : 'full fine-tuning'}`),
      ...command.ban.strategies.map((s) => `no more ${strategyWords[s]}`),
      ...command.allow.methods.map((m) => `${m === 'lora' ? 'LoRA' : 'full fine-tuning'} is allowed again`),
      ...command.allow.strategies.map((s) => `${strategyWords[s]} are allowed again`),
      ...(command.focus === null ? [] : [`I prefer what concerns "${command.focus}"`]),
    ];
    const waiting = (await listApprovals(tx, now.id)).filter((a) => a.state === 'pending').length;
    const pending = waiting === 0 ? '' : ` What waits for a yes or no still waits.`;
    return `Understood: ${said.join('; ')}. From the next round on.${pending}`;
  });
}

async function decideByWord(
  ctx: Context,
  campaign: CampaignRow,
  command: Extract<ThreadCommand, { kind: 'approve' | 'reject' }>,
  user: string,
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

/** A raise button under "the budget is used up". */
export async function raiseBudget({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; value: string; user: string };
}): Promise<Reply> {
  const campaign = await getCampaign(ctx.db, input.campaignId);
  const command = parseThreadCommand(`add ${input.value} to the budget`);
  if (command.kind !== 'budget') return { private: 'I could not read that amount.' };
  const text = await changeBudget(ctx, campaign, 'add', command.limit, input.user);
  const name = await ctx.chat.userName(input.user);
  const at = ctx.clock.now();
  await say(ctx.db, campaign, {
    key: `raised:${at.getTime()}`,
    slot: `budget:${campaign.id}`,
    payload: {
      kind: 'budget_reached',
      campaignId: campaign.id,
      text,
      raises: [],
      closed: `Raised by ${name}`,
    },
    at,
  });
  return { private: null };
}
