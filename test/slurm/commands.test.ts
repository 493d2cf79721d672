import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobRequest } from '../../src/cluster/port.ts';
import { openCluster } from '../support/slurm/open-cluster.ts';
import { type SlurmLab, startSlurm } from '../support/slurm/start-slurm.ts';
import { until } from '../support/until.ts';

let lab: SlurmLab;
let root: string;
beforeAll(async () => {
  lab = await startSlurm();
  root = mkdtempSync(join(tmpdir(), 'trex-commands-'));
});
afterAll(async () => {
  await lab?.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

test('one command looks at all jobs and brings the news of their metrics, also where files are copied', async () => {
  let commands = 0;
  const options = {
    ...({ over: 'ssh', files: 'copied' } as const),
    stateDir: join(root, 'state'),
    socketDir: join(root, 'ssh'),
    onCommand: () => {
      commands++;
    },
  };
  const cluster = openCluster(lab, options);
  const held = openCluster(lab, { ...options, site: { sbatchLines: ['--hold'] } });
  const request = (key: string): JobRequest => {
    const dir = join(root, 'runs', key);
    mkdirSync(dir, { recursive: true });
    return { key, dir, argv: ['sh', '-c', 'echo 0 > m.jsonl; sleep 60'], env: {}, limitSeconds: 100 };
  };
  const [running, waiting] = [
    ['run-1', 'run-2', 'run-3'],
    ['wait-1', 'wait-2', 'wait-3'],
  ] as const;
  for (const key of waiting) await held.submit(request(key));
  for (const key of running) {
    await cluster.submit(request(key));
    await until(
      'the first line',
      20_000,
      async () => (await cluster.read(key, 'm.jsonl', 0, 100)).size === 2,
    );
  }
  for (const round of [1, 2]) {
    for (const key of running)
      appendFileSync(join(root, 'state', 'runs', key, 'm.jsonl'), `${key} ${round}\n`);
    commands = 0;
    const statuses = await cluster.poll([...running, ...waiting]);
    expect([...statuses.values()].map(({ state }) => state)).toEqual([
      ...running.map(() => 'running'),
      ...waiting.map(() => 'queued'),
    ]);
    for (const key of running) {
      const offset = 2 + (round - 1) * 8;
      expect(await cluster.read(key, 'm.jsonl', offset, 100)).toEqual({
        text: `${key} ${round}\n`,
        nextOffset: offset + 8,
        size: offset + 8,
      });
    }
    expect(commands).toBe(1);
  }
  for (const key of running) await cluster.cancel(key, 0);
});
