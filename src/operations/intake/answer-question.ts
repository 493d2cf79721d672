import { ownsBrief } from '../../campaign/approval-policy.ts';
import { isBriefField } from '../../campaign/brief.ts';
import type { IntakeEntry } from '../../campaign/intake-entry.ts';
import { BadInputError } from '../../lib/errors.ts';
import { getCampaign } from '../../store/campaigns.ts';
import { appendIntakeEntry } from '../../store/intake-entries.ts';
import type { Reply } from '../bot.ts';
import type { Context } from '../context.ts';
import { notYoursText } from '../people.ts';
import { advanceIntake } from './advance-intake.ts';

/** A click under a question. Only the open question can be answered; a late click says so. */
export async function answerQuestion({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; field: string; value: string; user: string; messageTs: string };
}): Promise<Reply> {
  const campaign = await getCampaign(ctx.db, input.campaignId);
  const open = campaign.openCard?.payload;
  const isOpen =
    (campaign.state === 'intake' || campaign.state === 'ready') &&
    open?.kind === 'question' &&
    open.question.field === input.field;
  if (!isOpen)
    return { private: 'That question is already answered. The newest message in the thread counts.' };
  if (!ownsBrief(ctx.settings, campaign.createdBy, input.user))
    return { private: await notYoursText(ctx, campaign.createdBy, 'answer this') };
  const { field, value } = input;
  if (!isBriefField(field)) throw new BadInputError('unknown_field', `I do not know the field ${field}.`);
  const entry: IntakeEntry = { kind: 'answer', field, value };
  const isNew = await appendIntakeEntry(ctx.db, {
    campaignId: campaign.id,
    source: `answer:${campaign.openCard?.slot}`,
    userId: input.user,
    entry,
    at: ctx.clock.now(),
  });
  // Also when it was there already: the turn may have been interrupted.
  await advanceIntake({ ctx, campaignId: campaign.id });
  return { private: isNew ? null : 'Somebody was faster: that question is already answered.' };
}
