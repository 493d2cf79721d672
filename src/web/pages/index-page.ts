import { html } from 'hono/html';
import { clip } from '../../lib/text.ts';
import {
  type CampaignSummary,
  campaignsPerPage,
  type ListFilter,
  listFilters,
} from '../../operations/view/list-started.ts';
import { scoreText, spendText } from '../../report/format.ts';
import type { PageLinks } from '../page-links.ts';
import { type Html, layout } from './layout.ts';
import { moment } from './moment.ts';

/** The part of the list to show. `path` is that of the list itself. */
export interface ListView {
  campaigns: CampaignSummary[];
  total: number;
  filter: ListFilter;
  page: number;
  path: string;
}

/** The list of campaigns: a table, or on a narrow screen a card each. */
export function indexPage(view: ListView, links: PageLinks, version: string): Html {
  const { campaigns, total, filter } = view;
  const empty =
    filter === 'all'
      ? 'No campaign was started yet. Write to the bot in Slack to start one.'
      : `No campaign is ${filter}.`;
  const body = html`<main>
<h1>Campaigns</h1>
<nav class="filters" data-part="filters">${filterLinks(view, links)}</nav>
<div data-part="list">${
    total === 0
      ? html`<p class="muted">${empty}</p>`
      : html`<table class="cards">
<thead><tr><th>Campaign</th><th>State</th><th>Best score</th><th>Spent</th><th>Owner</th><th>Started</th><th>Ended</th><th>Thread</th></tr></thead>
<tbody>${campaigns.map((campaign) => row(campaign, links))}</tbody>
</table>`
  }</div>
<nav class="pager" data-part="pager">${pager(view, links)}</nav>
</main>`;
  return layout({
    title: 'trex campaigns',
    body,
    live: { eventsUrl: links.to(`${view.path}events`), version },
  });
}

const filterLinks = ({ filter, path }: ListView, links: PageLinks): Html[] =>
  (Object.keys(listFilters) as ListFilter[]).map(
    (name) =>
      html`<a href="${links.to(path, name === 'all' ? {} : { state: name })}"${name === filter ? html` aria-current="page"` : ''}>${name}</a> `,
  );

function pager({ total, page, filter, path }: ListView, links: PageLinks): Html {
  const pages = Math.ceil(total / campaignsPerPage);
  if (pages <= 1) return html``;
  const state = filter === 'all' ? {} : { state: filter };
  const to = (number: number, text: string): Html =>
    html`<a href="${links.to(path, { ...state, page: String(number) })}">${text}</a> `;
  return html`${page > 1 ? to(page - 1, 'Newer') : ''}<span class="muted">page ${page} of ${pages}</span> ${page < pages ? to(page + 1, 'Older') : ''}`;
}

function row(campaign: CampaignSummary, links: PageLinks): Html {
  const { id, title, owner, best, spent, limit, startedAt, finishedAt } = campaign;
  const thread = links.toCampaign(id, '/thread');
  return html`<tr>
<td data-label="Campaign"><a href="${links.toCampaign(id)}">${title}</a> <span class="muted">${id}</span></td>
<td data-label="State">${stateText(campaign)}</td>
<td data-label="Best score">${best === null ? 'none yet' : `${scoreText(best.score)} on ${best.split}`}</td>
<td data-label="Spent">${spendText(spent, limit)}</td>
<td data-label="Owner">${owner}</td>
<td data-label="Started">${moment(startedAt)}</td>
<td data-label="Ended">${finishedAt === null ? '–' : moment(finishedAt)}</td>
<td data-label="Thread"><a href="${thread}">open</a></td>
</tr>
`;
}

function stateText({ state, heldBecause, waiting }: CampaignSummary): string {
  const asks = waiting === 0 ? '' : waiting === 1 ? ', 1 question open' : `, ${waiting} questions open`;
  switch (state) {
    case 'searching':
    case 'confirming':
      return `${heldBecause === null ? state : clip(heldBecause, 80)}${asks}`;
    default:
      return state;
  }
}
