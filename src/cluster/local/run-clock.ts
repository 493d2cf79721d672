import { uptime } from 'node:os';
import { bootId } from './processes.ts';
import type { Child } from './run-dir.ts';

/**
 * The current time by a run's own clock: its start plus the elapsed monotonic time. A change of the wall clock makes a
 * run neither longer nor shorter.
 */
export function runClock({ startedAt, uptimeSeconds, boot }: Child): Date {
  // Written by an older version, or before a restart of the machine.
  if (uptimeSeconds === undefined || boot !== bootId()) return new Date();
  return new Date(Date.parse(startedAt) + Math.max(0, uptime() - uptimeSeconds) * 1000);
}
