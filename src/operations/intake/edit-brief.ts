import { ownsBrief } from '../../campaign/approval-policy.ts';
import { type Brief, type BriefField, briefFields } from '../../campaign/brief.ts';
import type { IntakeEntry } from '../../campaign/intake-entry.ts';
import { BadInputError } from '../../lib/errors.ts';
import { limitText } from '../../report/format.ts';
import { getCampaign } from '../../store/campaigns.ts';
import { appendIntakeEntry, listIntakeEntries } from '../../store/intake-entries.ts';
import type { EditField, Reply } from '../bot.ts';
import type { Context } from '../context.ts';
import { notYoursText } from '../people.ts';
import { advanceIntake, readConversation } from './advance-intake.ts';
import { saidEntries } from './said-entries.ts';

const labels: Partial<Record<BriefField, { label: string; hint: string }>> = {
  data: { label: 'Data', hint: 'Name of an attached file, or of one of my tasks' },
  baseModel: { label: 'Base model', hint: 'Which model is fine-tuned' },
  title: { label: 'Title', hint: 'At most 80 characters' },
  metric: { label: 'Metric', hint: 'What is measured on every held-out row' },
  target: { label: 'Target', hint: 'Stop early at this score, such as 95%; empty for none' },
  budget: { label: 'Budget', hint: 'Such as 15 min, 2 GPU-hours or $20' },
  askAbove: { label: 'Ask me above', hint: 'Such as 2 min a node, always, or never' },
  usdPerHour: { label: 'Price of an hour', hint: 'Of one slot, such as $2.50 an hour' },
  parallel: { label: 'Runs at the same time', hint: 'A whole number' },
  deadline: { label: 'Deadline', hint: 'Such as 9am or tomorrow 08:00; empty for none' },
  methods: { label: 'Methods', hint: 'full, lora, both, or qlora' },
  objective: { label: 'Objective', hint: 'sft, dpo (pairs of answers) or grpo (rewards)' },
  maxNodes: { label: 'At most this many nodes', hint: 'A whole number' },
  policy: { label: 'Search', hint: 'uct, greedy or sequential' },
};

/** Values on the card that nobody asked for: the form shows them too. */
const textOf: Partial<Record<BriefField, (brief: Brief) => string>> = {
  title: (brief) => brief.title,
  askAbove: (brief) => {
    const { computeSeconds, usd } = brief.askAbove;
    return computeSeconds === null && usd === null ? 'never' : limitText(brief.askAbove);
  },
  parallel: (brief) => String(brief.parallel),
  methods: (brief) => brief.scope.methods.join(' and '),
  objective: (brief) => brief.scope.objective ?? 'sft',
  maxNodes: (brief) => String(brief.maxNodes),
  policy: (brief) => brief.policy,
};

/** @throws BadInputError for a person who may not change it, before they fill in a form in vain */
export async function openEditForm({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; user: string };
}): Promise<EditField[]> {
  const { createdBy } = await getCampaign(ctx.db, input.campaignId);
  if (!ownsBrief(ctx.settings, createdBy, input.user))
    throw new BadInputError('not_yours', await notYoursText(ctx, createdBy, 'change this brief'));
  return getEditFields({ ctx, campaignId: input.campaignId });
}

/** The fields of the Edit form, with what is understood so far. */
async function getEditFields({
  ctx,
  campaignId,
}: {
  ctx: Context;
  campaignId: string;
}): Promise<EditField[]> {
  const campaign = await getCampaign(ctx.db, campaignId);
  const entries = saidEntries(await listIntakeEntries(ctx.db, campaignId));
  const { understood } = await readConversation(ctx, campaign, entries);
  return briefFields.flatMap((field) => {
    const text = labels[field];
    const value =
      understood[field] ?? (campaign.brief === null ? undefined : textOf[field]?.(campaign.brief));
    const isSettled =
      (field === 'usdPerHour' && ctx.settings.usdPerHour !== null) ||
      (field === 'objective' && ctx.engine.supports.objectives.length === 1);
    return text === undefined || isSettled ? [] : [{ field, ...text, value: value ?? '' }];
  });
}

/**
 * Takes the form. A value that cannot be understood comes back as an error beside its field, and nothing changes.
 */
export async function editBrief({
  ctx,
  input,
}: {
  ctx: Context;
  input: { campaignId: string; user: string; values: Record<string, string> };
}): Promise<{ errors: Record<string, string> } | Reply> {
  const campaign = await getCampaign(ctx.db, input.campaignId);
  if (campaign.state !== 'intake' && campaign.state !== 'ready') {
    return { private: 'This campaign has started; change it with a message in its thread.' };
  }
  if (!ownsBrief(ctx.settings, campaign.createdBy, input.user))
    return { private: await notYoursText(ctx, campaign.createdBy, 'change this brief') };
  const stored = await listIntakeEntries(ctx.db, campaign.id);
  const entries = saidEntries(stored);
  const shown = await getEditFields({ ctx, campaignId: campaign.id });
  const changed = Object.fromEntries(
    Object.entries(input.values).filter(
      ([field, value]) => value.trim() !== (shown.find((one) => one.field === field)?.value ?? ''),
    ),
  ) as Partial<Record<BriefField, string>>;
  const errors: Record<string, string> = {};
  for (const [field, value] of Object.entries(changed)) {
    const entry: IntakeEntry = { kind: 'edit', values: { [field]: value } };
    const { rejected } = await readConversation(ctx, campaign, [...entries, entry]);
    const why = rejected[field as BriefField];
    if (why !== undefined) errors[field] = why;
  }
  if (Object.keys(errors).length > 0) return { errors };
  await appendIntakeEntry(ctx.db, {
    campaignId: campaign.id,
    source: `edit:${stored.length}`,
    userId: input.user,
    entry: { kind: 'edit', values: changed } satisfies IntakeEntry,
    at: ctx.clock.now(),
  });
  await advanceIntake({ ctx, campaignId: campaign.id });
  return { private: null };
}
