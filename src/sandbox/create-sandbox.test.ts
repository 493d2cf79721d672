import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../lib/log.ts';
import { createSandbox, type SandboxOptions } from './create-sandbox.ts';
import { sandboxLimits } from './limits.ts';
import type { Sandbox } from './port.ts';

/** Tests without bubblewrap and Python: a program of Node replaces both. `test/sandbox/` tests the real ones. */

let dir: string;
let now: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trex-sandbox-'));
  now = 0;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (over: Partial<SandboxOptions>): Sandbox =>
  createSandbox({
    sandbox: { kind: 'bwrap' },
    python: 'python3',
    dir,
    clock: { now: () => new Date(now), sleep: async () => {} },
    log: silentLog,
    ...over,
  });
/** A container that is this JavaScript; `input` is its standard input. */
const acting = (script: string, over: Partial<SandboxOptions> = {}): Sandbox => {
  const words = [
    process.execPath,
    '-e',
    `const input = require('node:fs').readFileSync(0, 'utf8'); ${script}`,
    '--',
  ];
  return open({ sandbox: { kind: 'container', words }, ...over });
};
const job = { code: 'THE CODE', seed: 7, rows: '{"prompt":"p"}\n' };

describe('where the sandbox does not hold, it says so and how to help', () => {
  test('without bubblewrap', async () => {
    const problem = await open({ searchPath: dir }).problem();
    expect(problem).toMatch(/its program is not there.*install the package bubblewrap, 0.8 or later/);
  });

  test('without the program of the container', async () => {
    const sandbox = open({ sandbox: { kind: 'container', words: ['/nowhere/apptainer', 'exec'] } });
    expect(await sandbox.problem()).toContain('its program is not there');
  });

  test('when code in it can do what it must not', async () => {
    const leaky = `console.log(JSON.stringify([{ completion: '["reach a network"]' }]))`;
    expect(await acting(leaky).problem()).toBe(
      'The sandbox does not hold on this machine: code in it could reach a network, run for ever.',
    );
  });

  test('when its answer makes no sense', async () => {
    expect(await acting('console.log("hello")').problem()).toBe(
      'The sandbox could not be tried out; the log says why.',
    );
  });

  test('a failure is tried again after minutes, not every time', async () => {
    const sandbox = open({ searchPath: dir });
    const first = await sandbox.problem();
    const started = performance.now();
    for (let i = 0; i < 100; i++) expect(await sandbox.problem()).toBe(first);
    expect(performance.now() - started).toBeLessThan(100);
    now += 11 * 60_000;
    expect(await sandbox.problem()).toBe(first);
  });
});

describe('a run', () => {
  test('hands code, seed, limits and rows through the input, and nothing in the command', async () => {
    const echo = 'console.log(JSON.stringify([{ input, argv: process.argv }]))';
    const [[{ input, argv }]] = (await acting(echo).run(job))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const [head, ...rows] = (input as string).split('\n');
    expect(JSON.parse(head as string)).toMatchObject({
      code: 'THE CODE',
      seed: 7,
      limits: { RLIMIT_NPROC: 0 },
    });
    expect(rows.join('\n')).toBe(job.rows);
    expect(argv.join(' ')).not.toContain('THE CODE');
    expect(argv).toContain('PYTHONHASHSEED=0');
  });

  test('has no variable of the bot', async () => {
    process.env.TREX_TEST_SECRET = 'secret';
    const answer = await acting('console.log(JSON.stringify(Object.keys(process.env)))').run(job);
    delete process.env.TREX_TEST_SECRET;
    expect((JSON.parse(answer) as string[]).sort()).toEqual(['HOME', 'PATH']);
  });

  test.each([
    [
      'a failure',
      `console.log('[]'); console.log('{"failed":{"row":2,"error":"KeyError","line":3}}')`,
      'python_failed',
      'Its code failed on row 2: KeyError (line 3).',
    ],
    [
      'a failure with lines and marks in it',
      `console.log(JSON.stringify({failed:{row:0,error:'a\\n\\u202eb',line:null}}))`,
      'python_failed',
      'Its code failed before the first row: a b.',
    ],
    [
      'an end by a signal, as a shell counts',
      'process.exit(137)',
      'python_slow',
      'Its code was killed: it used 50 s of processor time, or this machine ran out of memory.',
    ],
    [
      'an end without a word',
      'process.exit(1)',
      'python_failed',
      'Its code ended Python itself, so there are no rows of it.',
    ],
    [
      'bubblewrap that fails',
      `console.error('bwrap: No permissions to create a new namespace'); process.exit(1)`,
      'sandbox_failed',
      'The sandbox does not work on this machine: bwrap: No permissions to create a new namespace',
    ],
    [
      'too long an answer',
      `console.log('x'.repeat(2e6))`,
      'python_output',
      'Its code gave more than 2 MB for what it was given.',
    ],
  ])('ends with a sentence after %s', async (_name, script, code, message) => {
    await expect(acting(script).run(job)).rejects.toMatchObject({ code, message });
  });

  test('that lasts too long is ended with all that it started', async () => {
    const script = `
      const child = require('node:child_process').spawn('sleep', ['98765'], { stdio: 'ignore' });
      require('node:fs').writeFileSync(${JSON.stringify(join(dir, 'child'))}, String(child.pid));
      setInterval(() => {}, 1000);`;
    const sandbox = acting(script, { limits: { ...sandboxLimits, wallMs: 1500 } });
    await expect(sandbox.run(job)).rejects.toMatchObject({ code: 'python_slow' });
    const pid = Number(readFileSync(join(dir, 'child'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('waits for the one before it', async () => {
    const script = `setTimeout(() => console.log(JSON.stringify([Date.now()])), 300)`;
    const sandbox = acting(script);
    const [first, second] = await Promise.all([sandbox.run(job), sandbox.run(job)]);
    expect(JSON.parse(second)[0] - JSON.parse(first)[0]).toBeGreaterThan(250);
  });
});
