import { isFinalCampaign } from '../campaign/states.ts';
import type { CampaignView } from '../campaign/view.ts';
import { faces } from '../report/fonts.ts';
import { headline, insightText, nodeText, nowLine } from '../report/thread-text.ts';
import { treeAltText, treeSvg } from '../report/tree-picture.ts';

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** With any other font the words of a picture run into each other. */
const fontFaces = faces
  .map(
    ({ family, weight, file }) =>
      `@font-face { font-family: ${family}; font-weight: ${weight}; src: url(/fonts/${file}) }`,
  )
  .join('\n  ');

const style = `
  ${fontFaces}
  body { font: 16px/1.5 Inter, system-ui, sans-serif; color: #0f172a; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
  svg { max-width: 100%; height: auto } pre { white-space: pre-wrap; background: #f8fafc; padding: 1rem; border-radius: 8px }
  a { color: #1d4ed8 } li { margin: .4rem 0 } .muted { color: #475569 }`;

function page(title: string, body: string, refreshSeconds: number | null): string {
  const refresh = refreshSeconds === null ? '' : `<meta http-equiv="refresh" content="${refreshSeconds}">`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">${refresh}<style>${style}</style></head>
<body>${body}</body></html>`;
}

/** Slack's bold and code marks as plain text: this page has its own headings. */
const plain = (text: string): string => escapeHtml(text.replace(/[*`]/g, ''));

export function indexPage(campaigns: { id: string; line: string }[]): string {
  const items = campaigns
    .map(
      ({ id, line }) =>
        `<li><a href="/campaigns/${encodeURIComponent(id)}">${escapeHtml(id)}</a> ${plain(line)}</li>`,
    )
    .join('');
  const list =
    items === ''
      ? '<p class="muted">No campaign yet. Write to the bot in Slack to start one.</p>'
      : `<ul>${items}</ul>`;
  return page('trex campaigns', `<h1>Campaigns</h1>${list}`, 10);
}

export function campaignPage(view: CampaignView): string {
  const nodes = view.nodes
    .map(
      (n) =>
        `<details id="node-${n.number}"><summary>#${n.number} ${escapeHtml(n.title)}</summary><pre>${plain(nodeText(view, n.number))}</pre></details>`,
    )
    .join('');
  const insights = view.insights.map((i) => `<li>${plain(insightText(i))}</li>`).join('');
  const body = `<p><a href="/">All campaigns</a></p><h1>${escapeHtml(view.title)}</h1>
<p>${plain(headline(view))}</p><p class="muted">${plain(nowLine(view))}</p>
<figure role="img" aria-label="${escapeHtml(treeAltText(view))}">${treeSvg(view)}</figure>
${insights === '' ? '' : `<h2>Insights</h2><ul>${insights}</ul>`}<h2>Rounds</h2>${nodes}`;
  return page(view.title, body, isFinalCampaign(view.state) ? null : 5);
}

/** A picture as a document of its own. */
export const pictureFile = (svg: string): string => svg.replace('>', `><style>${fontFaces}</style>`);
