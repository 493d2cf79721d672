import { type ChildProcess, fork } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { runTypeScript } from '../src/lib/run-typescript.ts';
import { findPostgres, startPostgres } from '../test/support/postgres.ts';
import { benchSecret, type ServerKind, type ServerStat } from './ack-server.ts';
import type { BenchLine } from './line.ts';

const rounds = 3;
const closedMs = 1500;
const openMs = 3000;
const openRate = 200;
const backlogMs = 400;

const names: Record<ServerKind, string> = {
  bolt: 'Bolt HTTPReceiver',
  pglite: 'inbox on PGlite',
  postgres: 'inbox on PostgreSQL',
};

interface Server {
  kind: ServerKind;
  port: number;
  child: ChildProcess;
  stat(message?: 'work' | 'forget'): Promise<ServerStat>;
}

/**
 * The cost of acknowledging an event that is stored first, against a bare Bolt HTTPReceiver with one listener, which
 * stores nothing. This process sends signed events over HTTP; each server is a process of its own.
 */
export async function benchAck(): Promise<BenchLine[]> {
  const bin = findPostgres();
  if (bin === null) return measure(['bolt', 'pglite'], null);
  const postgres = await startPostgres(bin, { durable: true });
  try {
    return await measure(['bolt', 'pglite', 'postgres'], await postgres.create());
  } finally {
    await postgres.stop();
  }
}

async function measure(kinds: ServerKind[], databaseUrl: string | null): Promise<BenchLine[]> {
  const servers = await Promise.all(kinds.map((kind) => startServer(kind, databaseUrl)));
  try {
    const cpu = new Map<ServerKind, number[]>(kinds.map((kind) => [kind, []]));
    const rate = new Map<ServerKind, number[]>(kinds.map((kind) => [kind, []]));
    for (const server of servers) await closedLoop(server.port, 16, 1000);
    // In turns, so that a busy moment of the machine affects all of them.
    for (let i = 0; i < rounds; i++) {
      for (const server of servers) {
        const before = await server.stat();
        const { latencies, seconds } = await closedLoop(server.port, 32, closedMs);
        const after = await server.stat();
        cpu.get(server.kind)?.push((after.cpuMicros - before.cpuMicros) / latencies.length);
        rate.get(server.kind)?.push(latencies.length / seconds);
      }
    }
    const lines: BenchLine[] = [];
    const add = (name: string, unit: string, values: Map<ServerKind, number>): void => {
      const floor = values.get('bolt');
      for (const [kind, value] of values) {
        const compared =
          kind === 'bolt' || floor === undefined
            ? {}
            : { against: names.bolt, ratio: Number((value / floor).toFixed(2)) };
        lines.push({ bench: 'ack', case: `${names[kind]}: ${name}`, value: round(value), unit, ...compared });
      }
    };
    const medians = (of: Map<ServerKind, number[]>): Map<ServerKind, number> =>
      new Map([...of].map(([kind, values]) => [kind, quantile(values, 0.5)]));
    add('processor time of a request, 32 at a time', 'us', medians(cpu));
    add('acknowledged, 32 at a time', '1/s', medians(rate));

    const drained = new Map<ServerKind, number>();
    for (const server of servers.filter(({ kind }) => kind !== 'bolt')) {
      drained.set(server.kind, await drain(server));
    }
    const acks = new Map<ServerKind, number[]>();
    const effects = new Map<ServerKind, number[]>();
    for (const server of servers) {
      await server.stat();
      acks.set(server.kind, await openLoop(server.port, openRate, openMs));
      effects.set(server.kind, (await server.stat()).effectMs);
    }
    for (const [p, name] of [
      [0.5, 'p50'],
      [0.99, 'p99'],
    ] as const) {
      const of = (from: Map<ServerKind, number[]>): Map<ServerKind, number> =>
        new Map([...from].map(([kind, values]) => [kind, quantile(values, p)]));
      add(`answer at ${openRate}/s with the worker running, ${name}`, 'ms', of(acks));
      add(`first effect at ${openRate}/s, ${name}`, 'ms', of(effects));
    }
    add('through the inbox to the listener, from a backlog', '1/s', drained);
    return lines;
  } finally {
    // PostgreSQL is stopped after this, and a server that still uses it would log errors.
    const ended = servers.map(({ child }) => once(child, 'exit'));
    for (const { child } of servers) child.disconnect();
    await Promise.all(ended);
  }
}

/** Gives the worker a backlog and starts it. @returns events a second until all are handled */
async function drain(server: Server): Promise<number> {
  await server.stat('forget');
  const { latencies } = await closedLoop(server.port, 32, backlogMs);
  const start = performance.now();
  const { handled } = await server.stat('work');
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = (await server.stat()).handled - handled;
    const seconds = (performance.now() - start) / 1000;
    if (now >= latencies.length || seconds > 8) return now / seconds;
  }
}

async function startServer(kind: ServerKind, databaseUrl: string | null): Promise<Server> {
  const path = fileURLToPath(new URL('./ack-server.ts', import.meta.url));
  const child = fork(path, [kind, databaseUrl ?? ''], { execArgv: runTypeScript() });
  const ready = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the ${names[kind]} server ended with ${code}`);
    }),
  ]);
  const { port } = ready[0] as { port: number };
  return {
    kind,
    port,
    child,
    stat: async (message) => {
      const answer = once(child, 'message');
      child.send(message ?? 'stat');
      return (await answer)[0] as ServerStat;
    },
  };
}

const run = randomBytes(4).toString('hex');
let count = 0;

/** One signed message event in a thread of its own; its text is the time it was sent. @returns milliseconds */
function shoot(agent: Agent, port: number): Promise<number> {
  const nth = ++count;
  const ts = `1795000000.${String(nth).padStart(6, '0')}`;
  const body = JSON.stringify({
    token: 't',
    team_id: `T${run}`,
    api_app_id: 'A1',
    type: 'event_callback',
    event_id: `Ev${run}${nth}`,
    event_time: 1_795_000_000,
    authorizations: [{ enterprise_id: null, team_id: 'T1', user_id: 'U0BOT', is_bot: true }],
    event: {
      type: 'message',
      channel: 'C1',
      channel_type: 'channel',
      user: 'U1',
      text: String(Date.now()),
      ts,
      thread_ts: `1794000000.${String(nth).padStart(6, '0')}`,
      event_ts: ts,
      blocks: [{ type: 'rich_text', block_id: 'x', elements: [{ type: 'rich_text_section', elements: [] }] }],
    },
  });
  const at = Math.floor(Date.now() / 1000);
  const signature = `v0=${createHmac('sha256', benchSecret).update(`v0:${at}:${body}`).digest('hex')}`;
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        path: '/slack/events',
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-slack-request-timestamp': at,
          'x-slack-signature': signature,
        },
      },
      (response) => {
        response.resume();
        response.on('end', () =>
          response.statusCode === 200
            ? resolve(performance.now() - startedMs)
            : reject(new Error(`status ${response.statusCode}`)),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function closedLoop(
  port: number,
  width: number,
  forMs: number,
): Promise<{ latencies: number[]; seconds: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: width });
  const latencies: number[] = [];
  const start = performance.now();
  const shooter = async (): Promise<void> => {
    while (performance.now() - start < forMs) latencies.push(await shoot(agent, port));
  };
  await Promise.all(Array.from({ length: width }, shooter));
  agent.destroy();
  return { latencies, seconds: (performance.now() - start) / 1000 };
}

/** Sends at fixed times whether or not answers have come, so that a slow server cannot slow the load down. */
async function openLoop(port: number, rate: number, forMs: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const latencies: Promise<number>[] = [];
  const start = performance.now();
  const total = (rate * forMs) / 1000;
  while (latencies.length < total) {
    const due = Math.min(total, ((performance.now() - start) * rate) / 1000);
    while (latencies.length < due) latencies.push(shoot(agent, port));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const all = await Promise.all(latencies);
  agent.destroy();
  return all;
}

function quantile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
}

const round = (value: number): number => Number(value.toFixed(value < 10 ? 2 : 0));
