import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Slack's bold and code marks as plain text: pages have their own headings. */
export const unmark = (text: string): string => text.replace(/[*`]/g, '');

/**
 * A whole page. Its text is in parts (`data-part`), which the script exchanges one by one when a newly fetched page has
 * other text in them; without script it is an ordinary page.
 * @param live address of the events of changes, and the version shown; null for a page that does not change
 */
export function layout(input: {
  title: string;
  body: Html;
  live: { eventsUrl: string; version: string } | null;
}): Html {
  const { title, body, live } = input;
  const attributes =
    live === null ? '' : html` data-events="${live.eventsUrl}" data-version="${live.version}"`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/assets/page.css">
${live === null ? '' : raw('<script src="/assets/page.js" defer></script>')}
</head>
<body${attributes}>
<p id="notice" class="notice" role="status" hidden></p>
${body}
</body>
</html>`;
}

/** A page with one message, such as a refusal. */
export const messagePage = (title: string, sentences: string[]): Html =>
  layout({
    title,
    live: null,
    body: html`<main><h1>${title}</h1>${sentences.map((text) => html`<p>${text}</p>`)}</main>`,
  });
