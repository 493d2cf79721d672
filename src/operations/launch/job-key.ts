import type { JobKind } from '../../store/schema.ts';

/** A job's name on any cluster, for ever: [a-z0-9-], at most 58 characters. A retry is another attempt. */
export function jobKey(
  campaignId: string,
  nodeNumber: number,
  trialIndex: number,
  kind: JobKind,
  attempt: number,
): string {
  return `trex-${campaignId}-n${nodeNumber}-t${trialIndex}-${kind}-a${attempt}`;
}

/** Names of the earlier attempts at the same run, oldest first. */
export function earlierAttempts(key: string): string[] {
  const [, stem, attempt] = /^(.*-a)(\d+)$/.exec(key) ?? [];
  return Array.from({ length: Number(attempt ?? 1) - 1 }, (_, index) => `${stem}${index + 1}`);
}
