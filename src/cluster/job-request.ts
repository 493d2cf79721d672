import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { BadInputError } from '../lib/errors.ts';
import type { JobRequest } from './port.ts';

const keyPattern = /^[a-z0-9-]{1,58}$/;
const variablePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
const fileNamePattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,200}$/;

/** A key can be a file name, a Slurm job name and a Kubernetes object name; nothing else passes. */
export function isJobKey(key: string): boolean {
  return keyPattern.test(key);
}

/** @throws BadInputError naming the first member of the request that no cluster could use. */
export function assertJobRequest(request: JobRequest): void {
  const { key, dir, argv, env, limitSeconds, gpus, memoryBytes } = request;
  if (!isJobKey(key)) fail(`the key ${JSON.stringify(key)} is not 1 to 58 of a-z, 0-9 and -`);
  if (!isAbsolute(dir) || !isDirectory(dir))
    fail(`${dir} is not an existing directory with an absolute path`);
  if (!argv[0]) fail('there is no program to run');
  if (argv.some((word) => word.includes('\0'))) fail('an argument holds a NUL character');
  for (const [name, value] of Object.entries(env)) {
    if (!variablePattern.test(name)) fail(`${JSON.stringify(name)} is not a name for a variable`);
    if (value.includes('\0')) fail(`the variable ${name} holds a NUL character`);
  }
  if (!(limitSeconds > 0 && Number.isFinite(limitSeconds))) fail('the time limit is not a positive number');
  if (gpus !== undefined && !(Number.isInteger(gpus) && gpus >= 0)) fail('gpus is not a whole number');
  if (memoryBytes !== undefined && !(memoryBytes > 0)) fail('memoryBytes is not a positive number');
}

/** @throws BadInputError unless `file` is the bare name of a file inside a run directory. */
export function assertFileName(file: string): void {
  if (!fileNamePattern.test(file)) {
    throw new BadInputError(
      'bad_file_name',
      `${JSON.stringify(file)} is not the name of a file in a run directory.`,
    );
  }
}

/** @throws BadInputError unless the range can be read: a byte offset and a positive number of bytes. */
export function assertReadRange(offset: number, maxBytes: number): void {
  if (!(Number.isInteger(offset) && offset >= 0 && Number.isInteger(maxBytes) && maxBytes > 0)) {
    throw new BadInputError('bad_range', `Cannot read ${maxBytes} bytes from offset ${offset}.`);
  }
}

/** Records of a run; without one of these a cluster would no longer know how it ended. */
const ownFiles = new Set(
  ['cluster', 'pid', 'child', 'cancel', 'exit', 'claim', 'stopped', 'fetched'].map((name) => `${name}.json`),
);

/** @throws BadInputError unless every name is bare and none is the cluster's own. */
export function assertDiscardable(names: readonly string[]): void {
  for (const name of names) {
    assertFileName(name);
    if (ownFiles.has(name))
      throw new BadInputError('bad_file_name', `${name} belongs to the cluster's records.`);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function fail(what: string): never {
  throw new BadInputError('bad_job_request', `This job cannot be handed to a cluster: ${what}.`);
}
