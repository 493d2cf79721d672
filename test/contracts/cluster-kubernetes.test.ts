import { afterAll, beforeAll, describe } from 'vitest';
import { kubernetesHarness, pools } from '../support/kubernetes/open-cluster.ts';
import { type FakeKubernetes, startKubernetes } from '../support/kubernetes/start-kubernetes.ts';
import { describeCluster } from './cluster.ts';

/**
 * Kubernetes itself is not here: a fake API server answers in the shapes of a real control plane (1.20), and what is in
 * its pods runs as processes of this machine, by the manifest and the script that the adapter renders.
 */
describe.runIf(process.platform === 'linux')('on a fake control plane', () => {
  let kubernetes: FakeKubernetes;
  beforeAll(async () => {
    kubernetes = await startKubernetes(pools);
  });
  afterAll(() => kubernetes?.stop());

  describeCluster('Kubernetes', async () => kubernetesHarness(kubernetes));
});
