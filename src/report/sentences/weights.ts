import type { CampaignView } from '../../campaign/view.ts';
import { bytesText, countText, listText, oneLine } from '../format.ts';

const shown = (text: string): string => `\`${oneLine(text).replace(/`/g, "'")}\``;

/** A path that a shell takes as one word. */
const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Where the winner's weights are and what was found there; null before the end. */
export function weightsText(view: CampaignView): string | null {
  const { final } = view;
  if (final?.weights === undefined) return null;
  const { host, path, bytes, check } = final.weights;
  const where = host === null ? shown(path) : `${shown(path)} on ${oneLine(host)}`;
  const size = bytes === null ? '' : `${bytesText(bytes)}, `;
  switch (check) {
    case 'missing':
      return `The weights of #${final.winner} are not where the run left them: ${where}. \`${oneLine(final.reproduce)}\` makes them again.`;
    case 'mismatch':
      return `*Do not use these weights*: ${where} is not what the run of #${final.winner} reported (${size}reported sha256 ${final.weightsSha256.slice(0, 12)}). Somebody or something changed the file. \`${oneLine(final.reproduce)}\` makes it again.`;
    case 'unchecked':
      return `Weights: ${where}. I could not check them${bytes === null ? ': the cluster did not answer' : ', the run reported no hash'}.`;
    case 'verified': {
      const checked = `${size}sha256 ${final.weightsSha256.slice(0, 12)}, checked`;
      if (host === null) return `Weights: ${where} (${checked}).`;
      return `Weights stay on the cluster: ${where} (${checked}). Copy them with ${shown(`scp ${word(`${host}:${path}`)} .`)}`;
    }
  }
}

/** `Weights of 12 other runs were removed to free 3.6 MB; those of #5 and #8 are kept.`; null when nothing was. */
export function removedText({ weights, final }: CampaignView): string | null {
  const { kept, removedRuns, removedBytes } = weights;
  if (removedRuns === 0) return null;
  const others = kept.filter((round) => round !== final?.winner).map((round) => `#${round}`);
  const still = others.length === 0 ? '' : `; besides the winner's, those of ${listText(others)} are kept`;
  return `Large files of ${countText(removedRuns, 'run')} were removed to free ${bytesText(removedBytes)}${still}.`;
}
