import type { CampaignView } from '../../campaign/view.ts';
import { listText } from '../../lib/text.ts';
import { bytesText, oneLine, unmarked } from '../format.ts';
import { weightsText } from './weights.ts';

/** The files at the end of a campaign, and which of them can be attached. */
export interface FilesFacts {
  attached: string[];
  /** Size of weights that are too large to attach; null when they are attached, or lie elsewhere. */
  largeBytes: number | null;
  /** Why nothing could be attached, as a sentence; null when it could. */
  refused: string | null;
  /** Absolute path of the folder, on the bot's machine. */
  dir: string;
}

/**
 * `The files of *Dates to ISO*: report.md and tree.png.` Files that are not attached are named, with where they can be
 * had.
 */
export function filesText(view: CampaignView, { attached, largeBytes, refused, dir }: FilesFacts): string {
  const names = listText(attached.map(oneLine));
  const place = `\`${oneLine(dir)}\` on my machine${view.pageUrl === null ? '' : ', and on the page of the campaign'}`;
  const lines =
    refused === null
      ? [`The files of *${unmarked(view.title)}*: ${names}.`]
      : [`I could not attach ${names} here: ${oneLine(refused)} They are in ${place}.`];
  if (largeBytes !== null)
    lines.push(`The weights (${bytesText(largeBytes)}) are too large to attach. They are in ${place}.`);
  else if (attached.every((name) => /\.(?:md|png)$/.test(name)))
    lines.push(...[weightsText(view)].filter((text) => text !== null));
  return lines.join('\n');
}
