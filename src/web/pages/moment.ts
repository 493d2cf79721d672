import { html } from 'hono/html';
import { momentText } from '../../report/format.ts';
import type { Html } from './layout.ts';

/** A time in UTC; the script shows it in the reader's time zone. */
export const moment = (iso: string): Html => html`<time datetime="${iso}">${momentText(iso)}</time>`;
