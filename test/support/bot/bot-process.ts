import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createApp } from '../../../src/app.ts';
import { createLocalCluster } from '../../../src/cluster/local/local-cluster.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createLog } from '../../../src/lib/log.ts';
import { createRulesResearcher } from '../../../src/researcher/rules/rules-researcher.ts';
import { serve } from '../../../src/serve.ts';

/**
 * The bot as `trex serve` runs it, except that the machine must not influence the tree: the campaign's id is given (the
 * seed follows from it), and no run meets its ceiling. TEST_LEASE_MS shortens leases. Prints a line when it plans, so
 * that a test sees which instance advances which campaign.
 */
const { config, secrets } = parseConfig(process.env);
const { TEST_LEASE_MS: leaseMs, TEST_CAMPAIGN: campaignId } = process.env;
const log = createLog(config.logLevel);
const cluster = createLocalCluster({
  stateDir: join(config.dataDir, 'cluster'),
  slots: config.slots,
  log,
  clock: systemClock,
});
const researcher = createRulesResearcher();
const app = await createApp(config, secrets, {
  log,
  cluster: { ...cluster, submit: (request) => cluster.submit({ ...request, limitSeconds: 3600 }) },
  researcher: {
    ...researcher,
    propose: (context) => {
      console.log(`plans ${context.brief.goal}`);
      return researcher.propose(context, null);
    },
  },
  newId: (prefix) =>
    prefix === 'c' && campaignId !== undefined ? campaignId : `${prefix}-${randomBytes(4).toString('hex')}`,
  ...(leaseMs === undefined ? {} : { leaseMs: Number(leaseMs) }),
});
await serve(app, config);
