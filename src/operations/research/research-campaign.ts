import type { Findings } from '../../campaign/findings.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import { asError } from '../../lib/errors.ts';
import type { Research, ResearchQuery } from '../../researcher/research/port.ts';
import { asActive, getCampaign } from '../../store/campaigns.ts';
import { insertResearch } from '../../store/research.ts';
import { changeCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { say } from '../say.ts';

/**
 * Looks up published work about a campaign's task once, stores it, and posts it in the thread. It runs beside the
 * search and never holds it up: every failure becomes a sentence among the findings.
 */
export async function researchCampaign({
  ctx,
  campaignId,
}: {
  ctx: Context;
  campaignId: string;
}): Promise<void> {
  if (ctx.research === null) return;
  const { title, goal } = asActive(await getCampaign(ctx.db, campaignId)).brief;
  const findings = await lookUp(ctx, ctx.research, { title, goal });
  // The bot is stopping: the next one does it again, mostly from its cache.
  if (findings === null) return;
  await changeCampaign(ctx, campaignId, async (change) => {
    const { tx, campaign, at } = change;
    if (!(await insertResearch(tx, { campaignId, findings, doneAt: at }))) return;
    await recordChange(change, 'campaign.researched', {
      words: findings.words,
      ids: [...findings.papers, ...findings.models, ...findings.datasets].map(({ id }) => id),
      problems: findings.problems,
    });
    if (!isActiveCampaign(campaign.state)) return;
    await say(tx, campaign, { key: 'findings', payload: { kind: 'findings', campaignId, findings }, at });
  });
}

async function lookUp(ctx: Context, research: Research, query: ResearchQuery): Promise<Findings | null> {
  try {
    return await research.find(query);
  } catch (error) {
    const reference = ctx.newId('e');
    ctx.log.error({ err: asError(error), reference }, 'research.failed');
    const problems = [`Something broke on my side while I looked (reference ${reference}).`];
    return { words: [], papers: [], models: [], datasets: [], problems };
  }
}
