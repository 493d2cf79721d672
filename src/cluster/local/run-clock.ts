import { uptime } from 'node:os';
import { bootId } from './processes.ts';
import type { Child } from './run-dir.ts';

/**
 * Now, on the clock of a run: its start and the time that has passed since, as the machine counts it. Somebody may set
 * the clock on the wall meanwhile; a run is neither longer nor shorter for that.
 */
export function runClock({ startedAt, uptimeSeconds, boot }: Child): Date {
  // Of an older version, or from before a restart of the machine.
  if (uptimeSeconds === undefined || boot !== bootId()) return new Date();
  return new Date(Date.parse(startedAt) + Math.max(0, uptime() - uptimeSeconds) * 1000);
}
