import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { renderCall } from './render-call.ts';
import { renderJob, renderWords, type Site } from './render-job.ts';

const plain: Site = {
  partition: null,
  account: null,
  qos: null,
  gres: 'gpu',
  sbatchLines: [],
  setupLines: [],
  container: [],
};
/** All that differs between jobs; what follows is the same file for all of them. */
const headOf = (script: string): string => script.slice(0, script.indexOf('\n# Runs one job'));

describe('the batch script', () => {
  test('of a plain job', () => {
    const script = renderJob({ key: 'trex-1', limitSeconds: 600 }, '/state/keys/trex-1', plain, 30);
    expect(headOf(script)).toMatchInlineSnapshot(`
      "#!/bin/bash
      #SBATCH --job-name=trex-1
      #SBATCH --output=/state/keys/trex-1/slurm.log
      #SBATCH --open-mode=append
      #SBATCH --chdir=/state/keys/trex-1
      #SBATCH --nodes=1
      #SBATCH --ntasks=1
      #SBATCH --time=13
      #SBATCH --no-requeue
      folder='/state/keys/trex-1'
      limit=600
      grace=30
      container=()
      setup() {
        :
      }"
    `);
  });

  test('of a job with everything a site may want', () => {
    const site: Site = {
      partition: 'a100,h100',
      account: 'lab',
      qos: 'long',
      gres: 'gpu:a100',
      sbatchLines: ['--constraint=nvlink', '--mem=64G'],
      setupLines: ['module load cuda/12.4', 'export HF_HOME="/scratch/my models"'],
      container: ['apptainer', 'exec', '--nv', "/images/it's.sif"],
    };
    const request = { key: 'trex-2', limitSeconds: 86_400.5, gpus: 4, memoryBytes: 1e9 };
    expect(headOf(renderJob(request, '/state/keys/trex-2', site, 0.3))).toMatchInlineSnapshot(`
      "#!/bin/bash
      #SBATCH --job-name=trex-2
      #SBATCH --output=/state/keys/trex-2/slurm.log
      #SBATCH --open-mode=append
      #SBATCH --chdir=/state/keys/trex-2
      #SBATCH --nodes=1
      #SBATCH --ntasks=1
      #SBATCH --time=1443
      #SBATCH --no-requeue
      #SBATCH --partition=a100,h100
      #SBATCH --account=lab
      #SBATCH --qos=long
      #SBATCH --gres=gpu:a100:4
      #SBATCH --mem=954M
      #SBATCH --constraint=nvlink
      #SBATCH --mem=64G
      folder='/state/keys/trex-2'
      limit=86400.5
      grace=0.3
      container=('apptainer' 'exec' '--nv' '/images/it'\\''s.sif')
      setup() {
        :
        module load cuda/12.4
        export HF_HOME="/scratch/my models"
      }"
    `);
  });

  test('is bash', () => {
    const script = renderJob({ key: 'k', limitSeconds: 1 }, '/state/keys/k', plain, 1);
    execFileSync('bash', ['-n'], { input: script });
  });
});

test('words are ended by NUL, the number of variables first', () => {
  const words = renderWords({ argv: ['sh', '-c', "it's\n$HOME"], env: { A: 'x=y', B: '' } });
  expect(words.toString()).toBe("2\0A=x=y\0B=\0sh\0-c\0it's\n$HOME\0");
});

test.each(['submit', 'poll', 'record-ends', 'cancel', 'list', 'count', 'read', 'put', 'get'] as const)(
  'the call %s is one compound command of bash, with its values quoted',
  (name) => {
    const script = renderCall(name, { mark: "m'; touch /pwned; '", keys: ['a', '$(b)'] });
    execFileSync('bash', ['-n'], { input: script });
    expect(script.startsWith('{\n')).toBe(true);
    expect(script.endsWith('exit\n}\n')).toBe(true);
    expect(script).toContain("mark='m'\\''; touch /pwned; '\\'''\nkeys=('a' '$(b)')\n");
  },
);
