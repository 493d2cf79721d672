import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { TurnedAwayError } from '../port.ts';
import { finalRefusal, notNow } from './refusals.ts';

const failed = 'sbatch: error: Batch job submission failed:';

const final = [
  `sbatch: error: invalid partition specified: nope\n${failed} Invalid partition name specified`,
  `${failed} Invalid account or account/partition combination specified`,
  `${failed} Invalid qos specification`,
  `${failed} Invalid feature specification`,
  `${failed} Invalid generic resource (gres) specification`,
  `${failed} Invalid Trackable RESource (TRES) specification`,
  `${failed} Invalid license specification`,
  `${failed} Requested reservation is invalid`,
  `${failed} Requested node configuration is not available`,
  `${failed} Requested time limit is invalid (missing or exceeds some limit)`,
  `${failed} More processors requested than permitted`,
  `${failed} User's group not permitted to use this partition`,
  `${failed} No partition specified or system default partition`,
  'sbatch: error: Memory specification can not be satisfied',
  "sbatch: unrecognized option '--gpu-mood=high'",
  'sbatch: error: Invalid --mail-type specification',
  'sbatch: error: This does not look like a batch script.  The first\nsbatch: error: line must start with #!',
];

const passing = [
  `${failed} Slurm backup controller in standby mode`,
  `${failed} Unexpected message received`,
  `${failed} Zero Bytes were transmitted or received`,
  `${failed} Transport endpoint is not connected`,
  `${failed} Connection refused`,
  `${failed} Message send failure`,
  `${failed} Socket timed out on send/recv operation`,
  `${failed} Requested partition configuration not available now`,
  `${failed} Required partition not available (inactive or drain)`,
  `${failed} Unable to create job record, try again`,
  `${failed} Job/step already completing or completed`,
  `${failed} Unspecified error`,
  `${failed} Resource temporarily unavailable`,
  `${failed} Invalid user id`,
  `${failed} Invalid job credential`,
  `${failed} Protocol authentication error`,
  `${failed} Invalid protocol version`,
  'sbatch: error: Job rejected by the site: come back after 18:00, maintenance',
  'sbatch: error: slurm_job_submit: lua: error in slurm_job_submit: took too long',
  '',
];

/** As submit.sh asks. */
const isFinalInBash = (text: string): boolean =>
  execFileSync(
    'bash',
    ['-c', 'shopt -s nocasematch; [[ $1 =~ $2 ]] && echo yes || echo no', 'bash', text, finalRefusal],
    { encoding: 'utf8' },
  ) === 'yes\n';

describe('a refusal by sbatch', () => {
  test.each(final)('stays: %s', (text) => expect(isFinalInBash(text)).toBe(true));
  test.each(passing)('may pass: %s', (text) => expect(isFinalInBash(text)).toBe(false));

  test.each([
    "QOSMaxWallDurationPerJobLimit; Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    'AssocMaxGRESPerJob; Batch job submission failed: Job violates accounting/QOS policy',
    'QOSMinGRES; Batch job submission failed: Job violates accounting/QOS policy',
  ])('needs people, who read its reason: %s', (said) => {
    expect(isFinalInBash(said)).toBe(false);
    const error = notNow(said, 'this machine');
    expect(error).toBeInstanceOf(TurnedAwayError);
    expect(error.message).toContain(said.split(';')[0]);
  });

  test.each([
    'AssocMaxSubmitJobLimit; Batch job submission failed: Job violates accounting/QOS policy',
    'QOSMaxSubmitJobPerUserLimit; Batch job submission failed: Job violates accounting/QOS policy',
    'Batch job submission failed: Slurm backup controller in standby mode',
  ])('ends by itself: %s', (said) =>
    expect(notNow(said, 'this machine')).not.toBeInstanceOf(TurnedAwayError),
  );
});
