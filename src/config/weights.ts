import { resolve } from 'node:path';
import { type KeepPolicy, parseKeepPolicy } from '../lib/parse/keep-policy.ts';
import { badConfig, type Env } from './environment.ts';

/** Which weights are kept, and where. */
export interface WeightsConfig {
  keep: KeepPolicy;
  /** The winner's weights are copied to this machine; otherwise they stay on the cluster. */
  fetch: boolean;
}

/** Where finished weights may be sent after an approval; null: this target is off. */
export interface ShipConfig {
  /** Absolute. */
  folder: string | null;
  hub: { url: string; owner: string; isPrivate: boolean } | null;
  /** The license as model cards state it; null: not known. */
  license: string | null;
}

export function weightsOf(env: Env): WeightsConfig {
  const keep = parseKeepPolicy(env.TREX_KEEP_WEIGHTS);
  if (keep === null) {
    throw badConfig([
      `TREX_KEEP_WEIGHTS: ${env.TREX_KEEP_WEIGHTS} is not \`all\`, or a list of \`winner\`, \`best\`, \`finalists\` and \`last:3\``,
    ]);
  }
  if (env.TREX_WEIGHTS === 'leave' && !(env.TREX_CLUSTER === 'slurm' && env.TREX_SLURM_FILES === 'copied')) {
    throw badConfig([
      'TREX_WEIGHTS=leave is for clusters that share no files with the bot. Here weights lie where the bot sees them; unset it',
    ]);
  }
  return { keep, fetch: env.TREX_WEIGHTS === 'fetch' };
}

export function shipOf(env: Env): ShipConfig {
  const { TREX_SHIP_HUB: owner, TREX_SHIP_DIR: folder, TREX_HUB_URL: url, HF_TOKEN: token } = env;
  if (owner === undefined) {
    const orphan =
      url !== undefined ? 'TREX_HUB_URL' : env.TREX_SHIP_PRIVATE === 'false' ? 'TREX_SHIP_PRIVATE' : null;
    if (orphan !== null)
      throw badConfig([`TREX_SHIP_HUB is missing, and ${orphan} is set. Set both, or none`]);
  } else if (token === undefined || !/^hf_\w+$/.test(token)) {
    throw badConfig([
      `HF_TOKEN ${token === undefined ? 'is missing' : 'is no token of the Hub (it starts with hf_)'}, and TREX_SHIP_HUB is set. Make one with write access to ${owner}`,
    ]);
  }
  if (env.TREX_SHIP_LICENSE !== undefined && owner === undefined && folder === undefined) {
    throw badConfig([
      'TREX_SHIP_LICENSE is set, and there is nowhere to ship to. Set TREX_SHIP_HUB or TREX_SHIP_DIR',
    ]);
  }
  return {
    folder: folder === undefined ? null : resolve(folder),
    hub:
      owner === undefined
        ? null
        : {
            url: (url ?? 'https://huggingface.co').replace(/\/+$/, ''),
            owner,
            isPrivate: env.TREX_SHIP_PRIVATE === 'true',
          },
    license: env.TREX_SHIP_LICENSE ?? null,
  };
}
