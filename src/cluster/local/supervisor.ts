import { setTimeout as sleep } from 'node:timers/promises';
import { isDiskFull } from '../../lib/errors.ts';
import { jobsToStart } from './dispatch.ts';
import { ownIdentity } from './processes.ts';
import { runJob } from './run-job.ts';
import { startSupervisor } from './start-supervisor.ts';
import { type JobRecord, openStore, type Store } from './store.ts';

/**
 * The process that runs jobs and outlives the bot: `supervisor.ts STATE_DIR KEY`. It takes the first job in line,
 * watches it to its end, takes the next one, and exits when the line is empty; so the line advances while the bot is
 * away, and starting this process is paid once per slot, not once per job.
 */
const roomTickMs = 1_000;
const shutdown = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => shutdown.abort());
process.on('SIGHUP', () => {});
const [stateDir] = process.argv.slice(2);
if (stateDir === undefined) throw new Error('usage: supervisor.ts STATE_DIR KEY');
await runJobs(openStore(stateDir));

async function runJobs(store: Store): Promise<void> {
  const me = ownIdentity();
  while (!shutdown.signal.aborted) {
    const jobs = jobsToStart(store);
    let mine: JobRecord | undefined;
    try {
      mine = jobs.find((job) => store.runDirOf(job).claim(me));
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      // The line stops until there is room to record who runs which job.
      await sleep(roomTickMs);
      continue;
    }
    if (mine === undefined) return;
    for (const other of jobs) if (!store.runDirOf(other).findClaim()) startSupervisor(store, other.key);
    await runJob(mine, store.runDirOf(mine), shutdown.signal);
  }
}
