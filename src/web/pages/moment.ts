import { html } from 'hono/html';
import { momentText } from '../../report/format.ts';
import type { Html } from './layout.ts';

/** A moment in UTC; the script shows it in the reader's own time. */
export const moment = (iso: string): Html => html`<time datetime="${iso}">${momentText(iso)}</time>`;
