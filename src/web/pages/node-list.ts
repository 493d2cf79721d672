import { html } from 'hono/html';
import type { CampaignView, NodeView } from '../../campaign/view.ts';
import { deltaText, scoreText } from '../../report/format.ts';
import { nodeText } from '../../report/sentences/node.ts';
import { type Html, unmark } from './layout.ts';
import { withNodeLinks } from './node-links.ts';
import type { NodeRange } from './node-range.ts';

/** Nodes are indented at most this many levels: a phone is narrow. */
const maxIndent = 6;

/** The tree as a list, which a narrow screen can show: each node with its details folded away. */
export function nodeList(
  view: CampaignView,
  how: {
    range: NodeRange;
    open: number | null;
    nodeHref: (number: number) => string;
    curvesHref: (number: number) => string;
  },
): Html {
  const depths = depthsOf(view.nodes);
  const shown = view.nodes
    .filter(({ number }) => number >= how.range.from && number <= how.range.to)
    .sort((a, b) => a.number - b.number);
  const items = shown.map((node) => {
    const depth = Math.min(maxIndent, depths.get(node.number) ?? 0);
    const mark = node.number === view.best ? ' best' : '';
    return html`<details id="node-${node.number}" class="node depth-${depth}${mark}"${node.number === how.open ? html` open` : ''}>
<summary data-part="node-${node.number}-head">${summary(node, node.number === view.best)}</summary>
<div class="details" data-part="node-${node.number}-text">${withNodeLinks(unmark(nodeText(view, node.number)), how.nodeHref)}</div>
<div data-part="node-${node.number}-curves">${hasTrained(node) ? html`<img class="curves" src="${how.curvesHref(node.number)}" alt="Training losses of #${node.number}" width="1200" height="720" loading="lazy">` : ''}</div>
</details>
`;
  });
  return html`<div data-list="nodes">${items.length === 0 ? html`<p id="no-node" class="muted">Nothing has run yet.</p>` : items}</div>`;
}

/** Whether a trial of the node has trained, so that there are losses to show. */
const hasTrained = ({ parent, trials }: NodeView): boolean =>
  parent !== null && trials.some(({ trainLoss, progress }) => trainLoss !== null || (progress ?? 0) > 0);

const summary = (node: NodeView, isBest: boolean): Html =>
  html`<b>#${node.number}</b> ${node.title} <span class="outcome">${isBest ? '★ ' : ''}${outcome(node)}</span>`;

function outcome(node: NodeView): string {
  if (node.score === null) return node.state === 'awaiting_approval' ? 'waits for you' : node.state;
  return node.delta === null
    ? scoreText(node.score)
    : `${scoreText(node.score)} (${deltaText(node.delta.difference)})`;
}

function depthsOf(nodes: readonly NodeView[]): Map<number, number> {
  const depths = new Map<number, number>();
  // A child's number is above its parent's.
  for (const { number, parent } of [...nodes].sort((a, b) => a.number - b.number))
    depths.set(number, parent === null ? 0 : (depths.get(parent) ?? 0) + 1);
  return depths;
}
