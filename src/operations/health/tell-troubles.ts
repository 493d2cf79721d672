import { troubleOverText, troubleText } from '../../report/sentences/trouble.ts';
import { type CampaignRow, getCampaign, listCampaignsInStates } from '../../store/campaigns.ts';
import { findLastTrouble, recordEvent } from '../../store/events.ts';
import { listJobsInStates } from '../../store/jobs.ts';
import type { Context } from '../context.ts';
import type { HealthPart, Trouble } from '../health.ts';
import { say } from '../say.ts';

/** A shorter failure ends by itself before anybody could act on it. */
export const troubleMinutes = 3;

const isLasting = ({ since }: Trouble, now: Date): boolean =>
  now.getTime() - since.getTime() >= troubleMinutes * 60_000;

type Told = Pick<CampaignRow, 'id' | 'channel' | 'threadTs'>;

/**
 * Says once in the threads of affected campaigns that the cluster or the disk has failed for minutes, and once that
 * it is over. Each announcement is an event, so that another process, or this one after a restart, does not repeat
 * it.
 */
export async function tellTroubles({ ctx }: { ctx: Context }): Promise<void> {
  for (const part of ['cluster', 'disk'] as const) {
    const trouble = ctx.health.trouble(part);
    const now = ctx.clock.now();
    const last = await findLastTrouble(ctx.db, part);
    const open = last?.name === 'trouble.told' ? last.data : null;
    if (trouble !== null && open === null && isLasting(trouble, now)) await tell(ctx, part, trouble);
    else if (trouble === null && open !== null && ctx.health.notedAt(part) !== null)
      await tellOver(ctx, part, open);
  }
}

async function tell(ctx: Context, part: HealthPart, trouble: Trouble): Promise<void> {
  const at = ctx.clock.now();
  const affected = await affectedBy(ctx, part);
  if (affected.length === 0) return;
  const since = trouble.since.toISOString();
  await ctx.db.transaction(async (tx) => {
    for (const campaign of affected) {
      const text = troubleText(part, { since, why: trouble.why });
      await say(tx, campaign, { key: `trouble:${part}:${since}`, payload: { kind: 'problem', text }, at });
    }
    const campaigns = affected.map(({ id }) => id);
    await recordEvent(tx, {
      campaignId: null,
      name: 'trouble.told',
      actor: 'system',
      data: { part, since, campaigns },
      at,
    });
  });
}

async function tellOver(ctx: Context, part: HealthPart, told: Record<string, unknown>): Promise<void> {
  const at = ctx.clock.now();
  const since = String(told.since);
  const ids = Array.isArray(told.campaigns) ? told.campaigns.map(String) : [];
  await ctx.db.transaction(async (tx) => {
    for (const id of ids) {
      const campaign = await getCampaign(tx, id);
      const text = troubleOverText(part, (at.getTime() - Date.parse(since)) / 1000);
      await say(tx, campaign, { key: `trouble-over:${part}:${since}`, payload: { kind: 'text', text }, at });
    }
    await recordEvent(tx, {
      campaignId: null,
      name: 'trouble.over',
      actor: 'system',
      data: { part, since },
      at,
    });
  });
}

/** A cluster concerns campaigns with jobs or plans for it; a full disk concerns all. */
async function affectedBy(ctx: Context, part: HealthPart): Promise<CampaignRow[]> {
  const active = await listCampaignsInStates(ctx.db, ['searching', 'confirming']);
  if (part !== 'cluster') return active;
  const jobs = await listJobsInStates(ctx.db, ['intent', 'live']);
  return active.filter(({ id }) => jobs.some(({ campaignId }) => campaignId === id));
}

/**
 * The same for the database, without it: the running campaigns it held when it last answered are remembered, and the
 * chat is addressed directly.
 */
export function createDatabaseTeller(): (ctx: Context) => Promise<void> {
  let threads: Told[] = [];
  let told: { since: string; threads: Told[] } | null = null;
  return async (ctx) => {
    const trouble = ctx.health.trouble('database');
    const now = ctx.clock.now();
    if (trouble === null) {
      if (told !== null)
        await sayDirectly(
          ctx,
          told,
          (since) => troubleOverText('database', secondsSince(since, now)),
          'over',
        );
      told = null;
      threads = (await listCampaignsInStates(ctx.db, ['searching', 'confirming'])).map(
        ({ id, channel, threadTs }) => ({ id, channel, threadTs }),
      );
      return;
    }
    if (told !== null || !isLasting(trouble, now)) return;
    const since = trouble.since.toISOString();
    await sayDirectly(
      ctx,
      { since, threads },
      () => troubleText('database', { since, why: trouble.why }),
      'away',
    );
    told = { since, threads };
  };
}

const secondsSince = (since: string, now: Date): number => (now.getTime() - Date.parse(since)) / 1000;

async function sayDirectly(
  ctx: Context,
  about: { since: string; threads: Told[] },
  textOf: (since: string) => string,
  what: 'away' | 'over',
): Promise<void> {
  const { since, threads } = about;
  for (const { id, channel, threadTs } of threads) {
    // The first of several processes posts it: all of them name a minute alike.
    const key = `${id}:database-${what}:${since.slice(0, 16)}`;
    const earlier = await ctx.chat.find({ channel, threadTs, key, since: new Date(since) }).catch(() => null);
    if (earlier !== null) continue;
    const content = { kind: 'problem' as const, text: textOf(since) };
    await ctx.chat
      .post({ channel, threadTs, key, content, context: { pictureMode: 'none' } })
      .catch((error: unknown) => ctx.log.warn({ err: error, key }, 'trouble.not_told'));
  }
}
