import type { Brief } from '../../campaign/brief.ts';
import type { OpenCard } from '../../campaign/cards.ts';
import type { IntakeEntry, StoredEntry } from '../../campaign/intake-entry.ts';
import type { Worth } from '../../campaign/worth.ts';
import { asError, TrexError } from '../../lib/errors.ts';
import type { IntakeInput, IntakeTurn } from '../../researcher/port.ts';
import { type CampaignRow, getCampaign, moveCampaign, updateCampaign } from '../../store/campaigns.ts';
import { recordEvent } from '../../store/events.ts';
import { type IntakeEntryRow, listIntakeEntries, updateIntakeEntry } from '../../store/intake-entries.ts';
import { accountModelCalls } from '../account-model-calls.ts';
import { closeOpenCard } from '../cards.ts';
import { type Change, changeCampaign } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { listSources, loadItems, loadSource } from '../data/load-rows.ts';
import { prepareSplits } from '../data/prepare-splits.ts';
import { nameOf } from '../people.ts';
import { pricingOf } from '../plan/price-run.ts';
import { say } from '../say.ts';
import { briefWorth, type Draft } from './brief-worth.ts';
import { copiedFrom } from './copy-request.ts';
import { intakeInput } from './intake-input.ts';
import { revisionRemark, saidEntries } from './said-entries.ts';

/**
 * Reads the whole conversation again and posts the next message: a question, a brief card, or a problem. Once for
 * each new entry, however often it is called; an interrupted call is completed by the next.
 */
export async function advanceIntake({
  ctx,
  campaignId,
}: {
  ctx: Context;
  campaignId: string;
}): Promise<void> {
  const campaign = await getCampaign(ctx.db, campaignId);
  const stored = await listIntakeEntries(ctx.db, campaignId);
  const number = stored.length;
  if (campaign.heard >= number) return;
  const turn = await withName(ctx, await withOrigin(ctx, stored, await readStored(ctx, campaign, stored)));

  if (turn.cancelled) {
    await changeCampaign(ctx, campaignId, async (change) => {
      const { tx, campaign: now, at } = change;
      if (!isToAnswer(now, number)) return;
      await closeOpenCard(change, number, 'Cancelled. Nothing was spent.');
      const closed = { finishedAt: at, openCard: null, heard: number };
      await moveCampaign(tx, campaignId, now.state, 'stopped', closed);
      await say(tx, now, {
        key: `cancelled:${number}`,
        payload: { kind: 'text', text: 'Forgotten. Nothing was started and nothing was spent.' },
        at,
      });
    });
    return;
  }

  let splits: CampaignRow['splits'] = null;
  let worth: Worth | null = null;
  let rowNotes: string[] = [];
  let problem: string | null = null;
  if (turn.brief !== null) {
    try {
      ({ splits, notes: rowNotes } = await prepareSplits({ ctx, brief: turn.brief }));
      worth = await worthOf(ctx, { ...campaign, brief: turn.brief, splits });
    } catch (error) {
      if (!(error instanceof TrexError)) throw error;
      problem = error.message;
    }
  }

  await changeCampaign(ctx, campaignId, async (change) => {
    const { tx, campaign: now, at } = change;
    if (!isToAnswer(now, number)) return;
    const last = stored.at(-1)?.entry;
    const chosen = last === undefined ? null : answerLabel(last, now.openCard);
    await closeOpenCard(change, number, chosen);
    if (turn.brief !== null && splits !== null) {
      const shown = { ...turn, notes: [...rowNotes, ...turn.notes] };
      await showBrief(change, { turn: shown, brief: turn.brief, splits, worth, number });
      return;
    }
    const back = now.state === 'ready' ? { state: 'intake' as const } : {};
    const preface = problem === null ? turn.remarks : [...turn.remarks, problem];
    if (turn.question === null) {
      await updateCampaign(tx, campaignId, { ...back, openCard: null, heard: number });
      if (preface.length > 0) {
        const payload = { kind: 'problem' as const, text: preface.join('\n') };
        await say(tx, now, { key: `intake:${number}`, payload, at });
      }
      return;
    }
    const slot = `question:${campaignId}:${number}`;
    const payload = { kind: 'question' as const, campaignId, question: turn.question, preface };
    await updateCampaign(tx, campaignId, { ...back, openCard: { slot, payload }, heard: number });
    await say(tx, now, { key: `intake:${number}`, slot, payload, at });
  });
}

/** The result of the conversation. Without a message, for all of them were deleted, there is no request any more. */
async function readStored(
  ctx: Context,
  campaign: CampaignRow,
  stored: IntakeEntryRow[],
): Promise<IntakeTurn> {
  const entries = await withReading(ctx, campaign, stored);
  const turn = await readConversation(ctx, campaign, entries);
  if (entries.every(({ kind }) => kind !== 'message')) return { ...turn, cancelled: true };
  const revised = revisionRemark(stored);
  return revised.length === 0 ? turn : { ...turn, remarks: revised };
}

/** The card of a request that repeats an earlier one says which. */
async function withOrigin(ctx: Context, stored: IntakeEntryRow[], turn: IntakeTurn): Promise<IntakeTurn> {
  const from = copiedFrom(stored);
  if (from === null) return turn;
  const { brief } = await getCampaign(ctx.db, from);
  return {
    ...turn,
    notes: [`From your earlier request *${brief?.title ?? from}* (${from}).`, ...turn.notes],
  };
}

/** True before Start, while no other worker has answered this entry or a later one. */
function isToAnswer(campaign: CampaignRow, number: number): boolean {
  return (campaign.state === 'intake' || campaign.state === 'ready') && campaign.heard < number;
}

/**
 * The entries, the newest with the Researcher's reading of it. The model is asked once and its reading kept, so that
 * the conversation means the same every time it is folded.
 */
async function withReading(
  ctx: Context,
  campaign: CampaignRow,
  stored: IntakeEntryRow[],
): Promise<IntakeEntry[]> {
  const entries = saidEntries(stored);
  const [last, row] = [entries.at(-1), stored.at(-1)];
  const isNewest = row !== undefined && stored.every((other) => other.id <= row.id);
  // Edited messages are read by the rules.
  if (row?.entry.kind !== 'message') return entries;
  if (last?.kind !== 'message' || last.reading !== undefined || !isNewest) return entries;
  const reading = await ctx.researcher.read(
    inputOf(ctx, campaign, entries),
    accountModelCalls(ctx, campaign, null),
  );
  if (reading === null) return entries;
  await updateIntakeEntry(ctx.db, row.id, { ...row.entry, reading });
  return [...entries.slice(0, -1), { ...last, reading }];
}

/** The card names the person who stated the price of an hour. */
async function withName(ctx: Context, turn: IntakeTurn): Promise<IntakeTurn> {
  const price = turn.brief?.price;
  if (turn.brief === null || price == null) return turn;
  const saidBy = await nameOf(ctx, price.saidBy);
  return { ...turn, brief: { ...turn.brief, price: { ...price, saidBy } } };
}

export const readConversation = (
  ctx: Context,
  campaign: CampaignRow,
  entries: IntakeEntry[],
): Promise<IntakeTurn> => ctx.researcher.intake(inputOf(ctx, campaign, entries));

function inputOf(ctx: Context, campaign: CampaignRow, entries: IntakeEntry[]): IntakeInput {
  return intakeInput(ctx, {
    entries,
    // The moment of the request, so that "in 3 hours" means the same every time the conversation is read.
    now: campaign.createdAt,
    timeZone: campaign.timeZone,
    seed: seedOf(campaign.id),
  });
}

function seedOf(campaignId: string): number {
  return Number.parseInt(campaignId.replace(/^c-/, ''), 36) % 1_000_000;
}

/** The training that the budget buys; null where it cannot be computed, which keeps nobody from starting. */
async function worthOf(ctx: Context, campaign: CampaignRow): Promise<Worth | null> {
  const { brief, splits } = campaign;
  if (brief === null || splits === null) return null;
  const draft: Draft = {
    brief,
    splits,
    searchItems: await loadItems(ctx, campaign, 'search'),
    sources: await listSources(ctx, campaign),
    load: (source) => loadSource(ctx, campaign, source),
  };
  try {
    return await briefWorth(draft, pricingOf(ctx, campaign), ctx.researcher);
  } catch (error) {
    if (!(error instanceof TrexError)) throw error;
    ctx.log.warn({ err: asError(error), campaign: campaign.id }, 'brief.worth_unknown');
    return null;
  }
}

interface Shown {
  turn: IntakeTurn;
  brief: Brief;
  splits: NonNullable<CampaignRow['splits']>;
  worth: Worth | null;
  number: number;
}

async function showBrief(
  { tx, campaign, at }: Change,
  { turn, brief, splits, worth, number }: Shown,
): Promise<void> {
  const slot = `brief:${campaign.id}:${number}`;
  const payload: OpenCard['payload'] = {
    kind: 'brief',
    campaignId: campaign.id,
    brief,
    splits: splits.counts,
    notes: [...turn.remarks, ...turn.notes],
    ...(worth === null ? {} : { worth }),
    read: turn.read,
    closed: null,
  };
  const values = { brief, splits, openCard: { slot, payload }, heard: number };
  if (campaign.state === 'intake') await moveCampaign(tx, campaign.id, 'intake', 'ready', values);
  else await updateCampaign(tx, campaign.id, values);
  await recordEvent(tx, {
    campaignId: campaign.id,
    name: 'brief.shown',
    actor: 'system',
    data: { brief },
    at,
  });
  await say(tx, campaign, { key: `intake:${number}`, slot, payload, at });
}

function answerLabel(entry: StoredEntry, card: OpenCard | null): string | null {
  if (entry.kind !== 'answer' || card?.payload.kind !== 'question') return null;
  const { question } = card.payload;
  if (question.field !== entry.field) return null;
  return question.options.find((option) => option.value === entry.value)?.label ?? entry.value;
}
