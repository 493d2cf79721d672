import type { Brief } from '../../campaign/brief.ts';
import type { StartRequest } from '../../campaign/start-request.ts';
import { countText } from '../../lib/text.ts';
import { limitText, oneLine, priceText } from '../format.ts';

/** The commitments of a start, a line each: everything in the brief that costs. */
export function startTerms({ budget, askAbove, parallel, maxNodes, price }: Brief): string[] {
  const asks = askAbove.computeSeconds !== null || askAbove.usd !== null;
  return [
    `Budget ${limitText(budget)}, of which ${asks ? `I ask before each node expected above ${limitText(askAbove)}` : 'I ask about no single node'}`,
    `${countText(parallel, 'run')} at a time, at most ${countText(maxNodes, 'node')}`,
    ...(price ? [priceText(price)] : []),
  ];
}

/** The lines of the card about a Start that waits; a null field has no line. */
export function startRequestText({ askedBy, title, terms, who, note, closed }: StartRequest): {
  title: string;
  lines: string[];
} {
  return {
    title: `${oneLine(askedBy)} asks to start ${oneLine(title)}`,
    lines: [...terms.map(oneLine), ...(closed === null ? [who, ...(note === null ? [] : [note])] : [])],
  };
}
