import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runTypeScript } from '../../../src/lib/run-typescript.ts';
import type { LocalWorkspace } from '../../../src/slack/local-workspace.ts';

const script = fileURLToPath(new URL('./bot-process.ts', import.meta.url));

/** The bot as a process of its own, connected to a workspace that outlives it. */
export interface BotProcess {
  process: ChildProcess;
  /** All its output so far. */
  output(): string;
  /** Address of its pages; resolves when it prints that it runs. Rejects when it ends before. */
  ready: Promise<string>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface BotOptions {
  dataDir: string;
  workspace: LocalWorkspace;
  /** Unset: the embedded database in `dataDir`. */
  databaseUrl?: string | undefined;
  /** Id of the campaign that it will open. */
  campaignId?: string;
  leaseMs?: number;
  env?: Record<string, string>;
}

const living = new Set<ChildProcess>();

export function startBot(options: BotOptions): BotProcess {
  const { workspace, databaseUrl, campaignId, leaseMs } = options;
  return startProcess(script, {
    TREX_DATA_DIR: options.dataDir,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    SLACK_API_URL: workspace.apiUrl,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...(campaignId === undefined ? {} : { TEST_CAMPAIGN: campaignId }),
    ...(leaseMs === undefined ? {} : { TEST_LEASE_MS: String(leaseMs) }),
    ...options.env,
  });
}

/** A TypeScript file as a process, with the bot's variables and no others. */
export function startProcess(path: string, env: Record<string, string>, args: string[] = []): BotProcess {
  const child = spawn(process.execPath, [...runTypeScript(), path, ...args], {
    // Not a folder where a developer may have a .env.
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, TREX_PORT: '0', TREX_SLOTS: '1', TREX_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  living.add(child);
  let output = '';
  let onReady: (url: string) => void = () => {};
  let onFailure: (error: Error) => void = () => {};
  const ready = new Promise<string>((resolve, reject) => {
    onReady = resolve;
    onFailure = reject;
  });
  ready.catch(() => {});
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
      const url = /Pages, health\s+(http:\S+)/.exec(output)?.[1];
      if (url !== undefined) onReady(url);
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      living.delete(child);
      onFailure(new Error(`the bot ended (${signal ?? code}) before it was ready:\n${output}`));
      resolve({ code, signal });
    });
  });
  return {
    process: child,
    output: () => output,
    ready,
    ended,
    kill: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Kills bots that a failed test has left, at the end of a test file. */
export async function killBots(): Promise<void> {
  for (const child of living) child.kill('SIGKILL');
}
