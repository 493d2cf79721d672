/**
 * Slack's text format. `Mrkdwn` is text that may be sent unchanged: its parts were escaped by `md`, so that no text of
 * a person, a file or a model can mention people (`<!channel>`, `<@U1>`) or hide a link.
 */
export class Mrkdwn {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
const loneSurrogates = /\p{Surrogate}/gu;

/** Whether JSON and addresses can hold the text: no half of a surrogate pair. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/**
 * Removes characters that no display can show: control characters (tab and newline stay) and halves of surrogate pairs.
 */
export function clean(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(controls, '').replace(loneSurrogates, '\uFFFD');
}

export function escapeMrkdwn(text: string): string {
  return clean(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** Builds mrkdwn: strings and numbers are escaped, `Mrkdwn` parts are taken as they are. */
export function md(strings: TemplateStringsArray, ...values: (string | number | Mrkdwn)[]): Mrkdwn {
  let text = strings[0] ?? '';
  for (const [i, value] of values.entries()) {
    text += value instanceof Mrkdwn ? value.text : escapeMrkdwn(String(value));
    text += strings[i + 1] ?? '';
  }
  return new Mrkdwn(text);
}

export function joinMrkdwn(parts: (Mrkdwn | null)[], separator: string): Mrkdwn {
  return new Mrkdwn(
    parts.flatMap((part) => (part === null || part.text === '' ? [] : [part.text])).join(separator),
  );
}

/** Mentions of people by id; a string that is no Slack id mentions nobody. Null when nobody is left. */
export function mentions(ids: readonly string[]): Mrkdwn | null {
  const known = ids.filter((id) => /^[UW][A-Z0-9]+$/.test(id));
  return known.length === 0 ? null : new Mrkdwn(known.map((id) => `<@${id}>`).join(' '));
}

/** Bold; asterisks and line ends inside would end it early and are removed. */
export function bold(text: string): Mrkdwn {
  const inner = text.replace(/[*\s]+/g, ' ').trim();
  return inner === '' ? new Mrkdwn('') : md`*${inner}*`;
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** A link, or the label alone when the address is not http(s). */
export function link(url: string, label: string): Mrkdwn {
  if (!/^https?:\/\//.test(url)) return md`${label}`;
  const safe = url.replace(/[<>|\s]/g, (c) => encodeURIComponent(c));
  return new Mrkdwn(`<${safe}|${escapeMrkdwn(oneLine(label)).replaceAll('|', '/')}>`);
}

/** Preformatted lines; backticks inside would end the block and are replaced. */
export function codeBlock(lines: string[]): Mrkdwn {
  return md`\`\`\`${lines.join('\n').replaceAll('`', 'ˋ')}\`\`\``;
}

/**
 * The text that a person typed, from the text that Slack sends: the bot's own mention removed, other mentions as @id,
 * channels as #name, links as their label (with the address behind it when it says more), entities decoded.
 */
export function decodeMessageText(text: string, botUserId: string): string {
  const decoded = text.replace(/<([^<>]*)>/g, (whole, inside: string) => {
    const bar = inside.indexOf('|');
    const target = bar < 0 ? inside : inside.slice(0, bar);
    const label = bar < 0 ? '' : inside.slice(bar + 1);
    if (target === `@${botUserId}`) return '';
    if (target.startsWith('@')) return label ? `@${label.replace(/^@/, '')}` : target;
    if (target.startsWith('#')) return `#${label || target.slice(1)}`;
    if (target.startsWith('!subteam^')) return label || '@group';
    if (target.startsWith('!date^')) return label;
    if (target.startsWith('!')) return `@${target.slice(1)}`;
    if (/^(mailto|tel):/.test(target)) return label || target.replace(/^[a-z]+:/, '');
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) {
      if (label === '' || label === target) return target;
      // Slack turns `site.org` into a link by itself; the person typed that label.
      return target.replace(/^https?:\/\//, '').replace(/\/$/, '') === label.replace(/\/$/, '')
        ? label
        : `${label} (${target})`;
    }
    return whole;
  });
  return decoded
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/[ \t]+/g, ' ')
    .replace(/^ | $/gm, '')
    .trim();
}
