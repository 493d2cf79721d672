import type { IntakeEntry } from '../../campaign/intake-entry.ts';
import { formatSeconds } from '../../lib/parse/amounts.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { listCampaigns } from '../../store/campaigns.ts';
import { appendIntakeEntry, listIntakeEntries } from '../../store/intake-entries.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { saidEntries } from './said-entries.ts';

const again =
  /^\W*(?:(?:please|hey|hi|trex|can you|could you|ok|now)[\s,]+)*(?:(?:do |run |train |start )?(?:it |that |this )?(?:the )?same(?: thing| campaign| request)?(?: again)?(?: as (?:last time|before|the last (?:one|time|campaign)|my last (?:one|campaign)|yesterday))|(?:do |run )?(?:the )?same again|(?:once )?again|(?:repeat|redo|rerun|re-run) (?:(?:it|that|(?:my|the) last(?: (?:one|campaign|request|run))?)))(?=$|[\s,.;:!])[\s,.;:!]*(?:please\b[\s,]*)?(?:(?:but|only|except|and|this time)\b[\s,:]*)*/i;

/** `same as last time, but LoRA`: the difference, as it was written; null when nothing is to be repeated. */
export function changeOfRepeat(text: string): string | null {
  const lead = again.exec(text)?.[0];
  return lead === undefined || lead === '' ? null : text.slice(lead.length).trim();
}

/** The newest campaign of a person in a channel whose brief was complete. */
export async function findLastRequest(
  ctx: Context,
  { teamId, channel, user }: Pick<IncomingMessage, 'teamId' | 'channel' | 'user'>,
): Promise<CampaignRow | undefined> {
  const rows = await listCampaigns(ctx.db, { teamId, channel, createdBy: user }, 20);
  return rows.find(({ brief }) => brief !== null);
}

/** Source of entries that came from an earlier campaign: `again:c-7f3a:3`. */
const copiedSource = (campaignId: string, place: number): string => `again:${campaignId}:${place}`;

/** The campaign that a conversation began from; null for one that began by itself. */
export const copiedFrom = (stored: readonly { source: string }[]): string | null =>
  stored.map(({ source }) => /^again:([^:]+):/.exec(source)?.[1]).find((id) => id !== undefined) ?? null;

/** The budget at the end, since it may have been raised or lowered after the request. */
function lastBudget({ brief }: CampaignRow): IntakeEntry[] {
  if (brief === null) return [];
  const { computeSeconds, usd } = brief.budget;
  const sides = [
    ...(computeSeconds === null ? [] : [formatSeconds(computeSeconds)]),
    ...(usd === null ? [] : [`$${usd}`]),
  ];
  return sides.length === 0 ? [] : [{ kind: 'edit', values: { budget: sides.join(' or ') } }];
}

/** Begins a new campaign's conversation with that of an earlier one; files come along by their hash. */
export async function copyRequest({
  ctx,
  from,
  to,
}: {
  ctx: Context;
  from: CampaignRow;
  to: CampaignRow;
}): Promise<void> {
  const said = saidEntries(await listIntakeEntries(ctx.db, from.id));
  const entries = from.startedAt === null ? said : [...said, ...lastBudget(from)];
  for (const [place, { by, ...entry }] of entries.entries()) {
    await appendIntakeEntry(ctx.db, {
      campaignId: to.id,
      source: copiedSource(from.id, place),
      userId: by ?? to.createdBy,
      entry,
      at: ctx.clock.now(),
    });
  }
}
