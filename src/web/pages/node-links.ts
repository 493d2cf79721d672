import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** A text in which the nodes that it names (`#8`) are links. */
export function withNodeLinks(text: string, nodeHref: (number: number) => string): Html {
  const parts = text.split(/((?<![\w&#/])#\d{1,5}\b)/);
  return html`${parts.map((part) =>
    /^#\d+$/.test(part) ? html`<a href="${nodeHref(Number(part.slice(1)))}">${part}</a>` : part,
  )}`;
}
