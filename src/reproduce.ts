import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalCluster } from './cluster/local/local-cluster.ts';
import { isFinalJobState } from './cluster/port.ts';
import type { Config } from './config.ts';
import { openEngine, variablesFor } from './executor/open-engine.ts';
import { systemClock } from './lib/clock.ts';
import { BadInputError } from './lib/errors.ts';
import { silentLog } from './lib/log.ts';
import { createFileBlobs } from './operations/blobs.ts';
import type { Reproduction } from './operations/tree/reproduction.ts';
import { fromJsonl } from './recipe/jsonl.ts';
import type { Row } from './recipe/types.ts';
import { scoreOf } from './scoring/intervals.ts';
import { scorePredictions } from './scoring/metrics.ts';
import type { EvalItem } from './scoring/types.ts';

/**
 * Trains the winner of a finished campaign once more, from the run spec and the rows that were kept, and compares
 * weights and test score. Needs no running bot. @returns the exit code: 0 when the weights are the same, bit by bit
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
  const items = fromJsonl<EvalItem>(await blobs.get(kept.spec.splitHashes.test));
  const rendered = engine.render({
    spec: kept.spec,
    trainRows: fromJsonl<Row>(await blobs.get(kept.spec.rowsHash ?? '')),
    weightsPath: null,
    predict: [{ split: 'test', items: items.map(({ id, prompt }) => ({ id, prompt })) }],
  });
  const root = await mkdtemp(join(tmpdir(), 'trex-reproduce-'));
  const dir = join(root, 'run');
  await mkdir(dir);
  for (const file of rendered.files) await writeFile(join(dir, file.name), file.text);
  const cluster = createLocalCluster({
    stateDir: join(root, 'cluster'),
    slots: 1,
    gpus: config.engine.kind === 'gpu' ? config.engine.gpus : 0,
    log: silentLog,
    clock: systemClock,
  });
  console.log(`Training #${kept.winner} of ${campaign} again in ${dir}`);
  await cluster.submit({
    key: 'reproduce',
    dir,
    argv: rendered.argv,
    env: rendered.env,
    limitSeconds: 24 * 3600,
    ...(rendered.gpus === undefined ? {} : { gpus: rendered.gpus }),
  });
  for (;;) {
    const status = (await cluster.poll(['reproduce'])).get('reproduce');
    if (status !== undefined && isFinalJobState(status.state)) break;
    await systemClock.sleep(300);
  }
  const read = async (name: string): Promise<string | null> =>
    readFile(join(dir, name), 'utf8').catch(() => null);
  const outcome = await engine.readOutcome(read);
  if (outcome === null || !outcome.ok) {
    console.log(`It did not train: ${outcome?.failure.message ?? 'the process left no result'}`);
    return 1;
  }
  const score = scoreOf(
    kept.spec.metric,
    scorePredictions(kept.spec.metric, items, await engine.readPredictions(read, 'test')),
  );
  const same = outcome.weightsSha256 === kept.weightsSha256;
  console.log(
    `Test ${score.value.toFixed(3)} (${kept.testValue.toFixed(3)} in the campaign), weights ${same ? 'identical' : 'different'}: ${outcome.weightsSha256}`,
  );
  return same ? 0 : 1;
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
