import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSshShell } from '../../src/cluster/slurm/ssh-shell.ts';
import { type SlurmLab, startSlurm } from '../support/slurm/start-slurm.ts';

let lab: SlurmLab;
let root: string;
let count = 0;
beforeAll(async () => {
  lab = await startSlurm();
  root = mkdtempSync(join(tmpdir(), 'trex-ssh-test-'));
});
afterAll(async () => {
  await lab?.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
const open = (change: (config: string) => string = (config) => config, host = 'login') => {
  const configFile = join(root, `config-${count++}`);
  writeFileSync(configFile, change(readFileSync(lab.sshConfig, 'utf8')));
  return createSshShell({ host, configFile, socketDir: join(root, `s${count}`), environment });
};

test('one connection carries more commands at once than an ssh server allows sessions', async () => {
  const shell = open();
  const replies = await Promise.all(
    Array.from({ length: 24 }, (_, i) => shell.run(`echo ${i} "$PPID"\n`).then(String)),
  );
  expect(replies.map((text) => Number(text.split(' ')[0]))).toEqual(Array.from({ length: 24 }, (_, i) => i));
  expect(new Set(replies.map((text) => text.split(' ')[1])).size).toBe(1);
});

test('a host whose key is not the known one is not talked to', async () => {
  writeFileSync(join(root, 'known'), '');
  const shell = open((config) => config.replace(/UserKnownHostsFile .*/, `UserKnownHostsFile ${root}/known`));
  await expect(shell.run('echo reached\n')).rejects.toMatchObject({
    code: 'cluster_unreachable',
    fault: 'cluster',
    message: expect.stringMatching(/The login node login cannot be used.*Host key verification failed/),
  });
});

test('a host that does not answer is out of reach for now', async () => {
  const shell = open((config) => config.replace(/Port \d+/, 'Port 1'));
  await expect(shell.run('echo reached\n')).rejects.toMatchObject({
    fault: 'cluster',
    message: expect.stringContaining('Connection refused'),
  });
});

test('a command that takes too long is given up', async () => {
  await expect(open().run('sleep 30\n', { timeoutMs: 1500 })).rejects.toMatchObject({
    code: 'cluster_slow',
    fault: 'cluster',
  });
});

test('a connection that a person opened is used', async () => {
  const path = join(root, 'own');
  const shell = open(
    (config) => `${config}  ControlMaster auto\n  ControlPath ${path}\n  ControlPersist 20\n`,
  );
  const first = String(await shell.run('echo $PPID\n'));
  const second = open((config) => `${config}  ControlPath ${path}\n  Port 1\n  IdentityFile /nowhere\n`);
  expect(String(await second.run('echo $PPID\n'))).toBe(first);
});
