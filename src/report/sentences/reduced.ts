import type { Cost, CostLimit } from '../../campaign/brief.ts';
import type { WorthNode } from '../../campaign/worth.ts';
import { innerCostText, limitText } from '../format.ts';
import { sizeText } from './worth.ts';

/** A first node that was made smaller because the budget left does not cover the planned one. */
export interface Reduced {
  node: WorthNode;
  whole: WorthNode;
  left: CostLimit;
  /** The reserve beside the whole one. */
  kept: Cost;
  /** Where the price comes from, where that must be said. */
  basis?: string;
  /** A budget that is enough for the whole one; null where that is not known. */
  raise: CostLimit | null;
}

/** After the number of the node: `trains on 60 rows for 1 epoch (about 12 min): …` */
export function reducedText({ node, whole, left, kept, basis, raise }: Reduced): string {
  const price = `about ${innerCostText(whole.expected)}${basis === undefined ? '' : `; ${basis}`}`;
  const more = raise === null ? '' : ` For a whole one: \`raise the budget to ${limitText(raise)}\`.`;
  return `trains on ${sizeText(node)} (about ${innerCostText(node.expected)}): the ${limitText(left)} left do not hold a run on ${sizeText(whole)} (${price}) and the ${innerCostText(kept)} that confirming it and opening the test rows take.${more}`;
}
