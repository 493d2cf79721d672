import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrexError } from '../lib/errors.ts';
import { createLocalControl, type LocalControl } from './local-control.ts';

/** Shown where the workspace is started; local-slack 0.1.8 has no option for the address it binds. */
export const localWorkspaceWarning =
  'The local workspace has no passwords and listens on all network interfaces of this machine. ' +
  'Use it for development only, on a network you trust or behind a firewall.';

/** The fixed people and places of the local workspace; tokens are worth nothing outside it. */
const localWorkspaceConfig = {
  workspace: { name: 'Trex Lab', domain: 'trex-lab', teamId: 'T0TREXLAB' },
  apps: [
    {
      appId: 'A0TREXLAB',
      botUserId: 'U0TREXBOT',
      botName: 'trex',
      botToken: 'xoxb-local-workspace',
      appToken: 'xapp-local-workspace',
      signingSecret: 'local-workspace',
      mode: 'socket',
    },
  ],
  users: [
    { id: 'U0TREXANA', name: 'Ana', real_name: 'Ana', tz: 'Europe/Madrid' },
    { id: 'U0TREXBEN', name: 'Ben', real_name: 'Ben', tz: 'Europe/London' },
  ],
  channels: [
    {
      id: 'C0TRAINING',
      name: 'ml-training',
      topic: 'Ask @trex to fine-tune a model',
      members: ['U0TREXANA', 'U0TREXBEN', 'U0TREXBOT'],
    },
    { id: 'C0GENERAL', name: 'general', members: ['U0TREXANA', 'U0TREXBEN', 'U0TREXBOT'] },
  ],
} as const;

export interface LocalWorkspace {
  /** Ends in a slash, as the Slack SDK wants it. */
  apiUrl: string;
  /** The address of the page for people. */
  pageUrl: string;
  botToken: string;
  appToken: string;
  /** Acts as a person: for the demo and for tests. */
  control: LocalControl;
  teamId: string;
  botUserId: string;
  people: { ana: string; ben: string };
  /** Channel ids of #ml-training and #general. */
  channels: { training: string; general: string };
  pid: number;
  /** True when the workspace of an earlier run was still there and was adopted, with its messages. */
  reused: boolean;
  /** Ends the process, which loses its messages. */
  stop(): Promise<void>;
}

/**
 * Starts local-slack: a small Slack on this machine with a page for the browser. It is a process of its own, so it and
 * its messages survive a crash of the bot: started again with the same `dir` and `port`, it is adopted. Its own restart
 * loses all messages and uploads (state is in memory; only people, channels and tokens come back from the
 * configuration, and timestamps of old messages are unknown to it).
 * @param dir Its configuration, log, pid and uploaded files.
 * @param port 0 picks a free one.
 * @param binary Path of local-slack; unset takes the one npm installed.
 */
export async function startLocalWorkspace(input: {
  dir: string;
  port: number;
  binary?: string;
}): Promise<LocalWorkspace> {
  const dir = resolve(input.dir);
  const pidFile = join(dir, 'local-slack.pid');
  const old = await readPidFile(pidFile);
  if (old !== null && (input.port === 0 || input.port === old.port)) {
    if ((await isLocalSlack(old.pid)) && (await answersAsOurs(old.port))) {
      return describe(old.pid, old.port, true, pidFile);
    }
  }
  const binary = await findLocalSlack(input.binary);
  const port = input.port === 0 ? await pickFreePort() : input.port;
  if (input.port !== 0 && !(await isFree(port))) {
    throw new TrexError(
      'port_taken',
      'config',
      `Port ${port} is in use by something else, so the local workspace cannot start there. Set LOCAL_SLACK_PORT to another port; 0 takes a free one.`,
    );
  }
  await mkdir(dir, { recursive: true });
  const configPath = join(dir, 'workspace.json');
  const logPath = join(dir, 'local-slack.log');
  await writeFile(configPath, JSON.stringify(localWorkspaceConfig, null, 2));
  const output = openSync(logPath, 'w');
  // 127.0.0.1 by name: "localhost" may mean ::1 to one side and 127.0.0.1 to the other. Detached, so that Ctrl-C
  // reaches the bot only, which still sends its last messages before it stops the workspace.
  const child = spawn(
    binary,
    [
      '--config',
      configPath,
      '--port',
      String(port),
      '--base-host',
      '127.0.0.1',
      '--files-dir',
      join(dir, 'files'),
    ],
    { cwd: dir, stdio: ['ignore', output, output], detached: true },
  );
  closeSync(output);
  let ended: string | null = null;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended ??= `it ended with ${signal ?? `code ${code}`}`;
  });
  const startedMs = performance.now();
  while (!(await answersAsOurs(port))) {
    if (ended !== null || performance.now() - startedMs > 15_000) {
      if (child.pid !== undefined && ended === null) await endProcess(child.pid);
      const said = (await readFile(logPath, 'utf8').catch(() => '')).trim().split('\n').slice(-5).join('\n');
      throw new TrexError(
        'local_workspace_failed',
        'config',
        `The local workspace did not start (${ended ?? 'no answer for 15 s'}).${said ? `\n${said}` : ''}`,
      );
    }
    await sleep(25);
  }
  const pid = child.pid as number;
  await writeFile(pidFile, `${pid} ${port}\n`);
  child.unref();
  return describe(pid, port, false, pidFile);
}

function describe(pid: number, port: number, reused: boolean, pidFile: string): LocalWorkspace {
  const pageUrl = `http://127.0.0.1:${port}`;
  const app = localWorkspaceConfig.apps[0];
  // A regular exit of the bot without stop() ends the workspace too; only a crash leaves it to the next run.
  const onExit = (): void => {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // Already gone.
    }
  };
  process.once('exit', onExit);
  return {
    apiUrl: `${pageUrl}/api/`,
    pageUrl,
    botToken: app.botToken,
    appToken: app.appToken,
    control: createLocalControl(pageUrl),
    teamId: localWorkspaceConfig.workspace.teamId,
    botUserId: app.botUserId,
    people: { ana: 'U0TREXANA', ben: 'U0TREXBEN' },
    channels: { training: 'C0TRAINING', general: 'C0GENERAL' },
    pid,
    reused,
    stop: async () => {
      process.removeListener('exit', onExit);
      await endProcess(pid);
      await rm(pidFile, { force: true });
    },
  };
}

/** The path of the local-slack binary. @throws TrexError that says which program is missing and how to get it. */
async function findLocalSlack(binary?: string): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `local-slack-${system}-${process.arch}`;
  let path = binary;
  try {
    path ??= join(
      dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)),
      'bin',
      process.platform === 'win32' ? 'local-slack.exe' : 'local-slack',
    );
    await access(path, constants.X_OK);
    return path;
  } catch (cause) {
    const problem = binary
      ? `${binary} is not there or may not be executed`
      : `the npm package ${packageName} is not installed`;
    throw new TrexError(
      'local_slack_missing',
      'config',
      `Cannot find local-slack, the small Slack workspace this bot uses on a machine without a real one: ${problem}. ` +
        'On Linux x64 it comes with `npm install --include=optional`; for other systems take a binary from ' +
        'https://github.com/parvalabs/local-slack/releases and set LOCAL_SLACK to its path, or connect a real ' +
        'Slack workspace instead.',
      { cause },
    );
  }
}

async function answersAsOurs(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/_control/state`, {
      signal: AbortSignal.timeout(2000),
    });
    const state = (await response.json()) as { workspace?: { teamId?: string } };
    return state.workspace?.teamId === localWorkspaceConfig.workspace.teamId;
  } catch {
    return false;
  }
}

async function readPidFile(path: string): Promise<{ pid: number; port: number } | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const match = /^(\d+) (\d+)\n$/.exec(text);
  return match ? { pid: Number(match[1]), port: Number(match[2]) } : null;
}

/** Guards against a process id that was reused since. */
async function isLocalSlack(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('local-slack');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function endProcess(pid: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', 3000],
    ['SIGKILL', 2000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const startedMs = performance.now();
    while (isAlive(pid) && performance.now() - startedMs < waitMs) await sleep(20);
    if (!isAlive(pid)) return;
  }
}

/** Without a host: local-slack binds all interfaces, so the port has to be free on all of them. */
function listenOnce(port: number): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, () => {
      const address = server.address();
      server.close(() => resolvePort(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

const pickFreePort = (): Promise<number> => listenOnce(0);
const isFree = (port: number): Promise<boolean> =>
  listenOnce(port).then(
    () => true,
    () => false,
  );
