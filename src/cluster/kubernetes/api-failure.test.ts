import { expect, test } from 'vitest';
import { TurnedAwayError } from '../port.ts';
import { type Asked, explainRefusal, explainSilence } from './api-failure.ts';

const asked: Asked = {
  ...{ verb: 'create', resource: 'jobs.batch', namespace: 'training', server: 'https://k8s.example.org' },
};

test.each([
  [401, 'Unauthorized', 'cluster', 'kubernetes_login', /does not accept the credentials/],
  [
    403,
    'jobs.batch is forbidden: User "system:serviceaccount:training:trex" cannot create resource "jobs" in API group "batch" in the namespace "training"',
    'cluster',
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
  [
    403,
    'admission webhook "policy.example.org" denied the request: no team label',
    'config',
    'kubernetes_refused',
    /no team label/,
  ],
  [
    500,
    'failed calling webhook "policy.example.org": context deadline exceeded',
    'cluster',
    'kubernetes_down',
    /failed calling webhook/,
  ],
  [403, '<html>blocked by the gateway</html>', 'cluster', 'kubernetes_down', /answers with 403/],
  [409, 'the object has been modified', 'cluster', 'kubernetes_down', /answers with 409/],
  [404, 'page not found', 'cluster', 'kubernetes_down', /answers with 404/],
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

test('only a submit is refused for good: a look that is refused says nothing about a job', () => {
  const look: Asked = { ...asked, verb: 'list', resource: 'pods' };
  for (const code of [400, 401, 403, 404, 413, 422, 451])
    expect(explainRefusal({ code, reason: '', message: 'denied the request' }, look).fault).toBe('cluster');
});

test.each([
  ['a login that ran out', { code: 401, message: 'Unauthorized' }, true],
  ['a right that is missing', { code: 403, message: 'User "x" cannot create resource "jobs"' }, true],
  ['a quota that others use', { code: 403, message: 'exceeded quota: gpus' }, false],
  ['a gateway', { code: 502, message: 'bad gateway' }, false],
])('%s: people have to mend it: %o', (_, refusal, isPeoples) => {
  const error = explainRefusal({ reason: '', ...refusal }, asked);
  expect(error instanceof TurnedAwayError).toBe(isPeoples);
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
    'cluster',
    /certificate/,
  ],
  ['no error at all', 'cluster', /no error at all/],
])('%s', (thrown, fault, words) => {
  const error = explainSilence(thrown, asked);
  expect(error.fault).toBe(fault);
  expect(error.message).toMatch(words);
});
