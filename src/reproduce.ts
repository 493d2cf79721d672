import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCluster } from './cluster/open-cluster.ts';
import { type Cluster, isFinalJobState } from './cluster/port.ts';
import type { Config } from './config/config.ts';
import type { Engine } from './executor/engine.ts';
import { openEngine, variablesFor } from './executor/open-engine.ts';
import { systemClock } from './lib/clock.ts';
import { BadInputError, TrexError } from './lib/errors.ts';
import { silentLog } from './lib/log.ts';
import { createFileBlobs } from './operations/blobs.ts';
import type { Reproduction } from './operations/end/reproduction.ts';
import { readWhole } from './operations/jobs/read-whole.ts';
import { fromJsonl } from './recipe/jsonl.ts';
import type { Row } from './recipe/types.ts';
import { scoreOf } from './scoring/intervals.ts';
import { scorePredictions } from './scoring/metrics.ts';
import type { EvalItem } from './scoring/types.ts';

/**
 * Trains the winner of a finished campaign once more on the configured cluster, from the stored run spec and rows, and
 * compares weights and test score. Needs no running bot.
 * @returns the exit code: 0 when the weights are the same, bit by bit
 */
export async function reproduce(what: string, config: Config): Promise<number> {
  const { campaign, round } = parseName(what);
  const path = join(config.dataDir, 'campaigns', campaign, 'reproduce.json');
  if (!existsSync(path)) {
    throw new BadInputError(
      'not_found',
      `There is no finished campaign ${campaign} in ${config.dataDir}. Set TREX_DATA_DIR to the folder the bot printed when it started.`,
    );
  }
  const kept = JSON.parse(await readFile(path, 'utf8')) as Reproduction;
  if (round !== null && round !== kept.winner) {
    throw new BadInputError(
      'not_the_winner',
      `Kept for reproduction is the winner, #${kept.winner}, not #${round}.`,
    );
  }
  const blobs = createFileBlobs(join(config.dataDir, 'blobs'));
  const engine = openEngine(config.engine);
  if (engine.name !== kept.spec.engine) {
    throw new BadInputError(
      'other_engine',
      `It was trained by the engine ${kept.spec.engine}. Set ${variablesFor(kept.spec.engine)} to train it again.`,
    );
  }
  const items = fromJsonl<EvalItem>(await blobs.get(kept.spec.splitHashes.test, 'the test split'));
  const trainRows = fromJsonl<Row>(await blobs.get(kept.spec.rowsHash ?? '', 'the training rows'));
  const seconds = kept.seconds ?? engine.estimate(kept.spec, trainRows, { prompts: items.length }).seconds;
  const rendered = engine.render({
    spec: kept.spec,
    trainRows,
    weightsPath: null,
    predict: [{ split: 'test', items: items.map(({ id, prompt }) => ({ id, prompt })) }],
  });
  const { cluster, dir, key } = await openPlace(config, engine, campaign);
  for (const file of rendered.files) await writeFile(join(dir, file.name), file.text);
  console.log(
    `Training #${kept.winner} of ${campaign} again as ${key} on the ${cluster.name} cluster, in ${dir}`,
  );
  await cluster.submit({
    key,
    dir,
    argv: rendered.argv,
    env: rendered.env,
    // A site may not start a job that requests more than it grants.
    limitSeconds: Math.ceil(seconds * limitFactor + limitSlackSeconds),
    ...(rendered.gpus === undefined ? {} : { gpus: rendered.gpus }),
  });
  const pollMs = config.cluster.kind === 'local' ? 300 : config.cluster.pollMs;
  if ((await waitForEnd(cluster, key, pollMs)) === 'interrupted') return 130;
  const read = (name: string): Promise<string | null> => readWhole(cluster, key, name);
  const outcome = await engine.readOutcome(read);
  if (outcome === null || !outcome.ok) {
    const reason = (await cluster.poll([key])).get(key)?.reason;
    console.log(
      `It did not train: ${outcome?.failure.message ?? reason ?? 'the process left no result'} Its files are in ${dir}.`,
    );
    return 1;
  }
  const score = scoreOf(
    kept.spec.metric,
    scorePredictions(kept.spec.metric, items, await engine.readPredictions(read, 'test')),
  );
  // Hashes the bytes themselves, where they are: the hash that a run reports is only a claim.
  const weights = await cluster.inspect(key, engine.weightsFile);
  if (weights === null) {
    console.log('It trained, and left no weights.');
    return 1;
  }
  const same = weights.sha256 === kept.weightsSha256;
  const before = kept.testValue === null ? 'not tested' : kept.testValue.toFixed(3);
  console.log(
    `Test ${score.value.toFixed(3)} (${before} in the campaign), weights ${same ? 'identical' : 'different'}: ${weights.sha256}`,
  );
  console.log(`They are ${weights.host === null ? '' : `on ${weights.host} `}in ${weights.path}`);
  return same ? 0 : 1;
}

/** The command runs unattended: a run that takes longer than this is stuck. */
const limitFactor = 4;
const limitSlackSeconds = 600;

/** A folder and a cluster for one job. On this machine both are separate from the bot's, and use none of its slots. */
async function openPlace(
  config: Config,
  engine: Engine,
  campaign: string,
): Promise<{ cluster: Cluster; dir: string; key: string }> {
  const key = `reproduce-${campaign}-${randomBytes(3).toString('hex')}`;
  const isLocal = config.cluster.kind === 'local';
  // Elsewhere the nodes may see the data folder, and nothing else of this machine.
  const root = isLocal
    ? await mkdtemp(join(tmpdir(), 'trex-reproduce-'))
    : join(config.dataDir, 'reproduce', key);
  const dir = join(root, 'run');
  await mkdir(dir, { recursive: true });
  const cluster = await openCluster(config.cluster, {
    stateDir: join(root, 'cluster'),
    gpus: config.engine.kind === 'gpu' ? config.engine.gpus : 0,
    slots: 1,
    lazyFiles: [engine.weightsFile],
    log: silentLog,
    clock: systemClock,
  });
  return { cluster, dir, key };
}

/** Waits for the job, however long the cluster is away. A Ctrl-C ends the job too, so that it costs nothing more. */
async function waitForEnd(cluster: Cluster, key: string, pollMs: number): Promise<'ended' | 'interrupted'> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    let told = '';
    for (let isAway = false; ; await systemClock.sleep(pollMs, interrupt.signal)) {
      if (interrupt.signal.aborted) {
        await cluster.cancel(key, 5);
        console.log('Interrupted. The job is cancelled, and nothing of it runs any more.');
        return 'interrupted';
      }
      try {
        const status = (await cluster.poll([key])).get(key);
        if (status !== undefined && isFinalJobState(status.state)) return 'ended';
        if (status?.reason !== undefined && status.reason !== told) console.log(status.reason);
        told = status?.reason ?? told;
        isAway = false;
      } catch (error) {
        if (!(error instanceof TrexError && error.fault === 'cluster')) throw error;
        if (!isAway) console.log(`${error.message} I ask again every ${pollMs / 1000} s.`);
        isAway = true;
      }
    }
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

function parseName(what: string): { campaign: string; round: number | null } {
  const [, campaign, round] = /^(c-[0-9a-z]+)(?:#(\d+))?$/.exec(what) ?? [];
  if (campaign === undefined) {
    throw new BadInputError(
      'bad_name',
      `"${what}" is not a campaign. Write it as the report does: trex reproduce c-7f3a21#18`,
    );
  }
  return { campaign, round: round === undefined ? null : Number(round) };
}
