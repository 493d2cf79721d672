import { readFileSync } from 'node:fs';
import type { JobRequest } from '../port.ts';
import { quote } from '../quote.ts';

/** Site settings for every job. All of them come from the operator, and are trusted. */
export interface Site {
  partition: string | null;
  account: string | null;
  qos: string | null;
  /** Generic resource of a GPU, its number left out: `gpu`, `gpu:a100`. */
  gres: string;
  /** More lines for `#SBATCH`, without that word: `--constraint=a100`. */
  sbatchLines: string[];
  /** Lines of bash before the program: `module load cuda/12.4`. The job gets the variables that they export. */
  setupLines: string[];
  /** Words before the job's own: `apptainer exec --nv image.sif`. */
  container: string[];
}

const body = readFileSync(new URL('./scripts/job.sh', import.meta.url), 'utf8');

/** Slurm checks limits about once a minute; our own clock ends the job before it does. */
const spareSeconds = 120;

/** The batch script of a job. It holds nothing of the request but numbers: arguments and variables stay in a file. */
export function renderJob(
  request: Pick<JobRequest, 'key' | 'limitSeconds' | 'gpus' | 'memoryBytes'>,
  folder: string,
  site: Site,
  graceSeconds: number,
): string {
  const { key, limitSeconds, gpus = 0, memoryBytes } = request;
  const minutes = Math.ceil((limitSeconds + graceSeconds + spareSeconds) / 60);
  const options = [
    `--job-name=${key}`,
    `--output=${folder}/slurm.log`,
    '--open-mode=append',
    `--chdir=${folder}`,
    '--nodes=1',
    '--ntasks=1',
    `--time=${minutes}`,
    // A lost job is retried under a new key, with a reservation of its own.
    '--no-requeue',
    ...(site.partition === null ? [] : [`--partition=${site.partition}`]),
    ...(site.account === null ? [] : [`--account=${site.account}`]),
    ...(site.qos === null ? [] : [`--qos=${site.qos}`]),
    ...(gpus === 0 ? [] : [`--gres=${site.gres}:${gpus}`]),
    ...(memoryBytes === undefined ? [] : [`--mem=${Math.ceil(memoryBytes / 2 ** 20)}M`]),
    ...site.sbatchLines,
  ];
  return [
    '#!/bin/bash',
    ...options.map((option) => `#SBATCH ${option}`),
    `folder=${quote(folder)}`,
    `limit=${limitSeconds}`,
    `grace=${graceSeconds}`,
    `container=(${site.container.map(quote).join(' ')})`,
    'setup() {',
    '  :',
    ...site.setupLines.map((line) => `  ${line}`),
    '}',
    body,
  ].join('\n');
}

/** Arguments and variables as the batch script reads them: ended by NUL, which neither can hold. */
export function renderWords({ argv, env }: Pick<JobRequest, 'argv' | 'env'>): Buffer {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return Buffer.from([String(variables.length), ...variables, ...argv].map((word) => `${word}\0`).join(''));
}
