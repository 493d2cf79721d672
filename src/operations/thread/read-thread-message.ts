import type { ThreadReading } from '../../campaign/thread-reading.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { findEventBySource, findLastEvent, recordEvent } from '../../store/events.ts';
import { listNodes } from '../../store/nodes.ts';
import { accountModelCalls } from '../account-model-calls.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { listSources } from '../data/load-rows.ts';

/** A reply within this time of a clarifying question may be its answer. */
const answerWithinMs = 15 * 60_000;
const keptCharacters = 2000;

/**
 * A language model's reading of a message that the rules cannot read; null without a model. It is asked once and its
 * reading kept with the person's words, so that a message means the same however often it is handled.
 */
export async function readThreadMessage(
  ctx: Context,
  campaign: CampaignRow,
  { ts, user, text }: IncomingMessage,
): Promise<ThreadReading | null> {
  const source = `reading:${ts}`;
  const kept = await findEventBySource(ctx.db, campaign.id, source);
  if (kept !== undefined) return kept.reading as ThreadReading;
  const nodes = await listNodes(ctx.db, campaign.id);
  const scored = nodes.flatMap(({ number, score }) =>
    score === null ? [] : [{ number, value: score.value }],
  );
  const reading = await ctx.researcher.listen(
    {
      text,
      earlier: await lastClarification(ctx, campaign, user),
      lastNode: nodes.length === 0 ? null : Math.max(...nodes.map(({ number }) => number)),
      best: scored.toSorted((a, b) => b.value - a.value || a.number - b.number)[0]?.number ?? null,
      sources: await listSources(ctx, campaign),
      steering: campaign.steering,
    },
    accountModelCalls(ctx, campaign, null),
  );
  if (reading === null) return null;
  await recordEvent(ctx.db, {
    campaignId: campaign.id,
    name: 'message.read',
    actor: user,
    data: { source, words: text.slice(0, keptCharacters), reading },
    at: ctx.clock.now(),
  });
  return reading;
}

/** The last clarifying question to this person, when it was asked just now. */
async function lastClarification(
  ctx: Context,
  campaign: CampaignRow,
  user: string,
): Promise<{ text: string; askBack: string } | null> {
  const last = await findLastEvent(ctx.db, campaign.id, 'message.read', user);
  if (last === undefined || ctx.clock.now().getTime() - last.at.getTime() > answerWithinMs) return null;
  const { words, reading } = last.data as { words: string; reading: ThreadReading };
  return reading.kind === 'unclear' ? { text: words, askBack: reading.askBack } : null;
}
