import type { App } from '../../src/app.ts';
import { stopCampaign } from '../../src/operations/control/control-campaign.ts';
import { listAllCampaigns } from '../../src/operations/thread/list-campaigns.ts';

/** Ends all campaigns, then the bot, so that no trainer goes on after a test that failed halfway. */
export async function stopEverything(app: App): Promise<void> {
  const { ctx } = app;
  for (const { id } of await listAllCampaigns({ ctx })) {
    await stopCampaign({ ctx, input: { campaignId: id, user: 'system' } });
  }
  await app.stop();
}
