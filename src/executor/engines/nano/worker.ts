/**
 * One training job in its own process: `node --import tsx worker.ts <job-dir>`. Reads job.json there; writes
 * metrics.jsonl, weights.f16.bin, predictions.<split>.jsonl and, last and always, result.json. SIGTERM cancels.
 */
const cancel = new AbortController();
process.on('SIGTERM', () => cancel.abort());
process.on('SIGINT', () => cancel.abort());

// Imported late, so that a signal during start-up is already handled.
const { runWorker } = await import('./run-worker.ts');
process.exitCode = await runWorker(process.argv[2], cancel.signal);
