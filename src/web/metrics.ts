import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Context } from '../operations/context.ts';
import { readHealth } from '../operations/view/read-health.ts';

/** Metrics for Prometheus: a few counts of the database, and Node's own. */
export function createMetrics(ctx: Context): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (
    name: string,
    help: string,
    pick: (h: Awaited<ReturnType<typeof readHealth>>) => number,
  ): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(pick(await readHealth({ ctx })));
      },
    });
  };
  gauge('trex_campaigns_active', 'Campaigns that search or confirm', (h) => h.activeCampaigns);
  gauge('trex_jobs_live', 'Jobs on the cluster', (h) => h.liveJobs);
  gauge('trex_inbox_pending', 'Events to be handled', (h) => h.inboxPending);
  gauge('trex_inbox_dead', 'Events given up after repeated failures', (h) => h.inboxDead);
  gauge('trex_outbox_pending', 'Messages to be delivered', (h) => h.outboxPending);
  gauge('trex_outbox_parked', 'Messages that will never arrive', (h) => h.outboxParked);
  return registry;
}
