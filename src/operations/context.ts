import type { ApprovalPolicy } from '../campaign/approval-policy.ts';
import type { Cluster } from '../cluster/port.ts';
import type { Engine } from '../executor/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { KeepPolicy } from '../lib/parse/keep-policy.ts';
import type { LinkSigner } from '../lib/signed-link.ts';
import type { DataCatalog } from '../recipe/types.ts';
import type { Researcher } from '../researcher/port.ts';
import type { Research } from '../researcher/research/port.ts';
import type { Sandbox } from '../sandbox/port.ts';
import type { ShipTarget } from '../shipping/port.ts';
import type { Db } from '../store/db.ts';
import type { Blobs } from './blobs.ts';
import type { Chat } from './chat.ts';
import type { Health } from './health.ts';

/** Values that the verbs need from the configuration. */
export interface OperationSettings extends ApprovalPolicy {
  /** Price of an hour on one slot; null is unknown. */
  usdPerHour: number | null;
  slots: number;
  /** Memory cap of one run. */
  memoryLimitBytes: number;
  /** Largest attached file. */
  maxDatasetBytes: number;
  /** Local minute of the day of the daily summary. */
  summaryMinute: number;
  defaultTimeZone: string;
  /** Minimum time between two messages in one channel. */
  deliverGapMs: number;
  /** Minimum time between two edits of the progress message. */
  progressGapMs: number;
  /** Absolute folder of run directories, campaign folders. */
  dataDir: string;
  /** Address under which pictures and pages can be fetched by people's Slack client; null when they cannot. */
  publicUrl: string | null;
  /** Signs the links to pages; null where nobody else reaches them. */
  linkSigner: LinkSigner | null;
  pictureMode: 'url' | 'upload' | 'none';
  /** Which weights are kept besides those that are needed. */
  keepWeights: KeepPolicy;
  /** Brings the winner's weights to this machine; otherwise they stay where they were made. */
  fetchWeights: boolean;
  /** As model cards state it; null: not known. */
  license: string | null;
}

/** Everything a verb may touch. Built once by `createApp`; a test replaces any part. */
export interface Context {
  db: Db;
  clock: Clock;
  log: Log;
  settings: OperationSettings;
  researcher: Researcher;
  /** Looks up what others have published; null when the configuration keeps the bot off the internet. */
  research: Research | null;
  /** Runs code of a language model that a person has approved; null when the configuration keeps it off. */
  sandbox: Sandbox | null;
  cluster: Cluster;
  engine: Engine;
  catalog: DataCatalog;
  chat: Chat;
  /** Where finished weights may be sent, as configured; empty: nowhere. */
  shipTargets: readonly ShipTarget[];
  /** State of database, disk, cluster and chat at the last check. */
  health: Health;
  /** When the cluster last failed to show the weights of a run, in milliseconds by the key of the run. */
  weightsPace: Map<string, number>;
  blobs: Blobs;
  /** A short id that was not used before: `c-7f3a`. */
  newId(prefix: string): string;
  /**
   * Proves that the pass still holds its lease, and prolongs it: called before anything that no transaction can undo.
   * Outside of a pass there is nothing to prove.
   * @throws LeaseLost
   */
  confirmLease(): Promise<void>;
  /** Draws the tree of a campaign as PNG. */
  rasterise(svg: string, width: number, height: number): Promise<Uint8Array>;
}
