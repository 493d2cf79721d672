import { expect, test } from 'vitest';
import { type Asked, explainRefusal, explainSilence } from './api-failure.ts';

const asked: Asked = {
  ...{ verb: 'create', resource: 'jobs.batch', namespace: 'training', server: 'https://k8s.example.org' },
};

test.each([
  [401, 'Unauthorized', 'config', 'kubernetes_login', /does not accept the credentials/],
  [
    403,
    'jobs.batch is forbidden: User "system:serviceaccount:training:trex" cannot create resource "jobs" in API group "batch" in the namespace "training"',
    'config',
    'kubernetes_right_missing',
    /may not create jobs.batch in the namespace training\. Give/,
  ],
  [
    403,
    'jobs.batch "k" is forbidden: exceeded quota: gpus, requested: count/jobs.batch=1, used: count/jobs.batch=4, limited: count/jobs.batch=4',
    'cluster',
    'quota_used_up',
    /quota of the namespace training is used up/,
  ],
  [
    403,
    'pods "k" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
    'config',
    'kubernetes_refused',
    /runAsNonRoot/,
  ],
  [404, 'namespaces "training" not found', 'config', 'kubernetes_namespace', /Set TREX_K8S_NAMESPACE/],
  [422, 'Job.batch "k-" is invalid', 'config', 'kubernetes_refused', /is invalid/],
  [429, 'Too many requests, please try again later.', 'cluster', 'kubernetes_busy', /fewer requests/],
  [500, 'etcdserver: leader changed', 'cluster', 'kubernetes_down', /leader changed/],
  [503, '', 'cluster', 'kubernetes_down', /answers with 503: HTTP 503$/],
])('%i %s', (code, message, fault, name, words) => {
  const error = explainRefusal({ code, reason: '', message }, asked);
  expect(error).toMatchObject({ fault, code: name });
  expect(error.message).toMatch(words);
});

test.each([
  [Object.assign(new Error('The user aborted a request.'), { name: 'AbortError' }), 'cluster', /in time/],
  [
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
    'cluster',
    /ECONNREFUSED/,
  ],
  [
    Object.assign(new Error('unable to verify'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
    'config',
    /certificate/,
  ],
  ['no error at all', 'cluster', /no error at all/],
])('%s', (thrown, fault, words) => {
  const error = explainSilence(thrown, asked);
  expect(error.fault).toBe(fault);
  expect(error.message).toMatch(words);
});
