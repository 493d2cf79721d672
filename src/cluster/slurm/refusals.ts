import { TrexError } from '../../lib/errors.ts';
import { TurnedAwayError } from '../port.ts';
import { explainReason } from './waiting-reasons.ts';

/**
 * Messages of sbatch for a job that no waiting makes acceptable (`slurm_errno.c`, `opt.c` and `slurm_opt.c` of 22.05 to
 * 25.05). Extended regular expressions, case-insensitive: bash matches them on the login node. Every other refusal may
 * pass: a site has plugins of its own, and a controller that fails over reports many things.
 */
const finalRefusals = [
  // Names that this site does not have.
  'invalid (partition|account|qos|wckey|cluster|feature|constraint|gres|generic resource|license|reservation|burst buffer|dependency)',
  'invalid (node name|time limit|trackable resource|numeric value)',
  'no partition specified',
  'requested reservation is invalid',
  'requested nodes not in this partition',
  // Rights that a submit names, and this account does not have.
  "user's group not permitted",
  'access/permission denied',
  'access denied to requested reservation',
  // More resources than there are.
  'requested node configuration is not available',
  'requested time limit is invalid',
  'more processors requested than permitted',
  'node count specification invalid',
  'memory specification can ?not be satisfied',
  // Options that this sbatch does not know, and invalid scripts.
  'unrecognized option',
  'invalid option',
  'requires an argument',
  'invalid --[a-z-]+',
  'invalid directive',
  'unknown (directive|option)',
  'does not look like a batch script',
  'batch script (is empty|contains)',
  'parameter too long',
];

/** One expression for bash and for us. */
export const finalRefusal = `(${finalRefusals.join('|')})`;

/**
 * Why Slurm did not accept a job now, in its own words: a limit on single jobs is permanent; all other reasons may
 * pass.
 */
export function notNow(said: string, place: string): TrexError {
  const text = `Slurm did not take the job on ${place}: ${said.replace(/[.\s]+$/, '')}.`;
  const isLasting = said.split(/[^A-Za-z]+/).some((word) => explainReason(word).needsPeople);
  return isLasting
    ? new TurnedAwayError('slurm_limit', text)
    : new TrexError('slurm_not_now', 'cluster', text);
}
