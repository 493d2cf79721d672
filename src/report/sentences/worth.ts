import { isReduced, type Worth, type WorthNode } from '../../campaign/worth.ts';
import { countText } from '../../lib/text.ts';
import { innerCostText, limitText } from '../format.ts';

/**
 * The training that the budget buys, said before Start: `This buys about 7 to 14 nodes, the first of 25 min, with 40 min kept for
 * the end.` Where the budget does not cover a whole run: the cost of one and the smaller run that it covers. Where it
 * covers no training: what would be enough.
 */
export function worthText(worth: Worth): string {
  const doubt = worth.isMeasured ? '' : ' (my estimate, not measured yet)';
  const { node, whole, kept, raise } = worth;
  const enough = raise === null ? '' : ` ${limitText(raise)} would be enough for a whole one.`;
  if (worth.nodes.high === 0 && worth.isProbed && !worth.isMeasured)
    return `By my formula this budget trains nothing: a run on ${sizeText(whole)} takes about ${innerCostText(whole.expected)}, and ${innerCostText(kept)} is kept for the end. Nobody has checked the formula here: I measure a few real steps first, and train less where that is what fits.${enough}`;
  if (worth.nodes.high === 0)
    return `This budget trains nothing: the untrained model takes about ${innerCostText(worth.baseline)}, a run on ${sizeText(whole)} about ${innerCostText(whole.expected)}, and ${innerCostText(kept)} is kept for the end${doubt}.${enough}`;
  const buys = `about ${nodesText(worth)}`;
  const end = `with ${innerCostText(kept)} kept for the end${doubt}`;
  if (!isReduced(worth)) return `This buys ${buys}, ${end}.`;
  return `A run on ${sizeText(whole)} takes about ${innerCostText(whole.expected)}, more than this budget holds. I would train on ${sizeText(node)} instead: ${buys}, ${end}.${enough}`;
}

function nodesText({ nodes: { low, high }, node }: Worth): string {
  const cost = innerCostText(node.expected);
  return low === high || high === 1
    ? `${countText(high, 'node')} of ${cost}`
    : `${Math.max(1, low)} to ${countText(high, 'node')}, the first of ${cost}`;
}

export const sizeText = ({ rows, epochs }: WorthNode): string =>
  `${countText(rows, 'row')} for ${countText(epochs, 'epoch')}`;
