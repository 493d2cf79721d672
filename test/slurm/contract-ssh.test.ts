import { afterAll, beforeAll } from 'vitest';
import { describeCluster } from '../contracts/cluster.ts';
import { slurmHarness } from '../support/slurm/open-cluster.ts';
import { type SlurmLab, startSlurm } from '../support/slurm/start-slurm.ts';

let lab: SlurmLab;
beforeAll(async () => {
  lab = await startSlurm();
});
afterAll(() => lab?.stop());

describeCluster('Slurm over ssh, shared files', async () => slurmHarness(lab, 'ssh', 'shared'));
