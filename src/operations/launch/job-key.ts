import type { JobKind } from '../../store/schema.ts';

interface JobName {
  campaignId: string;
  /** Number of the node, index of the trial in it. */
  node: number;
  trial: number;
  kind: JobKind;
  /** From 1 on. */
  attempt: number;
}

/** A job's name on any cluster, for ever: [a-z0-9-], at most 58 characters. A retry is another attempt. */
export const jobKey = ({ campaignId, node, trial, kind, attempt }: JobName): string =>
  `trex-${campaignId}-n${node}-t${trial}-${kind}-a${attempt}`;

/** Names of the earlier attempts at the same run, oldest first. */
export function earlierAttempts(key: string): string[] {
  const [, stem, attempt] = /^(.*-a)(\d+)$/.exec(key) ?? [];
  return Array.from({ length: Number(attempt ?? 1) - 1 }, (_, index) => `${stem}${index + 1}`);
}
