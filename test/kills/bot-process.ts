import { createApp } from '../../src/app.ts';
import { createLocalCluster } from '../../src/cluster/local/local-cluster.ts';
import { parseConfig } from '../../src/config.ts';
import { createLog } from '../../src/lib/log.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { serve } from '../../src/serve.ts';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

/**
 * The bot as `trex serve` runs it, except for what would make the tree depend on the machine: the campaign's id (its
 * seed), and time limits of runs, which a busy machine must not decide. TEST_LEASE_MS shortens leases.
 */
const { config, secrets } = parseConfig(process.env);
const { TEST_LEASE_MS: leaseMs, TEST_CAMPAIGN: campaignId = 'c-kills' } = process.env;
const log = createLog(config.logLevel);
const cluster = createLocalCluster({
  stateDir: join(config.dataDir, 'cluster'),
  slots: config.slots,
  log,
  clock: systemClock,
});
const app = await createApp(config, secrets, {
  log,
  cluster: { ...cluster, submit: (request) => cluster.submit({ ...request, limitSeconds: 3600 }) },
  newId: (prefix) => (prefix === 'c' ? campaignId : `${prefix}-${randomBytes(4).toString('hex')}`),
  ...(leaseMs === undefined ? {} : { leaseMs: Number(leaseMs) }),
});
await serve(app, config);
