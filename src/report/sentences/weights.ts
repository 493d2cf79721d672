import type { CampaignView, WeightsPlace } from '../../campaign/view.ts';
import { countText, listText } from '../../lib/text.ts';
import { bytesText, oneLine, reproduceCommand } from '../format.ts';

const shown = (text: string): string => `\`${oneLine(text).replace(/`/g, "'")}\``;

/** A path that a shell takes as one word. */
const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The resulting model of a campaign: the confirmed winner, or the best that is known. */
interface Result {
  node: number;
  weightsSha256: string;
  /** Null where an older version finished the campaign. */
  weights: WeightsPlace | null;
  reproduce: string;
}

/** Null before the end, and where nothing trained has a score. */
export function resultOf({ id, final, kept }: CampaignView): Result | null {
  if (final !== null) {
    const { winner, weightsSha256, weights, reproduce } = final;
    return { node: winner, weightsSha256, weights: weights ?? null, reproduce };
  }
  const best = kept?.best ?? null;
  if (best === null) return null;
  const { node, weightsSha256, weights } = best;
  return { node, weightsSha256: weightsSha256 ?? '', weights, reproduce: reproduceCommand(id, node) };
}

/** Where the weights of the result are and what the check of them found; null where there is none. */
export function weightsText(view: CampaignView): string | null {
  const result = resultOf(view);
  if (result?.weights == null) return null;
  const { host, path, bytes, check } = result.weights;
  const where = host === null ? shown(path) : `${shown(path)} on ${oneLine(host)}`;
  const size = bytes === null ? '' : `${bytesText(bytes)}, `;
  switch (check) {
    case 'missing':
      return `The weights of #${result.node} are not where the run left them: ${where}. \`${oneLine(result.reproduce)}\` makes them again.`;
    case 'mismatch':
      return `*Do not use these weights*: ${where} is not what the run of #${result.node} reported (${size}reported sha256 ${result.weightsSha256.slice(0, 12)}). Somebody or something changed the file. \`${oneLine(result.reproduce)}\` makes it again.`;
    case 'unchecked':
      return `Weights: ${where}. I could not check them${bytes === null ? ': the cluster did not answer' : ', the run reported no hash'}.`;
    case 'verified': {
      const checked = `${size}sha256 ${result.weightsSha256.slice(0, 12)}, checked`;
      if (host === null) return `Weights: ${where} (${checked}).`;
      return `Weights stay on the cluster: ${where} (${checked}). Copy them with ${shown(`scp ${word(`${host}:${path}`)} .`)}`;
    }
  }
}

/** `Weights of 12 other runs were removed to free 3.6 MB; those of #5 and #8 are kept.`; null when nothing was. */
export function removedText(view: CampaignView): string | null {
  const { kept, removedRuns, removedBytes } = view.weights;
  if (removedRuns === 0) return null;
  const others = kept.filter((round) => round !== resultOf(view)?.node).map((round) => `#${round}`);
  const still = others.length === 0 ? '' : `; besides the winner's, those of ${listText(others)} are kept`;
  return `Large files of ${countText(removedRuns, 'run')} were removed to free ${bytesText(removedBytes)}${still}.`;
}
