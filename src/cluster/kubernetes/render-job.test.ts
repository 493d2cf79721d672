import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { renderCommand, renderJob, type Site } from './render-job.ts';

const plain: Site = {
  ...{ image: 'trex:1', claim: 'trex-data', mount: '/data', queue: null, nodeSelector: {}, tolerations: [] },
  ...{ serviceAccount: null, pullSecret: null, priorityClass: null, cpu: null, memory: null, user: null },
};
const request = { key: 'c-1-n2-a1', dir: '/data/runs/c-1-n2-a1', limitSeconds: 600 };
const folder = '/data/kubernetes/keys/c-1-n2-a1';

/** The script is the same file for all jobs. */
const withoutScript = (job: ReturnType<typeof renderJob>) => {
  const [container] = job.spec?.template.spec?.containers ?? [];
  if (container?.command?.[2] !== undefined) container.command[2] = '…';
  return job;
};

test('the Job of a plain request', () => {
  expect(withoutScript(renderJob(request, folder, plain, 30))).toMatchInlineSnapshot(`
    {
      "apiVersion": "batch/v1",
      "kind": "Job",
      "metadata": {
        "annotations": {
          "trex-bot/dir": "/data/runs/c-1-n2-a1",
        },
        "labels": {
          "app.kubernetes.io/managed-by": "trex-bot",
          "trex-bot/key": "c-1-n2-a1",
        },
        "name": "c-1-n2-a1",
      },
      "spec": {
        "backoffLimit": 0,
        "template": {
          "metadata": {
            "annotations": {
              "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
              "karpenter.sh/do-not-disrupt": "true",
            },
            "labels": {
              "app.kubernetes.io/managed-by": "trex-bot",
              "trex-bot/key": "c-1-n2-a1",
            },
          },
          "spec": {
            "activeDeadlineSeconds": 4230,
            "automountServiceAccountToken": false,
            "containers": [
              {
                "command": [
                  "sh",
                  "-c",
                  "…",
                  "trex",
                  "/data/kubernetes/keys/c-1-n2-a1",
                  "/data/runs/c-1-n2-a1",
                  "600000",
                  "30000",
                ],
                "env": [
                  {
                    "name": "POD_NAME",
                    "valueFrom": {
                      "fieldRef": {
                        "fieldPath": "metadata.name",
                      },
                    },
                  },
                  {
                    "name": "NODE_NAME",
                    "valueFrom": {
                      "fieldRef": {
                        "fieldPath": "spec.nodeName",
                      },
                    },
                  },
                ],
                "image": "trex:1",
                "name": "job",
                "resources": {
                  "limits": {},
                },
                "securityContext": {
                  "allowPrivilegeEscalation": false,
                  "capabilities": {
                    "drop": [
                      "ALL",
                    ],
                  },
                },
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "volumeMounts": [
                  {
                    "mountPath": "/data",
                    "name": "data",
                  },
                ],
              },
            ],
            "enableServiceLinks": false,
            "restartPolicy": "Never",
            "securityContext": {
              "seccompProfile": {
                "type": "RuntimeDefault",
              },
            },
            "terminationGracePeriodSeconds": 120,
            "volumes": [
              {
                "name": "data",
                "persistentVolumeClaim": {
                  "claimName": "trex-data",
                },
              },
            ],
          },
        },
        "ttlSecondsAfterFinished": 172800,
      },
    }
  `);
});

test('the pod of a request for GPUs, with everything a site may want', () => {
  const site: Site = {
    ...plain,
    image: 'registry.example.org/trex@sha256:0',
    queue: 'night',
    nodeSelector: { 'gpu.type': 'h100' },
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    ...{ serviceAccount: 'trainer', pullSecret: 'registry', priorityClass: 'batch' },
    ...{ cpu: '8', memory: '64Gi', user: { uid: 1000, gid: 1000 } },
  };
  const job = withoutScript(renderJob({ ...request, gpus: 4, limitSeconds: 0.5 }, folder, site, 0.3));
  expect(job.metadata?.labels).toMatchInlineSnapshot(`
    {
      "app.kubernetes.io/managed-by": "trex-bot",
      "kueue.x-k8s.io/queue-name": "night",
      "trex-bot/key": "c-1-n2-a1",
    }
  `);
  expect(job.spec?.template.spec).toMatchInlineSnapshot(`
    {
      "activeDeadlineSeconds": 3601,
      "automountServiceAccountToken": false,
      "containers": [
        {
          "command": [
            "sh",
            "-c",
            "…",
            "trex",
            "/data/kubernetes/keys/c-1-n2-a1",
            "/data/runs/c-1-n2-a1",
            "500",
            "300",
          ],
          "env": [
            {
              "name": "POD_NAME",
              "valueFrom": {
                "fieldRef": {
                  "fieldPath": "metadata.name",
                },
              },
            },
            {
              "name": "NODE_NAME",
              "valueFrom": {
                "fieldRef": {
                  "fieldPath": "spec.nodeName",
                },
              },
            },
          ],
          "image": "registry.example.org/trex@sha256:0",
          "name": "job",
          "resources": {
            "limits": {
              "cpu": "8",
              "memory": "64Gi",
              "nvidia.com/gpu": "4",
            },
          },
          "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": {
              "drop": [
                "ALL",
              ],
            },
          },
          "terminationMessagePolicy": "FallbackToLogsOnError",
          "volumeMounts": [
            {
              "mountPath": "/data",
              "name": "data",
            },
            {
              "mountPath": "/dev/shm",
              "name": "shared-memory",
            },
          ],
        },
      ],
      "enableServiceLinks": false,
      "imagePullSecrets": [
        {
          "name": "registry",
        },
      ],
      "nodeSelector": {
        "gpu.type": "h100",
      },
      "priorityClassName": "batch",
      "restartPolicy": "Never",
      "securityContext": {
        "runAsGroup": 1000,
        "runAsNonRoot": true,
        "runAsUser": 1000,
        "seccompProfile": {
          "type": "RuntimeDefault",
        },
      },
      "serviceAccountName": "trainer",
      "terminationGracePeriodSeconds": 120,
      "tolerations": [
        {
          "effect": "NoSchedule",
          "key": "nvidia.com/gpu",
          "operator": "Exists",
        },
      ],
      "volumes": [
        {
          "name": "data",
          "persistentVolumeClaim": {
            "claimName": "trex-data",
          },
        },
        {
          "emptyDir": {
            "medium": "Memory",
          },
          "name": "shared-memory",
        },
      ],
    }
  `);
});

test('memory of the request counts before that of the site', () => {
  const job = renderJob({ ...request, memoryBytes: 1e9 }, folder, { ...plain, memory: '64Gi' }, 30);
  expect(job.spec?.template.spec?.containers[0]?.resources?.limits).toEqual({ memory: '1000000000' });
});

test('no word of the command is changed by Kubernetes, which reads $(NAME) and $$ in it', () => {
  const dir = '/data/runs/$(POD_NAME) $$ $';
  const command = renderJob({ ...request, dir }, folder, plain, 30).spec?.template.spec?.containers[0]
    ?.command;
  expect(command?.[5]).toBe('/data/runs/$$(POD_NAME) $$$$ $$');
  expect(command?.[2]).toContain('echo "$$$$" > "$$0"');
});

test('the command sets variables and arguments as they are, whatever is in them', () => {
  const env = { WORDS: `it's "$HOME" \`id\`\n$(id)`, EMPTY: '' };
  const argv = ['printf', '<%s>', '', '-n', "a'b", '\\', 'ü\n'];
  const script = `${renderCommand({ argv, env })}printf '%s|%s|' "$WORDS" "$EMPTY"; "$@"`;
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${env.WORDS}||<><-n><a'b><\\><ü\n>`);
});
