import { readFileSync } from 'node:fs';
import { type Cluster, isFinalJobState } from '../../src/cluster/port.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { asError, NotFoundError, TrexError } from '../../src/lib/errors.ts';
import { sha256 } from '../../src/lib/hash.ts';
import type { Log } from '../../src/lib/log.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Bot, IncomingMessage } from '../../src/operations/bot.ts';
import { type Chat, DeliveryError } from '../../src/operations/chat.ts';
import type { Context } from '../../src/operations/context.ts';
import { createBot } from '../../src/operations/create-bot.ts';
import { createHealth } from '../../src/operations/health.ts';
import { consumeClick } from '../../src/operations/inbox/consume-click.ts';
import { createInboxWork, handleInbox, settleInbox } from '../../src/operations/inbox/handle-inbox.ts';
import { createEventStore } from '../../src/operations/inbox/store-event.ts';
import { threadKey } from '../../src/operations/inbox/thread-key.ts';
import { createRulesResearcher } from '../../src/researcher/rules/rules-researcher.ts';
import { createScheduler } from '../../src/scheduler/create-scheduler.ts';
import { never } from './database.ts';
import type { Fate, Point } from './faults.ts';
import type { Simulation } from './simulation.ts';
import { tinyCatalog } from './training.ts';

export const loopNames = ['inbox', 'jobs', 'campaigns', 'weights', 'messages'] as const;
export type LoopName = (typeof loopNames)[number];

/** Leases of a simulated process that died expire after this long. */
export const leaseMs = 12_000;

/** A request to the chat or the cluster that was not sent after this long has failed. */
const requestTimeoutMs = 10_000;

/** One running bot: its own memory, clock and connection, before the one database, chat and cluster. */
export interface Process {
  name: string;
  alive: boolean;
  /** The process is frozen until this time; 0 when it is not. */
  frozenUntil: number;
  bot: Bot;
  /** Runs one pass of each loop. */
  passes: Map<LoopName, () => Promise<void>>;
  /** Stores a message that the chat sent; the chat gets its acknowledgement afterwards. */
  receive(message: IncomingMessage): Promise<void>;
  /** Handles a press on a button; presses with one `key` count once. */
  click(key: string, act: (bot: Bot) => Promise<unknown>): Promise<void>;
  /** Loops with a pass under way. */
  busy: Set<LoopName>;
  sleepers: Set<{ until: number; wake: () => void }>;
  /** Ends the process at once: its promises never settle, and it writes nothing any more. */
  die(): void;
}

/** Marks errors that the simulation caused on purpose, also when other errors wrap them. */
const simulated = Symbol('simulated');
const brokenDatabase = (): Error =>
  Object.assign(new Error('the connection to the database broke'), {
    code: 'CONNECTION_CLOSED',
    [simulated]: true,
  });
const unreachable = (): TrexError =>
  Object.assign(new TrexError('cluster_unreachable', 'cluster', 'The cluster does not answer.'), {
    [simulated]: true,
  });

export function isSimulated(error: unknown): boolean {
  for (let at = error as { cause?: unknown } | undefined; at != null; at = at.cause as typeof at) {
    if (simulated in at) return true;
  }
  return false;
}

export function createProcess(sim: Simulation, name: string, skewMs: number): Process {
  let reportDeath = (): void => {};
  const died = new Promise<void>((resolve) => {
    reportDeath = resolve;
  });
  const process: Process = {
    name,
    alive: true,
    frozenUntil: 0,
    bot: undefined as unknown as Bot,
    passes: new Map(),
    receive: undefined as unknown as Process['receive'],
    click: undefined as unknown as Process['click'],
    busy: new Set(),
    sleepers: new Set(),
    die: () => {
      process.alive = false;
      process.sleepers.clear();
      reportDeath();
    },
  };

  /** Passes a point, or stays there: for a while, or for good. @returns a fate that the caller must carry out */
  const pass = async (point: Point, what: string): Promise<Fate> => {
    if (!process.alive) return never();
    const fate = sim.fateAt(process, point, what);
    if (fate === 'crash') return never();
    if (fate === 'pause' || fate === 'freeze') {
      const since = sim.now();
      await sim.park();
      if (!process.alive) return never();
      const isRequest = point === 'chat.before' || point === 'cluster.before';
      return isRequest && sim.now() - since > requestTimeoutMs ? 'fail' : 'go';
    }
    return fate;
  };

  const db = sim.database.connect({
    died,
    before: async (statement) => {
      const point = statement === 'begin' ? 'begin.before' : 'query.before';
      if ((await pass(point, brief(statement))) === 'fail') throw brokenDatabase();
    },
    inside: async (statement) => {
      await pass('tx.inside', brief(statement));
      if (statement === 'commit') await sim.beforeCommit(process);
    },
    after: async (statement, changed) => {
      const committed = statement === 'commit';
      if (committed && changed > 0) sim.tell(process, `commits ${changed} rows`);
      if ((await pass(committed ? 'commit.after' : 'query.after', brief(statement))) === 'lose') {
        throw brokenDatabase();
      }
    },
  });

  const clock: Clock = {
    now: () => new Date(sim.tick() + skewMs),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const abort = (): void => {
          process.sleepers.delete(sleeper);
          sleeper.wake();
        };
        const wake = (): void => {
          signal?.removeEventListener('abort', abort);
          resolve();
        };
        const sleeper = { until: sim.now() + ms, wake };
        process.sleepers.add(sleeper);
        signal?.addEventListener('abort', abort);
      }),
  };

  const ctx: Context = {
    db,
    clock,
    log: watchfulLog(sim, process),
    settings: {
      usdPerHour: 0,
      slots: sim.slots,
      memoryLimitBytes: 0,
      maxDatasetBytes: 1e6,
      summaryMinute: 9 * 60,
      defaultTimeZone: 'UTC',
      deliverGapMs: 0,
      progressGapMs: 2000,
      dataDir: sim.dataDir,
      publicUrl: null,
      linkSigner: null,
      pictureMode: 'none',
      approvers: [],
      twoApproversAbove: { computeSeconds: null, usd: null },
      noSelfApproval: false,
      keepWeights: { best: false, finalists: false, last: 0 },
      fetchWeights: true,
      license: null,
    },
    shipTargets: [],
    researcher: createRulesResearcher(),
    research: null,
    sandbox: null,
    cluster: createCluster(sim, pass, () => process.name),
    engine: sim.engine,
    catalog: tinyCatalog,
    chat: createChat(sim, pass, () => process.name),
    blobs: {
      put: async (text) => {
        const hash = sha256(text);
        await pass('file.before', 'a blob');
        sim.blobs.set(hash, text);
        await pass('file.after', 'a blob');
        return hash;
      },
      get: async (hash) => {
        const text = sim.blobs.get(hash);
        if (text === undefined) throw new NotFoundError(`the data ${hash.slice(0, 12)}`);
        return text;
      },
    },
    newId: (prefix) => sim.newId(prefix),
    health: createHealth(clock),
    weightsPace: new Map(),
    confirmLease: async () => {},
    rasterise: async () => {
      await pass('file.before', 'a picture');
      return new Uint8Array([137, 80, 78, 71]);
    },
  };
  process.bot = createBot(ctx);
  const scheduler = createScheduler(
    ctx,
    name,
    {
      pollMs: 1000,
      advanceMs: 1000,
      deliverMs: 1000,
      weightsMs: 1000,
      shipMs: 1000,
      healthMs: 15_000,
      leaseMs,
    },
    async () => {},
  );
  for (const loop of scheduler.loops) {
    if (loopNames.includes(loop.name as LoopName)) process.passes.set(loop.name as LoopName, loop.runOnce);
  }
  const work = createInboxWork(ctx);
  process.passes.set('inbox', async () => {
    const handle = async (payload: string): Promise<void> => {
      await process.bot.message(JSON.parse(payload) as IncomingMessage);
    };
    await handleInbox({ ctx, work, handle });
    await settleInbox(work);
  });
  const store = createEventStore(ctx, () => {});
  process.receive = async (message) => {
    const { teamId, channel, ts } = message;
    const thread = threadKey({ teamId, channel, threadTs: message.threadTs ?? ts });
    await store({ key: `${channel}:${ts}`, thread, ts, payload: JSON.stringify(message) });
  };
  process.click = async (key, act) => {
    if (await consumeClick({ ctx, input: { key } })) await act(process.bot);
  };
  return process;
}

type Pass = (point: Point, what: string) => Promise<Fate>;

/** The cluster, behind a network with faults. */
function createCluster(sim: Simulation, pass: Pass, who: () => string): Cluster {
  const { cluster } = sim;
  const call = async <T>(what: string, work: () => T): Promise<T> => {
    if ((await pass('cluster.before', what)) === 'fail' || sim.clusterIsDown()) throw unreachable();
    const result = work();
    if ((await pass('cluster.after', what)) === 'lose') throw unreachable();
    return result;
  };
  const seconds = (): number => sim.now() / 1000;
  return {
    name: 'tiny',
    submit: async (request) => {
      if ((await pass('cluster.before', `submit ${request.key}`)) === 'fail' || sim.clusterIsDown()) {
        throw unreachable();
      }
      const { clusterJobId, isNew } = cluster.submit(request, seconds());
      sim.tell({ name: who() }, `submits ${request.key}${isNew ? '' : ', adopted'}`);
      const needs = sim.engine.jobOf(request.argv).weightsPath?.split('/')[1];
      if (isNew && needs !== undefined && cluster.weights(needs) === null)
        sim.violate(`${request.key} needs the weights of ${needs}, and they are gone`);
      if (isNew) await sim.onRunStarted(request.key);
      if ((await pass('cluster.after', `submit ${request.key}`)) === 'lose') throw unreachable();
      return { clusterJobId, adopted: !isNew };
    },
    poll: (keys) => call('poll', () => new Map(keys.map((key) => [key, cluster.status(key, seconds())]))),
    read: (key, file, offset) =>
      call(`read ${file}`, () => {
        const text = file === 'result.json' && offset === 0 ? cluster.result(key, seconds()) : null;
        return { text: text ?? '', nextOffset: offset + (text?.length ?? 0), size: text?.length ?? 0 };
      }),
    cancel: (key) =>
      call(`cancel ${key}`, () => {
        sim.tell({ name: who() }, `cancels ${key}`);
        return cluster.cancel(key, seconds());
      }),
    inspect: (key, file) =>
      call(`inspect ${file}`, () => {
        const path = cluster.weights(key);
        if (path === null) return null;
        const content = readFileSync(path);
        return { host: null, path, bytes: content.length, sha256: sha256(content) };
      }),
    fetch: (key) => call(`fetch ${key}`, () => {}),
    discard: (wanted) =>
      call('discard', () => {
        const freed = new Map<string, number>();
        for (const key of wanted.keys()) {
          const bytes = cluster.discard(key, seconds());
          if (bytes !== null) freed.set(key, bytes);
          if (bytes) sim.tell({ name: who() }, `removes the weights of ${key}`);
        }
        return freed;
      }),
    list: () => call('list', () => cluster.keys().map((key) => cluster.status(key, seconds()))),
    slots: async () => {
      const running = cluster
        .keys()
        .filter((key) => !isFinalJobState(cluster.status(key, seconds()).state)).length;
      return { total: sim.slots, free: Math.max(0, sim.slots - running) };
    },
  };
}

/** The chat, behind a network with faults. */
function createChat(sim: Simulation, pass: Pass, who: () => string): Chat {
  const failure = (
    message: string,
    how: { permanent?: boolean; uncertain?: boolean; retryAfterMs?: number },
  ) =>
    Object.assign(
      new DeliveryError(message, {
        permanent: how.permanent ?? false,
        uncertain: how.uncertain ?? false,
        retryAfterMs: how.retryAfterMs ?? null,
      }),
      { [simulated]: true },
    );
  const call = async <T>(channel: string, what: string, work: () => T): Promise<T> => {
    const fate = await pass('chat.before', what);
    if (fate === 'fail') throw failure('the connection was refused', {});
    if (fate === 'limit') throw failure('ratelimited', { retryAfterMs: 3000 });
    if (sim.isArchived(channel)) throw failure('is_archived', { permanent: true });
    const result = work();
    if ((await pass('chat.after', what)) === 'lose')
      throw failure('the answer got lost', { uncertain: true });
    return result;
  };
  return {
    post: ({ channel, threadTs, key, content }) =>
      call(channel, `post ${key}`, () => {
        sim.tell({ name: who() }, `posts ${key}`);
        sim.onPost(key);
        return sim.chat.post({ channel, threadTs, key, content }, sim.now() / 1000);
      }),
    update: ({ channel, ts, key, content }) =>
      call(channel, `update ${key}`, () => {
        sim.tell({ name: who() }, `edits ${ts} to ${key}`);
        if (!sim.chat.update(channel, ts, content)) throw failure('message_not_found', { permanent: true });
      }),
    find: ({ channel, key }) =>
      call(channel, `find ${key}`, () => {
        const found = sim.chat.messages.find((m) => m.channel === channel && m.key === key);
        return found === undefined ? null : { ts: found.ts };
      }),
    upload: ({ name }) => call('', `upload ${name}`, () => sim.newId('f')),
    share: ({ channel, threadTs, key, content, uploaded }) =>
      call(channel, `share ${key}`, () => {
        sim.tell({ name: who() }, `shares ${key}`);
        sim.onPost(key);
        const files = uploaded.map(({ id }) => id);
        sim.chat.post({ channel, threadTs, key, content, files }, sim.now() / 1000);
      }),
    findShared: ({ channel, fileId }) =>
      call(channel, `find ${fileId}`, () => {
        const found = sim.chat.messages.find((m) => m.channel === channel && m.files?.includes(fileId));
        return found === undefined ? null : { ts: found.ts };
      }),
    react: async () => {},
    ephemeral: async () => {},
    permalink: async ({ channel, ts }) => `https://chat.test/${channel}/${ts}`,
    userName: async (user) => user,
    hasThread: async () => true,
    directChannel: async (user) => `D${user}`,
    timeZoneOf: async () => 'UTC',
  };
}

/** A log for which every error that no fault has caused is a finding, even where the bot survives it. */
function watchfulLog(sim: Simulation, process: Process): Log {
  return Object.assign(Object.create(silentLog) as Log, {
    error: (fields: { err?: unknown }, message: string) => {
      sim.tell(process, `logs ${message}: ${asError(fields.err ?? '').message.split('\n')[0]}`);
      if (fields.err !== undefined && !isSimulated(fields.err)) {
        sim.violate(`an error of ours, ${message}: ${asError(fields.err).stack ?? String(fields.err)}`);
      }
    },
  });
}

const brief = (statement: string): string =>
  /^(begin|commit)$/.test(statement)
    ? statement
    : `${statement.trim().split(' ')[0]} ${/(?:from|into|update) "(\w+)"/.exec(statement)?.[1] ?? ''}`;
