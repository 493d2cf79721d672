import type { types } from '@slack/bolt';
import { type Block, limits, splitText } from '../limits.ts';
import { clean, isWellFormed, Mrkdwn, oneLine } from '../mrkdwn.ts';

/** Sections holding the text, several when it is long. */
export function paragraphs(text: Mrkdwn): Block[] {
  return splitText(text.text, limits.sectionText).map((piece) => section(new Mrkdwn(piece)));
}

export function section(text: Mrkdwn): types.SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: text.text } };
}

export function fineprint(text: Mrkdwn): Block {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: text.text }] };
}

export function actions(...elements: types.Button[]): Block {
  return { type: 'actions', elements };
}

export interface ButtonOptions {
  value?: string;
  style?: 'primary' | 'danger';
  /** Asks once more before the click counts. */
  confirm?: { title: string; text: string; yes: string };
}

export function button(label: string, actionId: string, options: ButtonOptions = {}): types.Button {
  const { value, style, confirm } = options;
  return {
    type: 'button',
    text: plain(label),
    action_id: actionId,
    ...(value === undefined ? {} : { value }),
    // The stored style may be another one, and Slack refuses the whole message for it.
    ...(style === 'primary' || style === 'danger' ? { style } : {}),
    ...(confirm
      ? {
          confirm: {
            title: plain(confirm.title),
            text: plain(confirm.text),
            confirm: plain(confirm.yes),
            deny: plain('Not now'),
          },
        }
      : {}),
  };
}

/** Slack reads no mentions or links here; they are broken all the same, for people who copy the text. */
export function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text: oneLine(clean(text)).replaceAll('<', '‹'), emoji: true };
}

/**
 * `verb:part:part`; the parts are our own ids. `parseActionId` splits it again. A part that cannot be encoded stays
 * unchanged, and `fitBlocks` drops the button of such an id.
 */
export function actionId(verb: string, ...parts: (string | number)[]): string {
  return [verb, ...parts.map(encodePart)].join(':');
}

function encodePart(part: string | number): string {
  const text = String(part);
  return isWellFormed(text) ? encodeURIComponent(text) : text;
}

export function parseActionId(id: string): { verb: string; parts: string[] } {
  const [verb = '', ...parts] = id.split(':');
  return { verb, parts: parts.map(decodePart) };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
