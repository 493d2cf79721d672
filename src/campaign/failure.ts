import type { Fault } from '../lib/errors.ts';
import type { TrainingSettings } from './run-spec.ts';
import type { TrialState } from './states.ts';

/** Why a trial or node gave no score: data, not an exception. */
export interface Failure {
  /** noun_adjective: `out_of_memory`, `diverged`, `nan`, `bad_data`, `bad_config`, `timeout`, `killed`, `lost`, `over_ceiling`, `internal` */
  code: string;
  fault: Fault;
  /** One sentence with the numbers. */
  message: string;
  /** First useful lines of the log, at most 20. */
  log: string[];
}

/** Every code that the bot gives. Runs report codes of their own, so others appear too. */
export const failureCodes = [
  'bad_config',
  'bad_data',
  'bad_job',
  'cancelled',
  'crashed',
  'disk_full',
  'diverged',
  'environment',
  'forgot_too_much',
  'gpu_idle',
  'internal',
  'killed',
  'lost',
  'nan',
  'no_result',
  'not_started',
  'out_of_memory',
  'over_ceiling',
  'pruned',
  'spec_changed',
  'stalled',
  'too_slow',
  'withdrawn',
] as const;
export type FailureCode = (typeof failureCodes)[number];

export const isFailureCode = (code: string): code is FailureCode =>
  failureCodes.some((known) => known === code);

/** The cause as people read it. Memory and installation are kept apart from settings and cluster. */
export type FailureClass = Fault | 'memory' | 'environment';

export function classOf({ code, fault }: Pick<Failure, 'code' | 'fault'>): FailureClass {
  if (code === 'out_of_memory') return 'memory';
  return code === 'environment' ? 'environment' : fault;
}

/** Would a run with other settings, on the same rows and in the same place, fail in the same way? */
export function failsAlike(
  failure: Pick<Failure, 'code' | 'fault'>,
  failed: TrainingSettings,
  other: TrainingSettings,
): boolean {
  switch (classOf(failure)) {
    case 'environment':
    case 'data':
    case 'ours':
      return true;
    case 'memory':
      return needsAsMuch(failed, other);
    case 'config':
    case 'cluster':
    case 'provider':
    case 'user':
      return false;
  }
}

/** True unless the other settings have a smaller batch, shorter rows or a lighter method. */
const needsAsMuch = (failed: TrainingSettings, other: TrainingSettings): boolean =>
  other.batchSize >= failed.batchSize &&
  other.maxSequenceTokens >= failed.maxSequenceTokens &&
  weightOf(other) >= weightOf(failed);

/** Methods by memory: QLoRA needs least, full fine-tuning most. */
const weightOf = ({ method, lora }: TrainingSettings): number =>
  method === 'full' ? 2 : lora?.quantized ? 0 : 1;

/** Marks a withdrawal by the end of a campaign: when the campaign continues, it may be tried again. */
export const endedWithCampaign: Failure = {
  code: 'withdrawn',
  fault: 'user',
  message: 'The campaign ended before it gave a score.',
  log: [],
};

/** The end of the campaign withdrew it, which says nothing about its settings. */
export const isWithdrawnByEnd = ({
  state,
  failure,
}: {
  state: TrialState;
  failure: Failure | null;
}): boolean => state === 'withdrawn' && failure?.code === endedWithCampaign.code;
