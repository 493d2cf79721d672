import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ShipLater } from '../../src/shipping/port.ts';
import { createHubTarget } from '../../src/shipping/ship-to-hub.ts';
import { type FakeHub, type HubFault, startFakeHub } from '../support/fake-hub.ts';
import { makeParcel } from './make-parcel.ts';

const name = 'acme/dates-to-iso-c-7f3a21';
let hub: FakeHub;
let made: ReturnType<typeof makeParcel>;

beforeEach(async () => {
  hub = await startFakeHub({ owner: 'acme' });
  made = makeParcel();
});
afterEach(async () => {
  await hub.close();
  rmSync(made.dir, { recursive: true });
});

const target = (over: Partial<Parameters<typeof createHubTarget>[0]> = {}) =>
  createHubTarget({
    ...{ url: hub.url, owner: 'acme', token: hub.token, isPrivate: true, license: null, stallMs: 400 },
    ...over,
  });
const ship = (over: Parameters<typeof target>[0] = {}, signal = new AbortController().signal) => {
  const shares: number[] = [];
  const done = target(over).ship(made.parcel, { onProgress: (share) => void shares.push(share), signal });
  return Object.assign(done, { shares });
};
/** Fails the first request of this kind. */
const failOnce = (call: RegExp, fault: HubFault): void => {
  let isOver = false;
  hub.faultOf = (made) => {
    if (isOver || !call.test(made)) return null;
    isOver = true;
    return fault;
  };
};
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const commits = () => hub.repos.get(name)?.commits ?? [];

describe('the Hub', () => {
  test('gets a private repository with every file in one commit', async () => {
    const work = ship();
    expect(await work).toEqual({ url: `${hub.url}/${name}` });
    const repo = hub.repos.get(name);
    expect(repo?.private).toBe(true);
    expect(commits()).toHaveLength(2);
    expect(commits()[1]).toEqual({
      title: 'Round 5 of c-7f3a21',
      files: ['README.md', 'model.safetensors', 'report.md'],
    });
    expect(repo?.files.get('model.safetensors')?.content.length).toBe(3_000_000);
    expect(repo?.files.get('README.md')?.content.toString()).toContain('Ünicode');
    expect(hub.complaints).toEqual([]);
    expect(work.shares.at(-1)).toBeGreaterThan(0.9);
    expect(work.shares).toEqual([...work.shares].sort((a, b) => a - b));
  });

  test('gets small weights in one piece too', async () => {
    rmSync(made.dir, { recursive: true });
    made = makeParcel(200_000);
    await ship();
    expect(hub.repos.get(name)?.files.get('model.safetensors')?.content.length).toBe(200_000);
    expect(hub.complaints).toEqual([]);
  });

  test('gets no second commit where the same files are', async () => {
    await ship();
    expect(await ship()).toEqual({ url: `${hub.url}/${name}` });
    expect(commits()).toHaveLength(2);
    expect(hub.seen.filter((call) => call.startsWith('PUT'))).toHaveLength(3);
  });

  test('gets only what differs', async () => {
    await ship();
    const report = made.parcel.files.find((file) => file.name === 'report.md');
    writeFileSync(join(made.dir, 'report.md'), 'another\n');
    if (report) Object.assign(report, { bytes: 8, sha256: 'f'.repeat(64) });
    await ship();
    expect(commits()[2]?.files).toEqual(['report.md']);
  });

  test('is public only where that was agreed to', async () => {
    await ship({ isPrivate: false });
    expect(hub.repos.get(name)?.private).toBe(false);
    const before = hub.seen.length;
    expect(await errorOf(ship({ isPrivate: true }))).toMatchObject({
      code: 'ship_visibility',
      fault: 'config',
    });
    expect(hub.seen.slice(before).some((call) => /preupload|commit|lfs/.test(call))).toBe(false);
  });
});

describe('what may pass is for later', () => {
  test.each([
    ['a busy server while the repository is made', /repos\/create/, { kind: 'status', status: 503 }],
    ['an error of the server at the commit', /commit/, { kind: 'status', status: 500 }],
    ['a cut connection before the commit', /commit/, { kind: 'cut', when: 'before' }],
    ['a cut connection during the upload', /^PUT/, { kind: 'cut', when: 'before' }],
    ['a storage that answers nothing', /^PUT/, { kind: 'hang' }],
    ['a server that answers nothing', /preupload/, { kind: 'hang' }],
    ['a storage that fails', /^PUT/, { kind: 'status', status: 500 }],
  ] satisfies [string, RegExp, HubFault][])('%s', async (_, call, fault) => {
    failOnce(call, fault);
    const error = await errorOf(ship());
    expect(error).toBeInstanceOf(ShipLater);
    expect(String(error)).not.toMatch(/secret|Signature/);
    expect(await ship()).toEqual({ url: `${hub.url}/${name}` });
    expect(commits()).toHaveLength(2);
  });

  test('a commit whose answer got lost is not made again', async () => {
    failOnce(/commit/, { kind: 'cut', when: 'after' });
    expect(await errorOf(ship())).toBeInstanceOf(ShipLater);
    await ship();
    expect(commits()).toHaveLength(2);
  });

  test('a repository whose making was not answered is used', async () => {
    failOnce(/repos\/create/, { kind: 'cut', when: 'after' });
    expect(await errorOf(ship())).toBeInstanceOf(ShipLater);
    await ship();
    expect(commits()).toHaveLength(2);
  });

  test('a limit says how long to wait', async () => {
    failOnce(/preupload/, { kind: 'status', status: 429, headers: { 'retry-after': '37' } });
    expect(await errorOf(ship())).toMatchObject({ fault: 'provider', retryAfterMs: 37_000 });
  });

  test('weights that are there already are not sent again', async () => {
    failOnce(/commit/, { kind: 'status', status: 500 });
    await errorOf(ship());
    const before = hub.seen.filter((call) => call.startsWith('PUT')).length;
    await ship();
    expect(hub.seen.filter((call) => call.startsWith('PUT')).length).toBe(before);
  });

  test('a stop breaks off at once, and the next start goes on', async () => {
    const stop = new AbortController();
    hub.faultOf = (call) => (call.startsWith('PUT') ? { kind: 'hang' } : null);
    const work = errorOf(ship({ stallMs: 60_000 }, stop.signal));
    while (!hub.seen.some((call) => call.startsWith('PUT')))
      await new Promise((done) => setTimeout(done, 10));
    stop.abort();
    expect(await work).not.toBeNull();
    hub.faultOf = () => null;
    await ship();
    expect(commits()).toHaveLength(2);
  });
});

describe('what a person has to set right is said with the variable', () => {
  test('a token that nobody knows', async () => {
    const error = await errorOf(ship({ token: 'hf_wrong' }));
    expect(error).toMatchObject({ fault: 'config', message: expect.stringContaining('HF_TOKEN') });
    expect(String(error)).not.toContain('hf_wrong');
  });

  test('an organisation that the token may not write to', async () => {
    expect(await errorOf(ship({ owner: 'others' }))).toMatchObject({
      fault: 'config',
      message: expect.stringMatching(/HF_TOKEN.*others/),
    });
  });

  test('what the Hub refuses for good is ours', async () => {
    failOnce(/commit/, { kind: 'status', status: 400 });
    expect(await errorOf(ship())).toMatchObject({ code: 'hub_refused', fault: 'ours' });
  });
});
