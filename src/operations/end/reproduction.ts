import type { RunSpec } from '../../campaign/run-spec.ts';

/** The file beside the report from which the winner can be trained again without the database. */
export interface Reproduction {
  campaign: string;
  winner: number;
  spec: RunSpec;
  weightsSha256: string;
  /** Seconds of the run; unset in files of older versions. */
  seconds?: number;
  /** Null where the test split was not opened for it. */
  testValue: number | null;
}
