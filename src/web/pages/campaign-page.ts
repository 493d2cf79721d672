import { html, raw } from 'hono/html';
import type { CampaignView } from '../../campaign/view.ts';
import { bytesText } from '../../report/format.ts';
import { headline, insightText, nowLine } from '../../report/sentences/status.ts';
import { treeAltText, treeSvg } from '../../report/tree-picture.ts';
import type { PageLinks } from '../page-links.ts';
import type { ShownCampaign } from '../view-cache.ts';
import { type Html, layout, unmark } from './layout.ts';
import { moment } from './moment.ts';
import { withNodeLinks } from './node-links.ts';
import { nodeList } from './node-list.ts';
import { rangesOf, shownRange } from './node-range.ts';

export interface CampaignPage extends ShownCampaign {
  /** Number of the node to show open; null: none. */
  node: number | null;
  /** Files that the end of the campaign has written. */
  files: { name: string; bytes: number }[];
}

/** Everything about a campaign on one page: state, tree, insights, nodes with their details. */
export function campaignPage({ view, owner, version, node, files }: CampaignPage, links: PageLinks): Html {
  const numbers = view.nodes.map((n) => n.number);
  const range = shownRange(numbers, node);
  const nodeHref = (number: number): string =>
    `${links.toCampaign(view.id, '', { node: String(number) })}#node-${number}`;
  const body = html`<header>${links.list === null ? '' : html`<a href="${links.list}">All campaigns</a>`}</header>
<main>
<h1 data-part="title">${view.title}</h1>
<p data-part="headline">${unmark(headline(view))}</p>
<p class="muted" data-part="now">${withNodeLinks(unmark(nowLine(view)), nodeHref)}</p>
<p class="muted" data-part="facts">${facts(view, owner, links)}</p>
<section aria-label="Tree of experiments">
<div class="picture" tabindex="0" role="region" aria-label="${treeAltText(view)}">
<figure data-part="tree">${raw(treeSvg(view, { nodeHref }))}</figure>
</div>
</section>
<section data-part="files">${fileList(view, files, links)}</section>
<section data-part="insights">${insights(view, nodeHref)}</section>
<section>
<h2>Nodes</h2>
<nav class="pager" data-part="pages">${pages(numbers, range.from, nodeHref)}</nav>
${nodeList(view, { range, open: node, nodeHref, curvesHref: (number) => links.toCampaign(view.id, `/nodes/${number}/curves.png`) })}
</section>
</main>`;
  return layout({
    title: view.title,
    body,
    live: { eventsUrl: links.toCampaign(view.id, '/events'), version },
  });
}

const facts = (view: CampaignView, owner: string, links: PageLinks): Html =>
  html`Asked for by ${owner}${view.startedAt === null ? '' : html` · started ${moment(view.startedAt)}`}${
    view.finishedAt === null ? '' : html` · ended ${moment(view.finishedAt)}`
  } · <a href="${links.toCampaign(view.id, '/thread')}">thread</a> · <a href="${links.toCampaign(view.id, '/tree.txt')}">tree as text</a>`;

function fileList(view: CampaignView, files: CampaignPage['files'], links: PageLinks): Html {
  if (files.length === 0) return html``;
  const items = files.map(
    ({ name, bytes }) =>
      html`<li><a href="${links.toCampaign(view.id, `/files/${encodeURIComponent(name)}`)}">${name}</a> ${bytesText(bytes)}</li>`,
  );
  return html`<h2>Files</h2><ul>${items}</ul>`;
}

function insights(view: CampaignView, nodeHref: (number: number) => string): Html {
  if (view.insights.length === 0) return html``;
  const lines = view.insights.map((i) => html`<li>${withNodeLinks(unmark(insightText(i)), nodeHref)}</li>`);
  return html`<h2>Insights</h2><ul>${lines}</ul>`;
}

function pages(numbers: number[], shown: number, nodeHref: (number: number) => string): Html {
  const ranges = rangesOf(numbers);
  if (ranges.length === 1) return html``;
  return html`${ranges.map(({ from, to }) =>
    from === shown
      ? html`<span aria-current="page">#${from}–${to}</span> `
      : html`<a href="${nodeHref(from)}">#${from}–${to}</a> `,
  )}`;
}
