import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { SandboxLimits } from './limits.ts';
import { moduleText } from './module-text.ts';
import type { SandboxJob } from './port.ts';

/** Runs a job within these limits; throws as `Sandbox.run` does. */
type Run = (job: SandboxJob, limits: SandboxLimits) => Promise<string>;

/** The probe's endless loop must be stopped after this long. */
const endlessWallMs = 1500;
const endless = 'def map_row(row):\n    while True:\n        pass';
const Answer = z.tuple([z.object({ completion: z.string() })]);

/**
 * Tries to break out, with code that runs as a model's would: network, files, variables and processes of this machine,
 * and each limit. Sets up the targets of the attempts: a listener, a file that everybody may read, a folder that
 * everybody may write to.
 * @param dir a folder of the bot
 * @returns the forbidden things that the code could do, as ends of "it could …"; empty when the sandbox holds
 */
export async function probeSandbox(run: Run, limits: SandboxLimits, dir: string): Promise<string[]> {
  const places = [await mkdtemp(join(dir, 'probe-')), await mkdtemp(join(tmpdir(), 'trex-probe-'))];
  const listener = createServer((socket) => socket.destroy());
  try {
    const port = await listen(listener);
    for (const place of places) {
      // Open to every user, so that only the sandbox can stop the code.
      await chmod(place, 0o777);
      await writeFile(join(place, 'secret'), 'secret', { mode: 0o666 });
    }
    const answer = await run(jobOf(await wantsOf(port, places, limits)), limits);
    const [{ completion }] = Answer.parse(JSON.parse(answer));
    const found = z.array(z.string()).parse(JSON.parse(completion));
    for (const place of places)
      if ((await readdir(place)).length > 1) found.push('leave files on this machine');
    if (!(await isStopped(run, limits))) found.push('run for ever');
    return [...new Set(found)];
  } finally {
    listener.close();
    for (const place of places) await rm(place, { recursive: true, force: true });
  }
}

const jobOf = (wants: object): SandboxJob => ({
  code: moduleText('probe.py'),
  seed: 0,
  rows: `${JSON.stringify({ prompt: JSON.stringify(wants), completion: '' })}\n`,
});

async function wantsOf(port: number, places: string[], limits: SandboxLimits): Promise<object> {
  const stat = await readFile('/proc/self/stat', 'utf8');
  return {
    port,
    secrets: places.map((place) => join(place, 'secret')),
    folders: places.map((place) => join(place, 'written')),
    pid: process.pid,
    start: stat.replace(/^.*\) /s, '').split(' ')[19],
    memory: 2 * limits.memoryBytes,
    file: 2 * limits.fileBytes,
  };
}

async function isStopped(run: Run, limits: SandboxLimits): Promise<boolean> {
  const rows = `${JSON.stringify({ prompt: '', completion: '' })}\n`;
  const ended = await run({ code: endless, seed: 0, rows }, { ...limits, wallMs: endlessWallMs }).catch(
    (error: { code?: string }) => error.code,
  );
  return ended === 'python_slow';
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
