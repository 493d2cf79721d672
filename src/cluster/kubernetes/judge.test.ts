import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { isFinalJobState } from '../port.ts';
import type { Verdict } from '../verdict.ts';
import { type Evidence, parseListed } from './evidence.ts';
import { judge } from './judge.ts';
import { keyLabel } from './render-job.ts';

const at = (seconds: number): Date => new Date(1_000_000_000_000 + seconds * 1000);
const iso = (seconds: number): string => at(seconds).toISOString();
const claim = { pod: 'k-1', node: 'n1', startedAt: iso(10) };
const stoppedBy = (signal: string) => ({
  ...{ why: 'signal' as const, code: null, signal, startedAt: iso(10), endedAt: iso(40) },
});

const job = (more: { spec?: object; status?: object; metadata?: object } = {}): V1Job => ({
  metadata: { name: 'k', uid: 'u', creationTimestamp: at(0), ...more.metadata },
  ...(more.spec && { spec: more.spec as V1Job['spec'] & {} }),
  status: more.status ?? {},
});
const failedJob = (reason: string) =>
  job({ status: { conditions: [{ type: 'Failed', status: 'True', reason }] } });
const pod = (
  status: object,
  more: { name?: string; node?: string | null; metadata?: object } = {},
): V1Pod => ({
  metadata: {
    name: more.name ?? 'k-1',
    labels: { [keyLabel]: 'k' },
    creationTimestamp: at(1),
    ...more.metadata,
  },
  spec: { containers: [], ...(more.node === null ? {} : { nodeName: more.node ?? 'n1' }) },
  status: { startTime: at(5), ...status },
});
const running = { phase: 'Running', containerStatuses: [{ name: 'job', state: { running: {} } }] };
const terminated = (exitCode: number, reason: string, more: object = {}) => ({
  phase: 'Failed',
  containerStatuses: [
    { name: 'job', state: { terminated: { exitCode, reason, finishedAt: at(45), ...more } } },
  ],
});
const waiting = (reason: string, message: string) => ({
  phase: 'Pending',
  containerStatuses: [{ name: 'job', state: { waiting: { reason, message } } }],
});
/** Of a pod in which a mesh has put a container of its own. */
const beside = (state: object) => ({
  phase: 'Running',
  containerStatuses: [
    { name: 'istio-proxy', state: { running: { startedAt: at(6) } } },
    { name: 'job', state },
  ],
});
const disrupted = (reason: string) => ({
  ...terminated(143, 'Error'),
  conditions: [{ type: 'DisruptionTarget', status: 'True', reason }],
});

interface Seen extends Partial<Omit<Evidence, 'object' | 'pods'>> {
  jobs?: V1Job[];
  pods?: V1Pod[];
  isSettled?: boolean;
}

/** A minute after the submit, of a job that Kubernetes took. */
function verdictOf({ jobs = [job()], pods = [], isSettled = true, ...more }: Seen): Verdict {
  const listed = parseListed(jobs, pods);
  const evidence: Evidence = {
    job: { key: 'k', dir: '/data/k', submittedAt: iso(0), limitSeconds: 60, memoryBytes: 1e6 },
    ...{
      isSubmitted: true,
      hasDir: true,
      isCancelled: false,
      claim: null,
      exit: null,
      stopped: null,
      seenAt: null,
    },
    ...more,
    ...{ object: listed.jobs.get('k') ?? null, pods: listed.pods.get('k') ?? [] },
  };
  return judge(evidence, at(60), { isSettled, startSeconds: 50 });
}

const unfit = {
  phase: 'Pending',
  conditions: [
    {
      ...{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
      message: '0/4 nodes are available: 4 node(s) had untolerated taint {dedicated: ml}.',
    },
  ],
};
const unschedulable = {
  phase: 'Pending',
  conditions: [
    {
      ...{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
      message: '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
    },
  ],
};

describe('a job that goes on', () => {
  test.each<[string, Seen, object]>([
    [
      'waits for a GPU',
      { pods: [pod(unschedulable, { node: null })] },
      {
        state: 'queued',
        reason: 'It waits: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
        runSeconds: 0,
      },
    ],
    [
      'waits for its first look by the scheduler',
      { pods: [pod({ phase: 'Pending' }, { node: null })] },
      { state: 'queued' },
    ],
    [
      'waits in a queue of Kueue',
      { jobs: [job({ spec: { suspend: true } })] },
      { state: 'queued', reason: expect.stringContaining('Kueue') },
    ],
    ['waits for a pod', { jobs: [job({ metadata: { creationTimestamp: at(50) } })] }, { state: 'queued' }],
    ['waits for a pod for long', {}, { state: 'queued', reason: expect.stringContaining('quota') }],
    [
      'is being started',
      { pods: [pod({ ...waiting('ContainerCreating', ''), startTime: at(30) })] },
      { state: 'queued', reason: 'Its container is not started yet on n1.', runSeconds: 0 },
    ],
    [
      'is kept from starting by what was put before it',
      {
        pods: [
          pod({
            ...waiting('PodInitializing', ''),
            startTime: at(30),
            initContainerStatuses: [
              {
                name: 'istio-init',
                state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
              },
            ],
          }),
        ],
      },
      {
        state: 'queued',
        reason: 'Its container cannot start on n1: its init container istio-init: back-off 10s.',
      },
    ],
    [
      'has begun a moment ago, after a long pull',
      {
        pods: [
          pod({
            phase: 'Running',
            containerStatuses: [{ name: 'job', state: { running: { startedAt: at(50) } } }],
          }),
        ],
      },
      { state: 'running', runSeconds: 0 },
    ],
    [
      'runs beside a sidecar, which is listed first',
      { claim, pods: [pod(beside({ running: { startedAt: at(10) } }))] },
      { state: 'running', runSeconds: 50 },
    ],
    [
      'fits no node',
      { pods: [pod(unfit, { node: null })] },
      { state: 'queued', needsPeople: true, reason: expect.stringContaining('untolerated taint') },
    ],
    [
      'gets no image for now',
      { pods: [pod({ ...waiting('ErrImagePull', 'timeout'), startTime: at(30) })] },
      { state: 'queued', reason: 'Its container cannot start on n1: timeout.', runSeconds: 0 },
    ],
    ['runs', { claim, pods: [pod(running)] }, { state: 'running', runSeconds: 50 }],
    [
      'is being stopped',
      { claim, pods: [pod(running, { metadata: { deletionTimestamp: at(70) } })] },
      { state: 'running' },
    ],
    [
      'is on a node that was silent for a moment',
      { claim, seenAt: at(55), pods: [pod(running, { metadata: { deletionTimestamp: at(-10) } })] },
      { state: 'running' },
    ],
    [
      'runs in its pod while Kubernetes has made another',
      { claim, pods: [pod(running), pod(terminated(0, 'Completed'), { name: 'k-2' })] },
      { state: 'running' },
    ],
  ])('%s', (_what, seen, status) => {
    const verdict = verdictOf(seen);
    expect(verdict.status).toMatchObject(status);
    expect(verdict).not.toHaveProperty('end');
  });

  test('is not given up before the file system had its time', () => {
    const over = [pod(terminated(0, 'Completed'))];
    expect(verdictOf({ claim, pods: over, isSettled: false }).status.state).toBe('running');
    expect(verdictOf({ pods: over, isSettled: false }).status.state).toBe('queued');
  });
});

describe('an end', () => {
  const exit = { why: 'exit' as const, code: 0, signal: null, startedAt: iso(10), endedAt: iso(40) };
  test.each<[string, Seen, string, RegExp | undefined]>([
    [
      'written down is the truth, whatever Kubernetes says',
      { claim, exit, jobs: [failedJob('BackoffLimitExceeded')], pods: [pod(terminated(137, 'OOMKilled'))] },
      'succeeded',
      undefined,
    ],
    [
      'written down is the truth, though Kubernetes has forgotten the Job',
      { claim, exit, jobs: [] },
      'succeeded',
      undefined,
    ],
    ['of a directory that is gone', { hasDir: false }, 'lost', /no longer exists/],
    ['for want of memory', { claim, pods: [pod(terminated(137, 'OOMKilled'))] }, 'out_of_memory', /memory/],
    [
      'at the deadline of the pod',
      {
        claim,
        stopped: stoppedBy('SIGTERM'),
        pods: [pod({ ...terminated(143, 'Error'), reason: 'DeadlineExceeded' })],
      },
      'timeout',
      /its own deadline/,
    ],
    [
      'at a deadline of the Job',
      { claim, jobs: [failedJob('DeadlineExceeded')] },
      'timeout',
      /its own deadline/,
    ],
    [
      'by eviction',
      {
        claim,
        pods: [
          pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory. ' }),
        ],
      },
      'lost',
      /ended its pod on the node n1: The node was low on resource: memory\.$/,
    ],
    ['by preemption', { claim, pods: [pod(disrupted('PreemptionByScheduler'))] }, 'lost', /more priority/],
    [
      'by preemption of an older scheduler',
      { claim, pods: [pod({ phase: 'Failed', reason: 'Preempting' })] },
      'lost',
      /more priority/,
    ],
    [
      'by a drain',
      { claim, pods: [pod(disrupted('EvictionByEvictionAPI'))] },
      'lost',
      /EvictionByEvictionAPI/,
    ],
    [
      'of its node',
      { claim, pods: [pod(disrupted('DeletionByTaintManager'))] },
      'lost',
      /The node n1 failed/,
    ],
    [
      'of a node that is silent for good',
      { claim, seenAt: at(-20), pods: [pod(running, { metadata: { deletionTimestamp: at(-10) } })] },
      'lost',
      /The node n1 does not answer/,
    ],
    [
      'of a node that refused it',
      {
        pods: [
          pod({ phase: 'Failed', reason: 'OutOfcpu', message: 'Node did not have enough resource: cpu' }),
        ],
      },
      'lost',
      /enough resource: cpu\.$/,
    ],
    ...['ContainerCreating', 'PodInitializing', 'RegistryUnavailable', 'SomethingThatIsNew'].map(
      (reason): [string, Seen, string, RegExp] => [
        `in whose pod nothing starts: ${reason}`,
        { pods: [pod(waiting(reason, ''))] },
        'failed',
        new RegExp(`^Its container did not start on n1 in 50 s: ${reason}\\.`),
      ],
    ),
    [
      'beside a sidecar that goes on',
      {
        claim,
        pods: [pod(beside({ terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: at(45) } }))],
      },
      'out_of_memory',
      /used more memory than its pod may/,
    ],
    [
      'without an image',
      { pods: [pod(waiting('ImagePullBackOff', 'Back-off pulling image "nope:1"'))] },
      'failed',
      /Back-off pulling image "nope:1"\. Is TREX_K8S_IMAGE right/,
    ],
    [
      'without what its container needs',
      { pods: [pod(waiting('CreateContainerConfigError', 'secret "x" not found'))] },
      'failed',
      /secret "x" not found\. Are the names in the TREX_K8S variables right\?/,
    ],
    [
      'in a container without a shell',
      {
        pods: [
          pod(terminated(128, 'StartError', { message: 'exec: "sh": executable file not found in $PATH' })),
        ],
      },
      'failed',
      /could not be started in its pod: exec: "sh"/,
    ],
    [
      'of a script that gave up, in its words',
      { claim, pods: [pod(terminated(75, 'Error', { message: 'noise\ntrex gave up: no setsid\n' }))] },
      'failed',
      /in its pod: no setsid$/,
    ],
    [
      'of a script that found the disk full',
      { pods: [pod(terminated(75, 'Error', { message: 'trex gave up: No space left on device\n' }))] },
      'lost',
      /disk/,
    ],
    [
      'by a kill of the program',
      { claim, stopped: stoppedBy('SIGKILL'), pods: [pod(terminated(137, 'Error'))] },
      'failed',
      /SIGKILL/,
    ],
    [
      'by a kill of the script',
      { claim, pods: [pod(terminated(137, 'Error'))] },
      'lost',
      /before it could write down/,
    ],
    [
      'by deleting the Job while it ran',
      { claim, stopped: stoppedBy('SIGTERM'), jobs: [] },
      'cancelled',
      /not by the bot/,
    ],
    ['by deleting the Job while it waited', { jobs: [] }, 'cancelled', /not by the bot/],
    ['by deleting the pod', { claim, stopped: stoppedBy('SIGTERM') }, 'lost', /pod was deleted/],
    [
      'by Kueue, for other work',
      { claim, stopped: stoppedBy('SIGTERM'), jobs: [job({ spec: { suspend: true } })] },
      'lost',
      /suspended/,
    ],
    [
      'by a request nobody owns up to',
      { claim, stopped: stoppedBy('SIGTERM'), pods: [pod(terminated(143, 'Error'))] },
      'lost',
      /SIGTERM/,
    ],
    [
      'by the bot',
      { claim, isCancelled: true, jobs: [], isSettled: false },
      'cancelled',
      /^It was cancelled\.$/,
    ],
    ['that nobody knows', { claim, jobs: [] }, 'lost', /no longer knows/],
  ])('%s', (_what, seen, state, reason) => {
    const { status } = verdictOf(seen);
    expect(status.state).toBe(state);
    expect(isFinalJobState(status.state)).toBe(true);
    if (reason === undefined) expect(status.reason).toBeUndefined();
    else expect(status.reason).toMatch(reason);
    expect(status.runSeconds).toBeGreaterThanOrEqual(0);
  });

  test('is billed until the container ended, or its script was last seen', () => {
    expect(verdictOf({ claim, pods: [pod(terminated(137, 'Error'))] }).status.runSeconds).toBe(35);
    expect(verdictOf({ claim, seenAt: at(30), jobs: [] }).status.runSeconds).toBe(20);
    expect(verdictOf({ pods: [pod(waiting('InvalidImageName', 'x'))] }).status.runSeconds).toBe(0);
  });
});

test('a job whose submit was cut short before Kubernetes heard of it is unknown', () => {
  expect(verdictOf({ isSubmitted: false, jobs: [] }).status).toMatchObject({ state: 'unknown' });
});
