import { getCampaign } from '../../store/campaigns.ts';
import { findEventBySource, recordEvent } from '../../store/events.ts';
import type { Reply } from '../bot.ts';
import { changeBudget } from '../budget/change-budget.ts';
import { changeCampaign } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { continueCampaign } from '../control/continue-campaign.ts';
import { stopCampaign } from '../control/control-campaign.ts';
import { wrapUpCampaign } from '../control/wrap-up-campaign.ts';
import { nameOf } from '../people.ts';
import { say } from '../say.ts';
import {
  type Asked,
  answeredSource,
  askedSource,
  confirmationSlot,
  confirmedSource,
  no,
  wrapUp,
} from './confirmation.ts';

interface Input {
  campaignId: string;
  /** Which question: the id in its buttons. */
  confirmationId: string;
  choice: string;
  user: string;
}

/**
 * A button under a command that needs confirmation. The question is answered once; a command that costs money is
 * confirmed only by its author. An answer that was interrupted is completed by pressing the same button again.
 */
export async function answerConfirmation({ ctx, input }: { ctx: Context; input: Input }): Promise<Reply> {
  const { campaignId, confirmationId, user } = input;
  const campaign = await getCampaign(ctx.db, campaignId);
  const asked = (await findEventBySource(ctx.db, campaignId, askedSource(confirmationId))) as
    | (Asked & Record<string, unknown>)
    | undefined;
  if (asked === undefined || !asked.card.choices.some(({ value }) => value === input.choice))
    return { private: 'I do not know that question any more. Say it again, please.' };
  if (asked.command.kind !== 'stop' && asked.user !== user)
    return {
      private: `Only ${await nameOf(ctx, asked.user)}, who said it, can confirm that. If you want it, say it yourself.`,
    };
  if (!(await claim(ctx, input))) return { private: 'That is answered already.' };
  const text = await carryOutConfirmed(ctx, asked, input);
  const at = ctx.clock.now();
  const slot = confirmationSlot(campaignId, confirmationId);
  await say(ctx.db, campaign, { key: `${slot}:closed`, slot, payload: { ...asked.card, closed: text }, at });
  return { private: null };
}

/** Records the one answer of a question; true as well when the same person repeats the same answer. */
async function claim(ctx: Context, { campaignId, confirmationId, choice, user }: Input): Promise<boolean> {
  const source = answeredSource(confirmationId);
  return changeCampaign(ctx, campaignId, async ({ tx }) => {
    const earlier = await findEventBySource(tx, campaignId, source);
    if (earlier !== undefined) return earlier.user === user && earlier.choice === choice;
    const at = ctx.clock.now();
    const data = { source, user, choice };
    await recordEvent(tx, { campaignId, name: 'command.answered', actor: user, data, at });
    return true;
  });
}

async function carryOutConfirmed(
  ctx: Context,
  { command }: Asked,
  { campaignId, confirmationId, choice, user }: Input,
): Promise<string> {
  const input = { campaignId, user, source: confirmedSource(confirmationId) };
  const name = await nameOf(ctx, user);
  switch (command.kind) {
    case 'stop':
      if (choice === no) return `${name} lets it run.`;
      return choice === wrapUp ? wrapUpCampaign({ ctx, input }) : stopCampaign({ ctx, input });
    case 'budget': {
      if (choice === no) return `Cancelled by ${name}. The budget stays as it is.`;
      const { from, to } = command;
      const text = await changeBudget({ ctx, input: { ...input, change: 'set', limit: to, from } });
      return `Confirmed by ${name}. ${text}`;
    }
    case 'continue': {
      if (choice === no) return `Cancelled by ${name}. Nothing was changed.`;
      return continueCampaign({ ctx, input: { ...input, more: command.more, until: null } });
    }
  }
}
