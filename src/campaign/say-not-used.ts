import { clipLine } from '../lib/text.ts';
import type { BriefReading } from './brief.ts';

/** `I did not use: "rank 16", "seed 42" (I choose hyperparameters myself), "24 hours".`; null when everything was used. */
export function sayNotUsed(notUsed: Readonly<BriefReading['notUsed']>): string | null {
  if (notUsed.length === 0) return null;
  const said = notUsed.map(({ words, why }, i) => {
    const isLastOfReason = why !== null && notUsed[i + 1]?.why !== why;
    return `"${clipLine(words, 80)}"${isLastOfReason ? ` (${why})` : ''}`;
  });
  return `I did not use: ${said.join(', ')}.`;
}
