import { expect, test } from 'vitest';
import type { Failure } from '../campaign/failure.ts';
import { explainJobEnd } from './explain-job-end.ts';

const job = {
  clusterState: 'cancelled',
  reason: null,
  exitCode: null as number | null,
  runSeconds: 600,
  limitSeconds: 1200,
  cancelBecause: null,
  stop: null,
};
const stop = { code: 'too_slow', fault: 'config' as const, message: 'was too slow' };
const own = (code: string): Failure => ({ code, fault: 'config', message: `it said ${code}`, log: [] });
const read = async (name: string) =>
  name === 'err.log' ? 'fine\nOSError: [Errno 28] No space left on device' : null;
const codeOf = async (
  over: Partial<Omit<typeof job, 'stop'>> & { stop?: typeof stop },
  said: Failure | null = null,
) => (await explainJobEnd({ job: { ...job, ...over }, own: said, read })).code;

test('what the run found itself counts before anything else', async () => {
  expect(await codeOf({ stop }, own('nan'))).toBe('nan');
  expect(await codeOf({ clusterState: 'failed' }, own('bad_data'))).toBe('bad_data');
});

test('a run that we ended is told by why we ended it, however it then ended', async () => {
  for (const clusterState of ['cancelled', 'failed', 'timeout', 'lost', 'succeeded'])
    expect(await codeOf({ stop, clusterState })).toBe('too_slow');
  expect(await codeOf({ stop }, own('cancelled'))).toBe('too_slow');
  expect(await codeOf({ stop, clusterState: 'out_of_memory' })).toBe('out_of_memory');
});

test('without that the word of the cluster counts', async () => {
  expect(await codeOf({})).toBe('cancelled');
  expect(await codeOf({ clusterState: 'timeout' }, own('cancelled'))).toBe('over_ceiling');
  expect(await codeOf({ clusterState: 'failed' })).toBe('killed');
  expect(await codeOf({ clusterState: 'failed', exitCode: 137 })).toBe('killed');
  expect(await codeOf({ clusterState: 'failed', exitCode: 143 }, own('cancelled'))).toBe('killed');
  expect(await codeOf({ clusterState: 'failed', exitCode: 1 })).toBe('crashed');
  expect(await codeOf({ clusterState: 'failed', runSeconds: 0 })).toBe('not_started');
  expect(await codeOf({ clusterState: 'unknown' })).toBe('not_started');
});

test('a run that found no room is told by that, whatever it made of it', async () => {
  const crashed = { ...own('internal'), message: 'It crashed: ENOSPC: no space left on device, write' };
  expect(await codeOf({ clusterState: 'failed', exitCode: 70 }, crashed)).toBe('disk_full');
  const reason = 'It failed, and the disk of its run directory is full.';
  const ended = { ...job, clusterState: 'failed', exitCode: 1, reason };
  expect(await explainJobEnd({ job: ended, own: null, read })).toMatchObject({
    ...{ code: 'disk_full', fault: 'cluster', message: expect.stringContaining(reason) },
  });
});

test('the useful line of the log stands first, the lines of the run itself before those', async () => {
  const { log } = await explainJobEnd({ job: { ...job, clusterState: 'failed' }, own: null, read });
  expect(log).toEqual(['OSError: [Errno 28] No space left on device']);
  const said = await explainJobEnd({ job, own: { ...own('nan'), log: ['its own'] }, read });
  expect(said.log).toEqual(['its own']);
});

test('a complaint in the output counts before noise in the error log', async () => {
  const logs: Record<string, string> = { 'err.log': 'loading 1/2\nloading 2/2', 'out.log': 'ValueError: no' };
  const { log } = await explainJobEnd({ job, own: null, read: async (name) => logs[name] ?? null });
  expect(log).toEqual(['ValueError: no']);
});
