/** Nodes on a page; with their details they take about 150 KB. */
export const nodesPerPage = 100;

/**
 * A page of a campaign's nodes is a fixed hundred of numbers (#0 to #99, #100 to #199, …), so that an address shows
 * the same nodes however many there are. The page with the newest node is shown unless another is asked for.
 */
export interface NodeRange {
  from: number;
  to: number;
}

export const rangeOf = (number: number): NodeRange => {
  const from = Math.floor(number / nodesPerPage) * nodesPerPage;
  return { from, to: from + nodesPerPage - 1 };
};

/** All pages, first to last. `numbers` are those of the nodes that exist. */
export function rangesOf(numbers: number[]): NodeRange[] {
  const last = Math.max(0, ...numbers);
  return Array.from({ length: Math.floor(last / nodesPerPage) + 1 }, (_, i) => rangeOf(i * nodesPerPage));
}

/** The range to show: of the `wanted` node where it exists, else of the newest. */
export function shownRange(numbers: number[], wanted: number | null): NodeRange {
  return rangeOf(wanted !== null && numbers.includes(wanted) ? wanted : Math.max(0, ...numbers));
}
