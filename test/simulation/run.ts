import { type ChildProcess, fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { openSimulationDatabase } from './database.ts';
import { type Outcome, simulate } from './simulate.ts';

/**
 * `npm run simulate -- --seeds N --from S`: plays seeds S to S+N-1 in two processes, prints a line and how to replay
 * for each that fails, and exits with 1 when one did. One seed alone prints its history.
 */
const workers = 2;

type Report = Pick<Outcome, 'seed' | 'problem' | 'faults'>;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '0' },
      history: { type: 'boolean', default: false },
    },
  });
  const count = readWhole('seeds', values.seeds, 1);
  const from = readWhole('from', values.from, 0);
  const seeds = Array.from({ length: count }, (_, i) => from + i);
  if (count === 1 || values.history) {
    process.exitCode = await playHere(seeds);
    return;
  }
  const startedMs = performance.now();
  const reports = await playInWorkers(seeds);
  const failed = reports.filter((r) => r.problem !== null).sort((a, b) => a.seed - b.seed);
  const seconds = (performance.now() - startedMs) / 1000;
  const faults = reports.reduce((sum, r) => sum + r.faults, 0);
  console.log(`${faults} faults in ${seconds.toFixed(0)} s, ${(count / seconds).toFixed(1)} seeds a second`);
  console.log(`${reports.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length > 0 || reports.length < count ? 1 : 0;
}

function readWhole(name: string, text: string, min: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min) return value;
  console.error(`--${name} must be a whole number, ${min} or more, and is "${text}"`);
  process.exit(2);
}

const sayFailure = ({ seed, problem }: Report): void => {
  const [first = ''] = (problem ?? '').split('\n');
  console.log(`seed ${seed} failed: ${first}  (npm run simulate -- --seeds 1 --from ${seed})`);
};

async function playHere(seeds: number[]): Promise<number> {
  const database = await openSimulationDatabase();
  let failed = 0;
  for (const seed of seeds) {
    const outcome = await simulate(database, seed);
    console.log(outcome.history.join('\n'));
    console.log(`\n${outcome.tree}\n`);
    if (outcome.problem === null) continue;
    failed++;
    console.log(`${outcome.problem}\n`);
    sayFailure(outcome);
  }
  await database.close();
  console.log(`${seeds.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

/** Plays seeds in worker processes; each gets the next seed when it has ended one. */
async function playInWorkers(seeds: number[]): Promise<Report[]> {
  const queue = [...seeds];
  const reports: Report[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve) => {
      const child: ChildProcess = fork(new URL(import.meta.url), {
        env: { ...process.env, TREX_SIMULATE: 'worker' },
      });
      const next = (): void => {
        const seed = queue.shift();
        if (seed === undefined) child.disconnect();
        else child.send(seed);
      };
      child.on('message', (message: Report | 'ready') => {
        if (message !== 'ready') {
          reports.push(message);
          if (message.problem !== null) sayFailure(message);
        }
        next();
      });
      child.on('exit', (code) => {
        if (code !== 0) console.error(`a worker ended with ${code}`);
        resolve();
      });
    });
  await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, work));
  return reports;
}

async function beWorker(): Promise<void> {
  const database = await openSimulationDatabase();
  process.on('disconnect', () => void database.close());
  process.on('message', async (seed: number) => {
    const { problem, faults } = await simulate(database, seed);
    process.send?.({ seed, problem, faults } satisfies Report);
  });
  process.send?.('ready');
}

await (process.env.TREX_SIMULATE === 'worker' && process.send !== undefined ? beWorker() : main());
