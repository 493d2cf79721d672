import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { systemClock } from '../src/lib/clock.ts';
import { silentLog } from '../src/lib/log.ts';
import type { Bot } from '../src/operations/bot.ts';
import { createEventStore } from '../src/operations/inbox/store-event.ts';
import { createInboxLoop } from '../src/scheduler/inbox-loop.ts';
import type { Loop } from '../src/scheduler/loop.ts';
import { createSlack } from '../src/slack/create-slack.ts';
import { openPglite } from '../src/store/open-pglite.ts';
import { openPostgres } from '../src/store/open-postgres.ts';

/** The server side of `ack.ts`, in a process of its own: `node ack-server.ts bolt | pglite | postgres ADDRESS`. */
export type ServerKind = 'bolt' | 'pglite' | 'postgres';
/** The server's answer to `stat`. */
export interface ServerStat {
  /** Processor time of the process so far. */
  cpuMicros: number;
  /** Events whose listener ran. */
  handled: number;
  /** Milliseconds from the send (in the event) to the listener, for the last events. */
  effectMs: number[];
}

export const benchSecret = 'bench-signing-secret';

let handled = 0;
let effectMs: number[] = [];
const onMessage = (text: string | undefined): void => {
  handled++;
  effectMs.push(Date.now() - Number(text));
};

async function startBolt(): Promise<number> {
  const receiver = new HTTPReceiver({
    signingSecret: benchSecret,
    port: 0,
    logLevel: LogLevel.ERROR,
    endpoints: '/slack/events',
  });
  const app = new App({
    receiver,
    logLevel: LogLevel.ERROR,
    convoStore: false,
    authorize: async () => ({ botToken: 'xoxb-x', botId: 'B1', botUserId: 'U0BOT', teamId: 'T1' }),
  });
  app.event('message', async ({ event }) => onMessage((event as { text?: string }).text));
  const server = await app.start(0);
  return (server.address() as AddressInfo).port;
}

/** The intake with its durable insert; the worker only runs after a command to start. */
async function startOurs(
  kind: 'pglite' | 'postgres',
): Promise<{ port: number; inbox: Loop; forget(): Promise<unknown>; dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'trex-bench-ack-'));
  const database =
    kind === 'pglite' ? await openPglite(join(dir, 'db')) : await openPostgres(process.argv[3] as string);
  const api = createServer((_, res) => {
    res.setHeader('content-type', 'application/json');
    res.end('{"ok":true,"user_id":"U0BOT","bot_id":"B1","team_id":"T1","team":"Lab"}');
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const ctx = { db: database.db, clock: systemClock, log: silentLog };
  const bot: Pick<Bot, 'message'> = {
    message: async ({ text }) => {
      onMessage(text);
      return false;
    },
  };
  const slack = createSlack({
    connection: { mode: 'http', signingSecret: benchSecret, port: 0 },
    botToken: 'xoxb-x',
    apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}/api/`,
    bot: bot as Bot,
    log: silentLog,
    onEvent: createEventStore(ctx, () => inbox.wake()),
  });
  const inbox = createInboxLoop({ ctx, everyMs: 200, handle: slack.handleEvent });
  await slack.start();
  const forget = (): Promise<unknown> => Promise.resolve(database.db.execute('truncate inbox'));
  return { port: slack.port as number, inbox, forget, dir };
}

async function main(kind: ServerKind): Promise<void> {
  const ours = kind === 'bolt' ? null : await startOurs(kind);
  const port = ours === null ? await startBolt() : ours.port;
  process.once('disconnect', async () => {
    if (ours !== null) await rm(ours.dir, { recursive: true, force: true });
    process.exit(0);
  });
  process.on('message', async (message) => {
    if (message === 'work') ours?.inbox.start();
    if (message === 'forget') await ours?.forget();
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicros: user + system, handled, effectMs } satisfies ServerStat);
    effectMs = [];
  });
  process.send?.({ port });
}

if (process.send !== undefined) await main(process.argv[2] as ServerKind);
