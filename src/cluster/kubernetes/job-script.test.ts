import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderCommand } from './render-job.ts';

const script = fileURLToPath(new URL('./scripts/job.sh', import.meta.url));
let root: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'trex-pod-script-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

interface Run {
  first: ChildProcess;
  dir: string;
  ended: Promise<unknown>;
  log: () => string;
}

/** Runs the script as a pod would. */
function begin(
  program: string,
  more: { shell?: string[]; base?: string; pod?: string; limitMs?: number } = {},
): Run {
  const { shell = ['sh'], base = join(root, String(count++)), pod = 'k-1', limitMs = 30_000 } = more;
  const [folder, dir] = [join(base, 'folder'), join(base, 'run')];
  for (const path of [folder, dir]) mkdirSync(path, { recursive: true });
  writeFileSync(join(folder, 'command'), renderCommand({ argv: ['sh', '-c', program], env: {} }));
  const [interpreter = 'sh', ...options] = shell;
  const args = [...options, script, folder, dir, String(limitMs), '300'];
  const first = spawn(interpreter, args, {
    env: { PATH: process.env.PATH, TMPDIR: root, POD_NAME: pod, NODE_NAME: 'n1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [first.stdout, first.stderr]) stream?.on('data', (data) => (log += data));
  return { first, dir, ended: once(first, 'close'), log: () => log };
}

const read = (dir: string, file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(dir, file), 'utf8'));
const has = (shell: string): boolean => {
  try {
    execFileSync(shell, [shell === 'busybox' ? 'true' : '-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe.runIf(process.platform === 'linux')('the script of the pod', () => {
  const shells = [['sh'], ['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(([name = '']) =>
    has(name),
  );

  test.each(shells.map((shell) => [shell.join(' '), shell] as const))(
    'learns of many programs at once how each of them ended, in %s',
    async (_name, shell) => {
      const expected: Record<string, { file: string; code: number | null; signal: string | null }> = {
        true: { file: 'exit.json', code: 0, signal: null },
        'exit 7': { file: 'exit.json', code: 7, signal: null },
        'exit 137': { file: 'exit.json', code: 137, signal: null },
        'kill -s KILL $$': { file: 'stopped.json', code: null, signal: 'SIGKILL' },
        'kill -s TERM $$': { file: 'exit.json', code: null, signal: 'SIGTERM' },
        'kill -s SEGV $$': { file: 'exit.json', code: null, signal: 'SIGSEGV' },
        'no-such-program': { file: 'exit.json', code: 127, signal: null },
      };
      await Promise.all(
        Object.entries(expected).map(async ([program, { file, ...how }]) => {
          const { dir, ended } = begin(program, { shell: [...shell] });
          await ended;
          expect(read(dir, file), program).toMatchObject(how);
        }),
      );
    },
  );

  test('measures by a clock that nobody sets', async () => {
    const { dir, ended } = begin('sleep 0.6');
    await ended;
    const { runSeconds } = read(dir, 'exit.json');
    expect(runSeconds).toBeGreaterThanOrEqual(0.5);
    expect(runSeconds).toBeLessThan(20);
    expect(readFileSync(script, 'utf8')).toContain('/proc/uptime');
  });

  test('notes how a program ended that was told to stop at any moment', async () => {
    await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const { first, dir, ended } = begin('sleep 0.05');
        await sleep(20 + i * 40);
        first.kill('SIGTERM');
        await ended;
        // Before its first line a shell has no trap yet; in a pod the signal is then no signal.
        const isNoted = existsSync(join(dir, 'exit.json')) || existsSync(join(dir, 'stopped.json'));
        expect(isNoted || !existsSync(join(dir, 'claim.json'))).toBe(true);
      }),
    );
  });

  test('runs nothing in a second pod of the same Job, and leaves what the first wrote', async () => {
    const base = join(root, 'twice');
    const { dir, ended } = begin('echo ran >> runs.log', { base });
    await ended;
    const first = read(dir, 'exit.json');
    await begin('echo ran >> runs.log', { base, pod: 'k-2' }).ended;
    expect(readFileSync(join(dir, 'runs.log'), 'utf8')).toBe('ran\n');
    expect(read(dir, 'exit.json')).toEqual(first);
  });

  test('stops, and leaves nothing, when the bot has given the job up', async () => {
    const { dir, ended } = begin('(while :; do echo beat >> beats.log; sleep 0.05; done) & wait');
    while (!existsSync(join(dir, 'beats.log'))) await sleep(20);
    writeFileSync(join(dir, 'exit.json'), '{"why":"lost"}');
    await ended;
    const size = readFileSync(join(dir, 'beats.log')).length;
    await sleep(200);
    expect(readFileSync(join(dir, 'beats.log')).length).toBe(size);
    expect(read(dir, 'exit.json')).toEqual({ why: 'lost' });
  });

  test.each(['{"graceMs":}', '{"graceMs":08}', '{"graceMs":99999999999999999999}', '', 'junk'])(
    'takes the usual grace for a wish that reads %j',
    async (wish) => {
      const { dir, ended } = begin(`trap '' TERM; echo > begun; while :; do sleep 0.05; done`);
      while (!existsSync(join(dir, 'begun'))) await sleep(20);
      writeFileSync(join(dir, 'cancel.json'), wish === '' ? '' : `${wish}\n`);
      await ended;
      expect(read(dir, 'exit.json')).toMatchObject({ why: 'cancelled', signal: 'SIGKILL' });
    },
  );

  test('says why it cannot even begin', async () => {
    const base = join(root, 'nowhere');
    mkdirSync(base);
    writeFileSync(join(base, 'run'), 'a file in the place of the folder');
    mkdirSync(join(base, 'folder'));
    const first = spawn('sh', [script, join(base, 'folder'), join(base, 'run'), '1000', '300'], {
      env: { PATH: process.env.PATH, TMPDIR: root, POD_NAME: 'k-1', NODE_NAME: 'n1' },
    });
    let log = '';
    first.stderr.on('data', (data) => (log += data));
    const [code] = await once(first, 'close');
    expect(code).toBe(75);
    expect(log).toContain(`trex gave up: the run directory ${join(base, 'run')} is not in this pod`);
  });

  test('leaves nothing behind in the run directory but what it promises', async () => {
    const { dir, ended, log } = begin('echo hello');
    await ended;
    expect(readdirSync(dir).sort()).toEqual(['claim.json', 'err.log', 'exit.json', 'out.log']);
    expect(readFileSync(join(dir, 'out.log'), 'utf8')).toBe('hello\n');
    expect(log()).toBe(`trex: output goes to ${dir}/out.log and err.log\n`);
    expect(existsSync(join(dir, '..', 'folder', 'command'))).toBe(false);
  });
});
